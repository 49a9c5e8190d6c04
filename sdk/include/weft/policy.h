/* SPDX-License-Identifier: Apache-2.0 */
/* weft/policy.h - a plugin interface: which of the possible services shall do a task.
 *
 * The host asks after its rules and hard filters (limits, budget, health) have spoken, so a policy
 * chooses among what is allowed and can veto, but never allow. If it fails or takes longer than 50
 * ms the built-in objective decides. */
#ifndef WEFT_POLICY_H
#define WEFT_POLICY_H

#include <weft/abi.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define WEFT_POLICY "weft.policy/1"

typedef struct weft_candidate {
  uint32_t size;
  uint32_t in_flight;
  weft_str service;
  weft_str tags;         /* [json] array of strings */
  double health;         /* 0..1 */
  double success_rate;   /* 0..1, moving average over attempts; NaN unknown */
  double latency_p50_ms; /* of finished attempts at this operation; NaN unknown */
  double latency_p95_ms; /* NaN unknown */
  double queue_ms;       /* expected wait before it begins; NaN unknown */
  double quality;        /* 0..1, prior and feedback; NaN unknown */
  int64_t cost_micros;   /* estimate for this very task, in the task's currency; -1 unknown */
  uint64_t samples;      /* attempts behind these numbers */
} weft_candidate;

typedef struct weft_rank { /* [frozen] what is not ranked is vetoed */
  uint32_t index;          /* into `candidates` */
  uint32_t reserved;
  double score;    /* higher is better */
  weft_str reason; /* for people; stands in the decision */
} weft_rank;

typedef struct weft_outcome {
  uint32_t size;
  weft_status status;
  weft_id decision; /* the `call` of its ranking */
  weft_str service;
  double latency_ms;
  double quality; /* NaN until a person or a judge rated it; then it is sent again */
  int64_t cost_micros;
} weft_outcome;

typedef struct weft_policy {
  uint32_t size;
  uint32_t reserved;
  /* [strand] Ends `call` with items = weft_rank. `candidates` are weft_candidate; the task has no
   * job id. */
  weft_status (*rank)(const weft_instance* instance, weft_id call, const weft_task* task,
                      weft_list candidates) WEFT_NOEXCEPT;
  /* [strand] What became of a decision. Optional. */
  void (*feedback)(const weft_instance* instance, const weft_outcome* outcome) WEFT_NOEXCEPT;
} weft_policy;

WEFT_SIZE(weft_rank, 32);
WEFT_AT(weft_candidate, samples, 96);
WEFT_AT(weft_outcome, cost_micros, 48);
WEFT_AT(weft_policy, feedback, 16);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_POLICY_H */

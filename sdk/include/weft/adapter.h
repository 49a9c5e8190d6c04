/* SPDX-License-Identifier: Apache-2.0 */
/* weft/adapter.h - a plugin interface: a service that does operations, asynchronously.
 *
 * The life of a job:   submit -> (progress | checkpoint | output)* -> end       (weft/host.h)
 * After a restart:     attach -> (progress | checkpoint | output)* -> end
 *
 * All functions return at once; WEFT_OK accepts the id, whose one end comes later. Another status
 * is itself the end. Outputs said before a restart are forgotten: the attached job repeats them. */
#ifndef WEFT_ADAPTER_H
#define WEFT_ADAPTER_H

#include <weft/abi.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define WEFT_ADAPTER "weft.adapter/1"

typedef struct weft_adapter {
  uint32_t size;
  uint32_t reserved;

  /* [strand] What can it do? It may ask the service; the host keeps the last good answer.
   * Ends `call` with
   *   {"recover": "key" | "token" | "none",     see attach; default "token"
   *    "operations": [{
   *      "name":    "video.from_image",
   *      "params":  <JSON Schema draft-07>,     narrower than the canonical one; default: that
   *      "options": <JSON Schema draft-07>,     of what only this component knows; absent: nothing
   *      "inputs":  {"image": {"media_types": ["image/png"], "list": false, "optional": false}},
   *      "outputs": {"video": {"media_types": ["video/mp4"], "list": false}},
   *      "tags":    ["fast"],
   *      "revision": <any JSON>,                differs when equal params may give another result
   *                                             than before, and config has not changed: the graph
   *                                             behind them, say; so none is taken from a cache
   *      "samples": [{"status": 200, "body": {"id": "j1"}}]}]}   answers as the service might give
   *                                             them to one job, for rehearsals; optional
   * Absent inputs and outputs are the canonical ones; list and optional are false by default. */
  weft_status (*describe)(const weft_instance* instance, weft_id call) WEFT_NOEXCEPT;

  /* [strand] Is it well? WEFT_OK with what is known of {"queue": 3, "models": ["..."],
   * "free_vram_bytes": 0}, or the status a job would get now; what is told must come from the
   * service itself: one that is left alone may be tried out then. Must cost nothing. Optional. */
  weft_status (*probe)(const weft_instance* instance, weft_id call) WEFT_NOEXCEPT;

  /* [strand] What would this task cost (weft_result.cost_...), how long would it take
   * ({"p50_ms": 40000})? The task's job is 0. Optional: else the host reckons from price and
   * history. */
  weft_status (*estimate)(const weft_instance* instance, weft_id call,
                          const weft_task* task) WEFT_NOEXCEPT;

  /* [strand] Do it. The intent and the idempotency key are durable when this is called. */
  weft_status (*submit)(const weft_instance* instance, const weft_task* task) WEFT_NOEXCEPT;

  /* [strand] Go on with an attempt after a restart. `token` is its last durable checkpoint. An
   * EMPTY token means: the request may or may not have been sent, look it up by the idempotency
   * key; go on with it, or end with WEFT_LOST if the service provably does not have it,
   * WEFT_UNKNOWN if that cannot be told. Never buy here.
   *   recover "key":    with a token, or with an empty one if no checkpoint was durable
   *   recover "token":  only with a token
   *   recover "none":   never; may be NULL */
  weft_status (*attach)(const weft_instance* instance, const weft_task* task,
                        weft_str token) WEFT_NOEXCEPT;

  /* [strand] A wish about a job or call: stop, and cancel what runs remotely. The end still comes,
   * within 10 s: WEFT_CANCELLED if nothing runs on, WEFT_UNKNOWN if that was not confirmed,
   * or whatever happened first. WEFT_BAD_INPUT: no such id (it ended meanwhile). */
  weft_status (*cancel)(const weft_instance* instance, weft_id id) WEFT_NOEXCEPT;
} weft_adapter;

WEFT_AT(weft_adapter, cancel, 48);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_ADAPTER_H */

/* SPDX-License-Identifier: Apache-2.0 */
/* weft/host.h - small services of the host: log, job, timer, secret, state, metric.
 *
 * A plugin asks for a table once, in create: host->service(host, WEFT_TIMER). Ids: law 3. */
#ifndef WEFT_HOST_H
#define WEFT_HOST_H

#include <weft/abi.h>

#if defined(__cplusplus)
extern "C" {
#endif

/* ---- weft.log/1 ---- */

#define WEFT_LOG "weft.log/1"
enum {
  WEFT_LOG_TRACE = 0,
  WEFT_LOG_DEBUG = 1,
  WEFT_LOG_INFO = 2,
  WEFT_LOG_WARN = 3,
  WEFT_LOG_ERROR = 4,
  WEFT_LOG_HOST_MISBEHAVES = 5 /* the host broke a law; always shown */
};
typedef struct weft_log {
  uint32_t size;
  uint32_t threshold; /* levels below it are dropped: do not build them */
  /* [any] `id`: the job or call it is about, or 0. `fields` [json]: an object. Secrets that the
   * host gave are masked. */
  void (*write)(const weft_host* host, int32_t level, weft_id id, weft_str text,
                weft_str fields) WEFT_NOEXCEPT;
} weft_log;

/* ---- weft.job/1 ---- */

/* What a plugin says about ids that the host gave it. Statements about one job are committed in the
 * order they were made, so an `end` needs not wait for the checkpoint before it. After `end` every
 * statement about that id is a mistake: it is ignored, and logged. When a job ends, operations
 * still running for it are cancelled. */
#define WEFT_JOB "weft.job/1"
enum { WEFT_EV_CHECKPOINT = 5 }; /* a plain weft_event: the token is durable, or why not */
typedef struct weft_job {
  uint32_t size;
  uint32_t reserved;
  /* [any] How far it is: 0..1000, or -1 unknown; `stage` for people ("sampling"). Coalesced: say it
   * as often as you like. */
  void (*progress)(const weft_host* host, weft_id job, int32_t permille,
                   weft_str stage) WEFT_NOEXCEPT;
  /* [any] Makes `token` (1..4096 bytes; what finds the remote job again; a digest, never an
   * artifact id) durable, then WEFT_EV_CHECKPOINT with `op`. After a restart `attach` is called
   * with the last durable one. Checkpoint right after the service accepted the request, and before
   * anything that relies on it. */
  weft_status (*checkpoint)(const weft_host* host, weft_id op, weft_id job,
                            weft_str token) WEFT_NOEXCEPT;
  /* [any] One output of a job; several of one name make a list. `meta` [json]: width, height,
   * duration_ms, seed or more. Visible to others only when the job ends with WEFT_OK.
   *   BYTES     are copied; larger ones than 16 MiB go through a file
   *   ARTIFACT  of this process
   *   FILE      only in a job that an executor runs, since it is hashed before this returns; it is
   *             moved if its path was reserved, else copied */
  weft_status (*output)(const weft_host* host, weft_id job, const weft_named* output,
                        weft_str meta) WEFT_NOEXCEPT;
  /* [any] The one end of a job or call (law 4). */
  void (*end)(const weft_host* host, weft_id id, const weft_result* result) WEFT_NOEXCEPT;
  /* [any] Not 0 once the job shall stop; cheap, for the loops of a worker. An unknown id counts as
   * cancelled. */
  int32_t (*cancelled)(const weft_host* host, weft_id job) WEFT_NOEXCEPT;
} weft_job;

/* ---- weft.timer/1 ---- */

#define WEFT_TIMER "weft.timer/1" /* time belongs to the host: tests run on a virtual clock */
enum { WEFT_EV_TIMER = 1 };       /* a plain weft_event */
typedef struct weft_timer {
  uint32_t size;
  uint32_t reserved;
  /* [any] Unix time. */
  int64_t (*now_ms)(const weft_host* host) WEFT_NOEXCEPT;
  /* [any] One shot. */
  weft_status (*start)(const weft_host* host, weft_id op, uint32_t delay_ms) WEFT_NOEXCEPT;
  /* [any] Its event comes now: WEFT_CANCELLED. */
  void (*cancel)(const weft_host* host, weft_id op) WEFT_NOEXCEPT;
} weft_timer;

/* ---- weft.secret/1 ---- */

/* For services that sign requests themselves. Whoever only sends a key writes "{secret:NAME}" in an
 * HTTP header and never sees it. */
#define WEFT_SECRETS "weft.secret/1"
typedef struct weft_secrets {
  uint32_t size;
  uint32_t reserved;
  /* [any] Only names listed under `secrets` of the service; each read is audited. WEFT_AUTH: not
   * listed or not set. */
  weft_status (*get)(const weft_host* host, weft_str name, void* context,
                     weft_take value) WEFT_NOEXCEPT;
} weft_secrets;

/* ---- weft.state/1 ---- */

/* Small durable values of one service (keys to 256 bytes, values to 64 KiB): learned weights,
 * cursors. */
#define WEFT_STATE "weft.state/1"
typedef struct weft_state {
  uint32_t size;
  uint32_t reserved;
  /* [any] WEFT_LOST: no such key; the sink is not called. */
  weft_status (*get)(const weft_host* host, weft_str key, void* context,
                     weft_take value) WEFT_NOEXCEPT;
  /* [any] Seen by the next `get`, durable with the next commit. An empty value removes the key. */
  weft_status (*put)(const weft_host* host, weft_str key, weft_str value) WEFT_NOEXCEPT;
} weft_state;

/* ---- weft.metric/1 ---- */

/* Shown with the label service="..." and the prefix weft_plugin_. `labels` [json]: an object of
 * strings. */
#define WEFT_METRICS "weft.metric/1"
typedef struct weft_metrics {
  uint32_t size;
  uint32_t reserved;
  /* [any] Counts up. */
  void (*add)(const weft_host* host, weft_str counter, weft_str labels, double delta) WEFT_NOEXCEPT;
  /* [any] One sample of a distribution. */
  void (*observe)(const weft_host* host, weft_str histogram, weft_str labels,
                  double value) WEFT_NOEXCEPT;
} weft_metrics;

WEFT_AT(weft_log, write, 8);
WEFT_AT(weft_job, cancelled, 40);
WEFT_AT(weft_timer, cancel, 24);
WEFT_AT(weft_secrets, get, 8);
WEFT_AT(weft_state, put, 16);
WEFT_AT(weft_metrics, observe, 16);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_HOST_H */

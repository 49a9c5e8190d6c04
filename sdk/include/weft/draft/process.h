/* SPDX-License-Identifier: Apache-2.0 */
/* weft/draft/process.h - child processes, which belong to the host: no plugin forks.
 * DRAFT: may change with any release.
 *
 * A child leads a process group of its own, has /dev/null as stdin, and is killed as a group
 * (SIGTERM, after 2 s SIGKILL) when it is cancelled, its job ends or is cancelled, or its time is
 * up; and with the runtime, however that dies. It sees PATH, HOME, LANG, LC_*, TMPDIR, CUDA_* and
 * the additions of the request; nothing else of the runtime's environment, where keys may stand. */
#ifndef WEFT_DRAFT_PROCESS_H
#define WEFT_DRAFT_PROCESS_H

#include <weft/abi.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define WEFT_PROCESS "weft.process-draft/1"

typedef struct weft_process_request {
  uint32_t size;
  uint32_t timeout_ms; /* 0 none */
  weft_list argv;      /* weft_str; argv[0] is looked up in PATH unless it has a slash; no shell */
  weft_str cwd;        /* empty: the folder of the job, the one that `reserve` uses */
  weft_list env;       /* weft_pair, additions */
} weft_process_request;

/* LINE does not end the operation; EXIT does. head.status of EXIT:
 *   WEFT_OK           it came to its own end, whatever exit_code or signal say
 *   WEFT_UNSUPPORTED  no such program
 *   WEFT_NOT_SENT     it could not be started, for lack of something
 *   WEFT_TRANSIENT    timeout_ms is over
 *   WEFT_CANCELLED    after a cancel
 * It comes when the child has ended and its output was read; what it left behind is killed. */
enum { WEFT_EV_PROCESS_LINE = 1024, WEFT_EV_PROCESS_EXIT = 1025 };
enum { WEFT_STDOUT = 1, WEFT_STDERR = 2 };
typedef struct weft_process_event {
  weft_event head;
  uint32_t stream;   /* of LINE: WEFT_STDOUT or WEFT_STDERR */
  int32_t exit_code; /* of EXIT; -1 if a signal ended it */
  int32_t signal;    /* of EXIT; 0 if none */
  uint32_t reserved;
  /* Of LINE: what stands before \n or \r, in pieces of at most 64 KiB; not always UTF-8. */
  weft_str line;
} weft_process_event;

/* Gets the same events as an instance would, with id 0, on the thread that called `run` (law 7).
 * Answers 0 to go on; anything else ends the child as if it were cancelled. */
typedef int32_t (*weft_process_sink)(void* context, const weft_process_event* event) WEFT_NOEXCEPT;

typedef struct weft_process {
  uint32_t size;
  uint32_t reserved;
  /* [any] Asynchronous, for adapters: WEFT_EV_PROCESS_LINE*, then WEFT_EV_PROCESS_EXIT once. */
  weft_status (*start)(const weft_host* host, weft_id op, weft_id job,
                       const weft_process_request* request) WEFT_NOEXCEPT;
  /* [any] Kills the group. */
  void (*cancel)(const weft_host* host, weft_id op) WEFT_NOEXCEPT;
  /* [worker] Blocking, for executors: calls `sink` for each line and, last, for the exit, whose
   * status it returns; before the child began it may return WEFT_BAD_INPUT without any event. Ended
   * early when the job is cancelled. `sink` may make other host calls; while it runs, the child's
   * output waits in the pipe. */
  weft_status (*run)(const weft_host* host, weft_id job, const weft_process_request* request,
                     void* context, weft_process_sink sink) WEFT_NOEXCEPT;
} weft_process;

WEFT_AT(weft_process_request, env, 40);
WEFT_AT(weft_process_event, line, 56);
WEFT_AT(weft_process, run, 24);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_DRAFT_PROCESS_H */

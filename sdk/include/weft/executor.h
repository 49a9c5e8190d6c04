/* SPDX-License-Identifier: Apache-2.0 */
/* weft/executor.h - a plugin interface: local work that blocks a thread of the host.
 *
 * The manifest lists the operations (in the form of describe's answer, see adapter.h), "class"
 * ("cpu", "gpu", "io": whose slots a job takes) and "slots" (how many of them one job takes,
 * default 1). `run` is entered by as many workers at once as the service has concurrency: an
 * executor keeps the state of a job on its stack. It is never attached: a restart ends the attempt
 * as interrupted and begins another.
 *
 * An executor reads inputs through weft_artifacts.locate, writes files at paths from `reserve`,
 * hands them over with weft_job.output (WEFT_FILE), and runs programs with weft_process.run
 * (draft/process.h), all of which may block. */
#ifndef WEFT_EXECUTOR_H
#define WEFT_EXECUTOR_H

#include <weft/abi.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define WEFT_EXECUTOR "weft.executor/1"

typedef struct weft_executor {
  uint32_t size;
  uint32_t reserved;
  /* [worker] Does the task and ends its job before it returns WEFT_OK. Another status: not begun,
   * that is the end. */
  weft_status (*run)(const weft_instance* instance, const weft_task* task) WEFT_NOEXCEPT;
  /* [any] The job shall stop: `cancelled` says so from now on, weft_process.run has been ended.
   * Optional, for those that wait for something else. Still ends as WEFT_CANCELLED, within 10 s. */
  void (*interrupt)(const weft_instance* instance, weft_id job) WEFT_NOEXCEPT;
} weft_executor;

WEFT_AT(weft_executor, interrupt, 16);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_EXECUTOR_H */

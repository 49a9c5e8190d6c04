/* SPDX-License-Identifier: Apache-2.0 */
/* Every C header, each from nothing, as strict C11; the layout asserts inside them are the test. */
#include <weft/abi.h>
#include <weft/adapter.h>
#include <weft/artifact.h>
#include <weft/draft/expression.h>
#include <weft/draft/preview.h>
#include <weft/draft/process.h>
#include <weft/draft/websocket.h>
#include <weft/executor.h>
#include <weft/host.h>
#include <weft/http.h>
#include <weft/policy.h>

/* Asked by laws_test.cpp: C and C++ must mean the same by every status and every size. */
uint64_t weft_test_sizes_in_c(void);
uint64_t weft_test_sizes_in_c(void) {
  return sizeof(weft_task) + 3 * sizeof(weft_result) + 5 * sizeof(weft_http_request) +
         7 * sizeof(weft_http_event) + 11 * sizeof(weft_process_event) +
         13 * sizeof(weft_candidate) + 17 * sizeof(weft_adapter) + 19 * sizeof(weft_job);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* weft/draft/preview.h - what a job's result looks like by now, for whoever looks. DRAFT: may
 * change with any release.
 *
 * Previews are kept in memory, the newest of each task, and only while somebody looks: nothing
 * depends on them, and none is ever stored. */
#ifndef WEFT_DRAFT_PREVIEW_H
#define WEFT_DRAFT_PREVIEW_H

#include <weft/abi.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define WEFT_PREVIEW "weft.preview-draft/1"

typedef struct weft_preview {
  uint32_t size;
  uint32_t reserved;
  /* [any] Not 0 while somebody looks at this job; cheap. Ask before making one. */
  int32_t (*wanted)(const weft_host* host, weft_id job) WEFT_NOEXCEPT;
  /* [any] A picture of at most 4 MiB, in place of the one before; dropped when nobody looks.
   * WEFT_BAD_INPUT: larger, without a media type, or of a job that is not open. */
  weft_status (*show)(const weft_host* host, weft_id job, weft_str media_type,
                      weft_str bytes) WEFT_NOEXCEPT;
} weft_preview;

WEFT_AT(weft_preview, show, 16);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_DRAFT_PREVIEW_H */

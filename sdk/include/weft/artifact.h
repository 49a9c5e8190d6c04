/* SPDX-License-Identifier: Apache-2.0 */
/* weft/artifact.h - the content-addressed store of artifacts. Files move in by rename or reflink,
 * not by copy.
 *
 * An artifact id is good as long as the process; what must survive it (a token, say) keeps the
 * SHA-256 and calls `find`. */
#ifndef WEFT_ARTIFACT_H
#define WEFT_ARTIFACT_H

#include <weft/abi.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define WEFT_ARTIFACTS "weft.artifact/1"

enum { WEFT_EV_ARTIFACT = 4 }; /* ends a commit */
typedef struct weft_artifact_event {
  weft_event head;
  weft_id artifact;
  weft_str digest; /* SHA-256 in hex */
  uint64_t length; /* bytes */
} weft_artifact_event;

typedef struct weft_artifacts {
  uint32_t size;
  uint32_t reserved;
  /* [any] A path for a new file, in a folder of this job that is removed with its end; its
   * extension follows the media type (none if empty). The file itself is not made. */
  weft_status (*reserve)(const weft_host* host, weft_id job, weft_str media_type, void* context,
                         weft_take path) WEFT_NOEXCEPT;
  /* [any] Takes a finished file into the store, then WEFT_EV_ARTIFACT: moved if its path was
   * reserved, else copied. For adapters; an executor simply says weft_job.output with WEFT_FILE. */
  weft_status (*commit)(const weft_host* host, weft_id op, weft_id job, weft_str path,
                        weft_str media_type) WEFT_NOEXCEPT;
  /* [any] A path where the content can be read, never written, until the job that uses it ends.
   * WEFT_LOST: not there. */
  weft_status (*locate)(const weft_host* host, weft_id artifact, void* context,
                        weft_take path) WEFT_NOEXCEPT;
  /* [any] The artifact with this SHA-256 in hex; 0: the store has none. */
  weft_id (*find)(const weft_host* host, weft_str digest) WEFT_NOEXCEPT;
} weft_artifacts;

WEFT_AT(weft_artifact_event, length, 64);
WEFT_AT(weft_artifacts, find, 32);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_ARTIFACT_H */

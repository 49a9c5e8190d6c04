/* SPDX-License-Identifier: Apache-2.0 */
/* weft/http.h - the host's HTTP client, one for all: connection pool, HTTP/2, proxies, TLS, limits,
 * recorded answers.
 *
 * It never retries; only a saved GET that breaks off goes on from there, where the server knows
 * ranges and has given a strong entity tag. It follows up to 5 redirects of a GET or HEAD; headers with a secret stay at
 * the first origin. Bodies may come from and go to the artifact store without entering the plugin.
 */
#ifndef WEFT_HTTP_H
#define WEFT_HTTP_H

#include <weft/abi.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define WEFT_HTTP "weft.http/1"

/* Flags of a request. */
enum {
  WEFT_HTTP_STREAM = 1, /* WEFT_EV_HTTP_DATA as the body arrives; the end then has no body */
  WEFT_HTTP_FORM = 2,   /* parts are multipart/form-data; else they make the body, in order */
  WEFT_HTTP_BUYS = 4,   /* being accepted costs money: see HTTP_DONE */
  WEFT_HTTP_PUBLIC =
      8 /* a stranger gave the URL: it ends with WEFT_BAD_OUTPUT, and nothing is sent,
                         * where it or a redirect leads to an address that is not public */
};

typedef struct weft_http_request {
  uint32_t size;
  uint32_t flags;
  weft_str method, url;
  /* weft_pair. "{secret:NAME}" in a value is filled in by the host, "{secret:NAME|base64}" encoded
   * (for Basic, whose secret is "user:password"): keys stay outside plugins. */
  weft_list headers;
  /* weft_named, of any kind. Body: the first part's media type becomes Content-Type unless a header
   * says another; a WEFT_BASE64 part between two of text puts a picture into JSON. Form: a part
   * with a media type is sent as a file named after it ("image.png"), else as a plain field. */
  weft_list parts;
  uint32_t timeout_ms;      /* for the whole exchange; 0 = 60 s */
  uint32_t idle_timeout_ms; /* without a byte in either direction; 0 = timeout_ms */
  uint64_t body_limit;      /* of the answer's body; 0 = 16 MiB in memory, 64 GiB of one that is
                             * saved. A longer one has no WEFT_OK */
  weft_id job; /* for whom: accounting, trace, cancelled when that job ends; 0 = the instance */
  /* A media type: a 2xx body goes straight into a new artifact of it; "*" takes the answer's own
   * Content-Type. Any other answer comes in memory. */
  weft_str save_as;
} weft_http_request;

/* Both types have this form. HTTP_DATA: `body` is the next piece, status and headers are known.
 * HTTP_DONE ends the operation; head.retry_after_ms is what Retry-After said, head.status:
 *   WEFT_OK          an answer came, of any http_status: weft_http_outcome tells what it means
 *   WEFT_NOT_SENT    no connection, or lost or timed out before all of the body of a request that
 *                    buys was sent; so nothing was accepted
 *   WEFT_UNKNOWN     lost or timed out after a request that buys was sent; or it was accepted, and
 *                    the answer is longer than body_limit or not HTTP
 *   WEFT_TRANSIENT   lost or timed out, of a request that does not buy
 *   WEFT_BAD_OUTPUT  longer than body_limit, or not HTTP, of a request that does not buy
 *   WEFT_CANCELLED   after a cancel */
enum { WEFT_EV_HTTP_DATA = 2, WEFT_EV_HTTP_DONE = 3 };
typedef struct weft_http_event {
  weft_event head;
  uint32_t http_status;
  uint32_t reserved;
  weft_list headers; /* weft_pair, names in lower case */
  weft_str body;
  weft_id artifact; /* of save_as, else 0 */
  weft_str digest;  /* its SHA-256 in hex */
  uint64_t length;  /* bytes of the body, wherever it went */
} weft_http_event;

typedef struct weft_http {
  uint32_t size;
  uint32_t reserved;
  /* [any] WEFT_AUTH: a secret is not listed or not set. WEFT_BAD_INPUT: a malformed URL, header or
   * part. */
  weft_status (*start)(const weft_host* host, weft_id op,
                       const weft_http_request* request) WEFT_NOEXCEPT;
  /* [any] Back-pressure of a stream: the host stops reading when 256 KiB were delivered and not
   * credited. */
  void (*credit)(const weft_host* host, weft_id op, uint64_t bytes) WEFT_NOEXCEPT;
  /* [any] Ends as WEFT_CANCELLED unless it is done. */
  void (*cancel)(const weft_host* host, weft_id op) WEFT_NOEXCEPT;
} weft_http;

/* What an HTTP status means, unless the service documents something else. `buys`: the request was
 * WEFT_HTTP_BUYS. */
static inline weft_status weft_http_outcome(uint32_t http_status, int buys) {
  if (http_status >= 200 && http_status < 300) return WEFT_OK;
  switch (http_status) {
    case 401:
    case 403:
      return WEFT_AUTH;
    case 402:
      return WEFT_QUOTA;
    case 429:
      return WEFT_RATE_LIMITED;
    case 501:
      return WEFT_UNSUPPORTED;
    case 500:
    case 503:
    case 529:
      return WEFT_TRANSIENT;
    case 408: /* 408, 502, 504 and other 5xx come from something in between: what the service did is
                 not settled */
      return buys ? WEFT_UNKNOWN : WEFT_TRANSIENT;
    default:
      if (http_status < 500) return WEFT_BAD_INPUT;
      return buys ? WEFT_UNKNOWN : WEFT_TRANSIENT;
  }
}

WEFT_AT(weft_http_request, save_as, 96);
WEFT_AT(weft_http_event, length, 104);
WEFT_AT(weft_http, cancel, 24);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_HTTP_H */

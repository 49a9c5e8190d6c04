/* SPDX-License-Identifier: Apache-2.0 */
/* weft/draft/websocket.h - the host's WebSocket client (RFC 6455). DRAFT: may change with any
 * release.
 *
 * A connection is one operation, from the wish to open it to its end. The host answers pings, and
 * sends its own when nothing comes; messages arrive whole. It follows no redirect and opens nothing
 * again by itself. */
#ifndef WEFT_DRAFT_WEBSOCKET_H
#define WEFT_DRAFT_WEBSOCKET_H

#include <weft/abi.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define WEFT_WEBSOCKET "weft.websocket-draft/1"

/* Flags of a request. */
enum {
  WEFT_WEBSOCKET_PUBLIC = 1 /* a stranger gave the URL: it ends with WEFT_BAD_OUTPUT, and nothing is
                             * sent, where it leads to an address that is not public */
};

typedef struct weft_websocket_request {
  uint32_t size;
  uint32_t flags;
  weft_str url; /* ws or wss */
  /* weft_pair. "{secret:NAME}" in a value is filled in by the host. Those of the handshake are the
   * host's, but Sec-WebSocket-Protocol. */
  weft_list headers;
  uint32_t open_timeout_ms; /* name, connection, TLS and handshake; 0 = 10 s */
  uint32_t idle_timeout_ms; /* without a byte from the other side, which is pinged half-way;
                             * 0 = 60 s */
  uint64_t message_limit;   /* bytes of one that comes; a longer one: WEFT_BAD_OUTPUT. 0 = 16 MiB */
  weft_id job;              /* for whom: cancelled when that job ends; 0 = the instance */
} weft_websocket_request;

enum { WEFT_WEBSOCKET_TEXT = 1, WEFT_WEBSOCKET_BINARY = 2 };

/* All three have this form. OPEN and MESSAGE do not end the operation; END does. The host reads the
 * next message when this one was taken, and the other side may stop sending to everybody meanwhile:
 * what is not wanted is to be dropped at once. head.status of END:
 *   WEFT_OK           a close frame ended it, from whichever side
 *   WEFT_NOT_SENT     no connection, or not in time
 *   WEFT_UNSUPPORTED  an HTTP answer instead of a WebSocket: http_status
 *   WEFT_TRANSIENT    it was open, and broke or fell silent
 *   WEFT_BAD_OUTPUT   a message was longer than message_limit or against the protocol
 *   WEFT_BAD_INPUT    the URL or a header cannot be sent
 *   WEFT_CANCELLED    after a cancel */
enum {
  WEFT_EV_WEBSOCKET_OPEN = 1026,
  WEFT_EV_WEBSOCKET_MESSAGE = 1027,
  WEFT_EV_WEBSOCKET_END = 1028
};
typedef struct weft_websocket_event {
  weft_event head;
  uint32_t kind;        /* of MESSAGE: WEFT_WEBSOCKET_TEXT (UTF-8) or WEFT_WEBSOCKET_BINARY */
  uint32_t http_status; /* of END: of an answer that opened nothing; else 0 */
  uint32_t close_code;  /* of END: of the close frame, 1005 if it had none; else 0 */
  uint32_t reserved;
  weft_list headers; /* of OPEN: weft_pair, of the answer, names in lower case */
  weft_str data;     /* of MESSAGE: all of it. Of END: the close frame's reason */
} weft_websocket_event;

typedef struct weft_websocket {
  uint32_t size;
  uint32_t reserved;
  /* [any] WEFT_EV_WEBSOCKET_OPEN, then WEFT_EV_WEBSOCKET_MESSAGE*, then WEFT_EV_WEBSOCKET_END once;
   * or END alone. WEFT_AUTH: a secret is not listed or not set. WEFT_BAD_INPUT: the request is
   * malformed. */
  weft_status (*open)(const weft_host* host, weft_id op,
                      const weft_websocket_request* request) WEFT_NOEXCEPT;
  /* [any] Sends a message, in the order of the calls, once it is open. WEFT_EXHAUSTED: 16 MiB wait
   * already, and this was not taken. WEFT_BAD_INPUT: no such connection, it has ended, or no kind
   * of message. */
  weft_status (*send)(const weft_host* host, weft_id op, uint32_t kind,
                      weft_str data) WEFT_NOEXCEPT;
  /* [any] Sends what waits, then a close frame with this code (1000: done) and reason; the end
   * comes with the other side's, or after 30 s. */
  void (*close)(const weft_host* host, weft_id op, uint32_t code, weft_str reason) WEFT_NOEXCEPT;
  /* [any] Ends it at once, without a close frame. */
  void (*cancel)(const weft_host* host, weft_id op) WEFT_NOEXCEPT;
} weft_websocket;

WEFT_AT(weft_websocket_request, job, 56);
WEFT_AT(weft_websocket_event, data, 72);
WEFT_AT(weft_websocket, cancel, 32);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_DRAFT_WEBSOCKET_H */

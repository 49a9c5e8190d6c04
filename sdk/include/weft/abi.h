/* SPDX-License-Identifier: Apache-2.0 */
/* weft/abi.h - the plugin ABI, version 1: laws, types, outcomes, entry and instance.
 *
 * C11 and C++20; needs <stddef.h> and <stdint.h> only. Beside it: host.h, http.h, artifact.h (what
 * the host offers), adapter.h, executor.h, policy.h (what a plugin offers), draft/ (what may still
 * change; ids end in "-draft/N"). C++ authors include plugin.hpp instead.
 *
 * THE NINE LAWS
 *
 *  1 Borrow.      A pointer that crosses is borrowed until the call returns; who needs it longer
 *                 copies it. Neither side frees what the other made: the ABI has no free function.
 *  2 Speak up.    No out-structures. Who has something to say calls a function with a const
 *                 argument.
 *  3 Ids.         Work is named by a 64-bit id that the CALLER chose, so an answer may come before
 *                 the call returns. 0 means none. Ids of the host (jobs, calls, artifacts) are
 *                 unique in the process. Ids of a plugin (operations it starts) are scoped to its
 *                 instance, shared by all services, never reused.
 *  4 One end.     An accepted id (WEFT_OK returned) gets exactly one end, also after a cancel or a
 *                 fault. One that was not accepted gets none: the returned status is its end.
 *  5 Size first.  Growing structures begin with `size`, as their maker compiled them. Read a field
 *                 only if WEFT_HAS says so. Fields are added at the tail, never moved, never given
 *                 a new meaning. Makers zero what they do not set: 0 means "nothing said".
 *                 Structures marked [frozen] never change.
 *  6 Threads.     Each function has a tag. [strand]: never two at once per instance, any OS thread,
 *                 must not block (budget 5 ms). [worker]: a pool thread of the host, may block.
 *                 [any]: any thread, any time.
 *  7 No re-entry. The host never calls a plugin from inside a host function, and holds no lock when
 *                 it calls. A sink (a function passed to a host function) is the one exception: it
 *                 runs on the calling thread, before that function returns.
 *  8 No unwind.   No exception, longjmp or thread exit crosses. In C++ the pointer types are
 *                 noexcept, so a function that may throw does not even compile into a table.
 *  9 Flat.        Behind a pointer there are only scalars, weft_str, weft_blob and weft_list of
 *                 such. Handles appear only as first argument. So every call could be written to a
 *                 socket.
 *
 * Text is UTF-8, not NUL-terminated; {NULL, 0} is empty. [json] marks text that is one JSON value;
 * empty text there means {}. Times are milliseconds, Unix time where absolute; money is in
 * millionths of a currency unit. */
#ifndef WEFT_ABI_H
#define WEFT_ABI_H

#include <stddef.h>
#include <stdint.h>

#define WEFT_ABI_MAJOR 1 /* part of the entry's name, weft_entry_v1: another major, another ABI */
#define WEFT_ABI_MINOR 0 /* +1 with each addition; for people and logs, decides nothing */

#if defined(__cplusplus)
#define WEFT_NOEXCEPT noexcept
#define WEFT_STATIC_ASSERT(condition, text) static_assert(condition, text)
extern "C" {
#else
#define WEFT_NOEXCEPT
#define WEFT_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

#define WEFT_EXPORT __attribute__((visibility("default")))

/* Did the other side compile `field`? */
#define WEFT_HAS(pointer, type, field) \
  ((pointer)->size >= offsetof(type, field) + sizeof((pointer)->field))
/* Is there a table, does it have `function`, and is that set? */
#define WEFT_CAN(pointer, type, function) \
  ((pointer) != NULL && WEFT_HAS(pointer, type, function) && (pointer)->function != NULL)
/* WEFT_HAS for an event, whose size stands in its head. */
#define WEFT_EVENT_HAS(event, type, field) \
  ((event)->head.size >= offsetof(type, field) + sizeof((event)->field))

/* ---- basic types ---- */

typedef uint64_t weft_id;
typedef int32_t weft_status;

typedef struct weft_str { /* [frozen] */
  const char* data;
  uint64_t size; /* bytes */
} weft_str;

typedef struct weft_list { /* [frozen] element i is at data + i * stride; so elements can grow */
  const void* data;
  uint32_t count;
  uint32_t stride;
} weft_list;

typedef struct weft_pair { /* [frozen] an HTTP header, an environment variable */
  weft_str name, value;
} weft_pair;

/* ONE vocabulary of outcomes. The lower-case word ("rate_limited") stands in events, TOML, API and
 * console. Adapters map what happened to it; the runtime decides what follows. */
enum {
  WEFT_OK = 0,

  /* The request: never repeated at the same service. */
  WEFT_BAD_INPUT = 1,   /* malformed, out of range, or naming what does not exist */
  WEFT_UNSUPPORTED = 2, /* well formed, but this service cannot do it */
  WEFT_REFUSED = 3,     /* declined for its content: reported, never routed around */

  /* The account: the service is not used until reload or reset. */
  WEFT_AUTH = 8,
  WEFT_QUOTA = 9,

  WEFT_NOT_SENT = 16,     /* provably never accepted: DNS, connect, TLS, a local limit */
  WEFT_RATE_LIMITED = 17, /* refused for load; retry_after_ms if known */
  WEFT_TRANSIENT = 18,    /* the service answered that it failed; nothing is left running there */
  WEFT_LOST = 19,         /* looked up: the service does not have the job */
  WEFT_UNKNOWN = 24,      /* sent, and no answer settles whether it was accepted: maybe bought */

  WEFT_BAD_OUTPUT = 32, /* an answer, but not the thing asked for: counts against the service */
  WEFT_CANCELLED = 40,

  /* The plugin's own defects: three in a row quarantine the instance. */
  WEFT_INTERNAL = 48,
  WEFT_EXHAUSTED = 49 /* out of memory, or of another resource of this process */

  /* From 64 on: the runtime's own (deadline, budget, interrupted, ...), never sent by a plugin. */
};

/* Bytes, wherever they lie; [offset, offset + length) of them, length 0 = to the end. Large ones
 * stay outside plugin memory. */
enum {
  WEFT_BYTES = 1, /* `data` is the bytes; offset 0, length = data.size */
  WEFT_FILE = 2,  /* `data` is an absolute path */
  /* `artifact` names content in the store. What the host sends has its SHA-256 in hex as `data` and
   * its size as `length`; what the host gets needs neither. */
  WEFT_ARTIFACT = 3
};
enum {
  WEFT_RAW = 0,
  /* Base64 text (RFC 4648, section 4) on the far side of the host: a part of an HTTP request is
   * encoded when it is sent, BYTES of an output are decoded when they are stored. Nowhere else. */
  WEFT_BASE64 = 1
};
typedef struct weft_blob { /* [frozen] */
  uint32_t kind;           /* WEFT_BYTES, WEFT_FILE or WEFT_ARTIFACT */
  uint32_t encoding;       /* WEFT_RAW or WEFT_BASE64 */
  weft_str data;
  uint64_t offset, length;
  weft_id artifact;
  weft_str media_type; /* "image/png"; empty = not said */
} weft_blob;

/* [frozen] An input, an output, a part of a request. A list is several of one name, in order. */
typedef struct weft_named {
  weft_str name;
  weft_blob blob;
} weft_named;

/* What shall be done: handed to adapters, executors and policies alike. */
typedef struct weft_task {
  uint32_t size;
  uint32_t attempt;   /* 1, 2, ...: which try of this task it is, over all services */
  weft_id job;        /* names this attempt in every call about it */
  weft_str operation; /* one of those the component described */
  weft_str params;  /* [json] object, checked against the operation's schema, defaults filled in */
  weft_str options; /* [json] what only this component knows, checked against its own schema */
  weft_list inputs; /* weft_named, WEFT_ARTIFACT each */
  /* A UUID made by the host, one per ATTEMPT, durable before submit; the same when attached. */
  weft_str idempotency_key;
  int64_t deadline_ms;   /* Unix time; 0 none */
  int64_t budget_micros; /* what this attempt may cost, in millionths of `currency`; -1 no limit */
  weft_str currency;     /* ISO 4217, of budget_micros */
  weft_str run;          /* id of the run, for logs and for names at the service */
  weft_str label;        /* the task as people see it: "video[3]" */
  weft_str trace;        /* W3C traceparent; may be empty */
} weft_task;

/* The end of anything: a job, a call, a ranking. A `status` other than WEFT_OK is a failure. */
enum { WEFT_COST_UNKNOWN = 0, WEFT_COST_BILLED = 1, WEFT_COST_ESTIMATED = 2 };
typedef struct weft_result {
  uint32_t size;
  weft_status status;
  uint32_t retry_after_ms; /* 0 not said */
  uint32_t cost_basis; /* is cost_micros known, and from the service or by the adapter's sums? */
  weft_str message;    /* for people: one sentence, no secrets */
  weft_str json; /* [json] object: plain outputs, or what was asked; else the service's error */
  int64_t cost_micros; /* millionths of `currency` spent, also by a failure */
  weft_str currency;   /* ISO 4217 */
  weft_list items;     /* weft_rank, of a policy; else empty */
  /* What a job took, also of a failure, as far as the plugin knows it; 0: not known. What the
   * job's child processes took the host adds by itself. */
  uint64_t cpu_ms;           /* of processors of this machine, user and system together */
  uint64_t memory_bytes;     /* of this machine: the most at one time */
  uint64_t gpu_memory_bytes; /* in use on the fullest device, wherever it is: the most seen */
  uint32_t queue_place;      /* when the service accepted it: 1 if nothing was before it */
  uint32_t reserved;
} weft_result;

/* [frozen] What happens to an operation that a plugin started: first member of every event.
 * Exactly one event ends an operation (law 4), with its status; WEFT_CANCELLED after a cancel that
 * came in time. Types that do not end it say so. Events of one instance never overtake another. */
typedef struct weft_event {
  uint32_t size; /* of the whole event: law 5 holds for what follows the head */
  uint32_t type; /* WEFT_EV_...: each stands with its service; drafts count from 1024 */
  weft_id id;    /* that the plugin gave */
  weft_status status;
  uint32_t retry_after_ms;
  weft_str message; /* for people, if status is not WEFT_OK */
} weft_event;

/* A getter hands its value over through a sink; nothing is allocated for the caller. */
typedef void (*weft_take)(void* context, weft_str value) WEFT_NOEXCEPT;

/* ---- entry and instance ---- */

typedef struct weft_host weft_host;
typedef struct weft_instance weft_instance;

/* Made by the host, one per instance: the scope of its logs, secrets, state, limits and ids. */
struct weft_host {
  uint32_t size;
  uint32_t abi_minor;
  void* impl;
  /* [any] The table of a service ("weft.http/1"), the same pointer each time, valid until destroy
   * returns. NULL: not offered. A plugin says in its manifest ("needs") what it cannot do without;
   * the host checks that before create. */
  const void* (*service)(const weft_host* host, const char* id)WEFT_NOEXCEPT;
  /* [any] Please ask again: WEFT_CHANGED_... Answered by a later describe or probe. */
  void (*changed)(const weft_host* host, uint32_t what) WEFT_NOEXCEPT;
};
enum { WEFT_CHANGED_OPERATIONS = 1, WEFT_CHANGED_HEALTH = 2 };

/* Made by the plugin, one per configured service. */
struct weft_instance {
  uint32_t size;
  uint32_t reserved;
  void* impl;
  /* [any] The table of an interface ("weft.adapter/1"), valid as long as the instance. NULL: not
   * offered. */
  const void* (*query)(const weft_instance* instance, const char* id)WEFT_NOEXCEPT;
  /* [strand] What became of an operation that this instance started. Unknown types and ids are
   * ignored. */
  void (*event)(const weft_instance* instance, const weft_event* event) WEFT_NOEXCEPT;
  /* [strand] A new configuration [json], already checked. Jobs that run may go on with the old one.
   * Optional: without it, or when it fails, the host drains, destroys and creates anew. */
  weft_status (*configure)(const weft_instance* instance, weft_str config) WEFT_NOEXCEPT;
  /* [strand] Let go: end every job and call as WEFT_CANCELLED *without* cancelling anything remote
   * (the host will attach later with the last token), then end `call`. Nothing is submitted
   * afterwards. Before it calls drain, the host has interrupted executors and waited for their
   * `run` to return. */
  void (*drain)(const weft_instance* instance, weft_id call) WEFT_NOEXCEPT;
  /* [strand] The last call, also without a drain before it; when it returns nothing of the instance
   * runs, holds a resource or calls the host. Operations still under way get no more events. */
  void (*destroy)(const weft_instance* instance) WEFT_NOEXCEPT;
};

typedef struct weft_entry {
  uint32_t size;
  uint16_t abi_major, abi_minor;
  weft_str manifest; /* [json] the bytes of section ".weft_manifest", without its closing NUL */
  /* [any] Makes an instance of `component` (a name in the manifest) with a checked configuration
   * [json] and stores it in *instance. Fast: work starts with the first call. `host` stays valid
   * until destroy returns. On failure *instance is untouched, and the reason has been logged as
   * WEFT_LOG_ERROR. */
  weft_status (*create)(const weft_host* host, const char* component, weft_str config,
                        const weft_instance** instance) WEFT_NOEXCEPT;
} weft_entry;

/* The one symbol that a plugin exports; a constant, so no code runs to read it. */
extern WEFT_EXPORT const weft_entry weft_entry_v1;

/* WEFT_MANIFEST(text) puts the manifest where it can be read from the file without running code:
 *
 *   {"id": "org.example.comfyui", "name": "ComfyUI", "version": "1.2.0", "license": "MIT",
 *    "abi": "1.0",
 *    "components": [{
 *      "name": "comfyui",                       what TOML calls it: component = "comfyui"
 *      "description": "...",                    one sentence; optional
 *      "interfaces": ["weft.adapter/1"],
 *      "needs": ["weft.job/1", "weft.http/1"],  services without which create would be pointless
 *      "config_schema": {...},                  JSON Schema draft-07; absent: no configuration
 *      "class": "gpu", "slots": 1,              executors: which slots a job takes, how many
 *      "operations": [...]}]}                   executors: in the form of describe (adapter.h)
 *
 * Reverse-DNS id, version by semver.org, license by SPDX. Unknown keys are an error. */
#define WEFT_MANIFEST(text) \
  __attribute__((section(".weft_manifest"), used)) static const char weft_manifest_text[] = text

/* ---- frozen layout (64 bits) ---- */

/* The place of a field is for ever. `WEFT_AT` is for these headers only. */
#define WEFT_AT(type, field, at) \
  WEFT_STATIC_ASSERT(sizeof(void*) != 8 || offsetof(type, field) == (at), #type "." #field)
#define WEFT_SIZE(type, bytes) \
  WEFT_STATIC_ASSERT(sizeof(void*) != 8 || sizeof(type) == (bytes), "size of " #type)

WEFT_SIZE(weft_str, 16);
WEFT_SIZE(weft_list, 16);
WEFT_SIZE(weft_pair, 32);
WEFT_SIZE(weft_blob, 64);
WEFT_SIZE(weft_named, 80);
WEFT_SIZE(weft_event, 40);
WEFT_AT(weft_task, inputs, 64);
WEFT_AT(weft_task, trace, 160);
WEFT_AT(weft_result, json, 32);
WEFT_AT(weft_result, items, 72);
WEFT_AT(weft_result, queue_place, 112);
WEFT_AT(weft_host, changed, 24);
WEFT_AT(weft_instance, destroy, 48);
WEFT_AT(weft_entry, create, 24);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_ABI_H */

/* SPDX-License-Identifier: Apache-2.0 */
/* weft/draft/expression.h - the host's expression language, for plugins that are configured with
 * expressions. DRAFT: may change with any release.
 *
 * The language is the one of definitions and rules, a subset of CEL. A text is compiled once, with
 * the variables that there will be, and evaluated any number of times with the values of a scope.
 * Nothing here waits: every answer comes through the sink before the function returns. Programs
 * and scopes are named by the plugin (law 3), each in numbers of their own. */
#ifndef WEFT_DRAFT_EXPRESSION_H
#define WEFT_DRAFT_EXPRESSION_H

#include <weft/abi.h>

#if defined(__cplusplus)
extern "C" {
#endif

#define WEFT_EXPRESSION "weft.expression-draft/1"

/* What a text is. */
enum {
  WEFT_EXPRESSION_BARE = 1,     /* an expression */
  WEFT_EXPRESSION_TEMPLATE = 2, /* text with ${...}; one that is a single ${...} keeps its type */
  WEFT_EXPRESSION_JSON = 3      /* [json] whose strings are such templates */
};

typedef struct weft_expression {
  uint32_t size;
  uint32_t reserved;
  /* [any] Makes `program`. `variables` [json]: an object of names, each with a JSON Schema
   * (draft-07; {}: anything). WEFT_BAD_INPUT: the sink gets what is wrong, with line and column in
   * the text, as a sentence or several lines; or the id is in use or 0. */
  weft_status (*compile)(const weft_host* host, weft_id program, uint32_t form, weft_str text,
                         weft_str variables, void* context, weft_take mistake) WEFT_NOEXCEPT;
  /* [any] Sets a variable [json] in `scope`, which is made with the first one. WEFT_BAD_INPUT: it
   * is no JSON. An artifact is {"$artifact": its SHA-256, "media_type": "", "bytes": 0}. */
  weft_status (*bind)(const weft_host* host, weft_id scope, weft_str name,
                      weft_str value) WEFT_NOEXCEPT;
  /* [any] The sink gets the value [json]; or, if the status is WEFT_BAD_INPUT, why there is none.
   * A variable without a value fails only what comes to need it. */
  weft_status (*evaluate)(const weft_host* host, weft_id program, weft_id scope, void* context,
                          weft_take value) WEFT_NOEXCEPT;
  /* [any] Forgets a scope with all its values. What is not there is ignored. */
  void (*drop)(const weft_host* host, weft_id scope) WEFT_NOEXCEPT;
} weft_expression;

WEFT_AT(weft_expression, drop, 32);

#if defined(__cplusplus)
}
#endif
#endif /* WEFT_DRAFT_EXPRESSION_H */

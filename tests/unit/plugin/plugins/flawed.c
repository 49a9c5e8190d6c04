/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin library that is wrong in the way that FLAW names. */
#include <weft/abi.h>

#define GOOD_MANIFEST                                                             \
  "{\"id\": \"test.weft.flawed\", \"name\": \"Flawed\", \"version\": \"1.0.0\", " \
  "\"license\": \"MIT\", \"abi\": \"1.0\", "                                      \
  "\"components\": [{\"name\": \"script\", \"interfaces\": [\"weft.adapter/1\"]}]}"

#if defined(FLAW_NOT_JSON)
#define MANIFEST "{\"id\": "
#elif defined(FLAW_UNKNOWN_KEY)
#define MANIFEST                                                                  \
  "{\"id\": \"test.weft.flawed\", \"name\": \"Flawed\", \"version\": \"1.0.0\", " \
  "\"license\": \"MIT\", \"abi\": \"1.0\", \"colour\": \"red\", "                 \
  "\"components\": [{\"name\": \"a\", \"interfaces\": [\"weft.adapter/1\"]}]}"
#elif defined(FLAW_ABI_TWO)
#define MANIFEST "{\"abi\": \"2.3\", \"parts\": []}"
#elif defined(FLAW_NEEDS)
#define MANIFEST                                                                  \
  "{\"id\": \"test.weft.flawed\", \"name\": \"Flawed\", \"version\": \"1.0.0\", " \
  "\"license\": \"MIT\", \"abi\": \"1.0\", \"components\": "                      \
  "[{\"name\": \"a\", \"interfaces\": [\"weft.adapter/1\"], \"needs\": [\"weft.http/2\"]}]}"
#else
#define MANIFEST GOOD_MANIFEST
#endif

#if !defined(FLAW_NO_MANIFEST)
WEFT_MANIFEST(MANIFEST);
#else
static const char weft_manifest_text[] = MANIFEST;
#endif

#if defined(FLAW_OTHER_MANIFEST)
#define ENTRY_MANIFEST GOOD_MANIFEST " "
#else
#define ENTRY_MANIFEST MANIFEST
#endif
static const char entry_manifest[] = ENTRY_MANIFEST;

#if defined(FLAW_UNRESOLVED)
extern weft_status nobody_defines_this(void);
#endif

static weft_status create(const weft_host* host, const char* component, weft_str config,
                          const weft_instance** instance) {
  (void)host, (void)component, (void)config, (void)instance, (void)weft_manifest_text;
#if defined(FLAW_UNRESOLVED)
  return nobody_defines_this();
#else
  return WEFT_UNSUPPORTED;
#endif
}

#if defined(FLAW_NO_ENTRY)
WEFT_EXPORT extern const weft_entry not_the_entry;
const weft_entry not_the_entry = {
    sizeof(weft_entry), 1, 0, {entry_manifest, sizeof entry_manifest - 1}, create};
#elif defined(FLAW_ENTRY_TWO)
WEFT_EXPORT const weft_entry weft_entry_v2 = {
    sizeof(weft_entry), 2, 0, {entry_manifest, sizeof entry_manifest - 1}, create};
#elif defined(FLAW_SHORT_ENTRY)
const weft_entry weft_entry_v1 = {
    offsetof(weft_entry, create), 1, 0, {entry_manifest, sizeof entry_manifest - 1}, create};
#else
const weft_entry weft_entry_v1 = {sizeof(weft_entry),
                                  WEFT_ABI_MAJOR,
                                  WEFT_ABI_MINOR,
                                  {entry_manifest, sizeof entry_manifest - 1},
                                  create};
#endif

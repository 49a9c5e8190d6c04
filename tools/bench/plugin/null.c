/* SPDX-License-Identifier: Apache-2.0 */
/* An adapter that ends every job at once: what is left is the price of the border. */
#include <stdlib.h>
#include <string.h>
#include <weft/adapter.h>
#include <weft/host.h>

WEFT_MANIFEST(
    "{\"id\": \"dev.weft.bench-null\", \"name\": \"Null\", \"version\": \"1.0.0\","
    " \"license\": \"Apache-2.0\", \"abi\": \"1.0\", \"components\": [{\"name\": \"null\","
    " \"interfaces\": [\"weft.adapter/1\"], \"needs\": [\"weft.job/1\"]}]}");

typedef struct null_service {
  weft_instance handle;
  const weft_host* host;
  const weft_job* jobs;
} null_service;

static weft_str str(const char* text) {
  return (weft_str){text, strlen(text)};
}

static void end(const weft_instance* instance, weft_id id, const char* json) {
  const null_service* self = instance->impl;
  const weft_result result = {.size = sizeof result, .status = WEFT_OK, .json = str(json)};
  self->jobs->end(self->host, id, &result);
}

static weft_status describe(const weft_instance* instance, weft_id call) {
  end(instance, call, "{\"operations\": [{\"name\": \"bench.add\"}]}");
  return WEFT_OK;
}
static weft_status submit(const weft_instance* instance, const weft_task* task) {
  end(instance, task->job, "{\"value\": 1}");
  return WEFT_OK;
}
static weft_status attach(const weft_instance* instance, const weft_task* task, weft_str token) {
  (void)instance;
  (void)task;
  (void)token;
  return WEFT_LOST;
}
static weft_status cancel(const weft_instance* instance, weft_id id) {
  (void)instance;
  (void)id;
  return WEFT_BAD_INPUT;
}
static void event(const weft_instance* instance, const weft_event* what) {
  (void)instance;
  (void)what;
}
static void drain(const weft_instance* instance, weft_id call) {
  end(instance, call, "");
}
static void destroy(const weft_instance* instance) {
  free(instance->impl);
}

static const weft_adapter adapter = {.size = sizeof adapter,
                                     .describe = describe,
                                     .submit = submit,
                                     .attach = attach,
                                     .cancel = cancel};

static const void* query(const weft_instance* instance, const char* id) {
  (void)instance;
  return strcmp(id, WEFT_ADAPTER) == 0 ? &adapter : NULL;
}

static weft_status create(const weft_host* host, const char* component, weft_str config,
                          const weft_instance** instance) {
  (void)config;
  const weft_job* jobs = host->service(host, WEFT_JOB);
  if (strcmp(component, "null") != 0 || !WEFT_CAN(jobs, weft_job, end)) return WEFT_UNSUPPORTED;
  null_service* made = calloc(1, sizeof *made);
  if (made == NULL) return WEFT_EXHAUSTED;
  made->handle = (weft_instance){.size = sizeof made->handle,
                                 .impl = made,
                                 .query = query,
                                 .event = event,
                                 .drain = drain,
                                 .destroy = destroy};
  made->host = host;
  made->jobs = jobs;
  *instance = &made->handle;
  return WEFT_OK;
}

const weft_entry weft_entry_v1 = {sizeof weft_entry_v1,
                                  WEFT_ABI_MAJOR,
                                  WEFT_ABI_MINOR,
                                  {weft_manifest_text, sizeof weft_manifest_text - 1},
                                  create};

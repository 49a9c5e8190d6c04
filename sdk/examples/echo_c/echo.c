/* SPDX-License-Identifier: Apache-2.0 */
/* An adapter in plain C: gives back its parameters, three steps of a second later.
 * Each job is a small state machine: timer, checkpoint, timer, checkpoint ... end. */
#include <stdlib.h>
#include <string.h>
#include <weft/adapter.h>
#include <weft/host.h>

#include "weft_manifest.h" /* made from manifest.json by weft_add_plugin */

enum { STEPS = 3, STEP_MS = 1000 };

typedef struct job {
  struct job* next;
  weft_id id;
  weft_id op; /* what it waits for */
  int step;
  int cancelled;
  uint64_t size;
  char text[]; /* the parameters: they were only lent (law 1) */
} job;

typedef struct echo {
  weft_instance handle;
  const weft_host* host;
  const weft_job* jobs;
  const weft_timer* timer;
  weft_id last_op;
  job* running;
} echo;

static echo* self(const weft_instance* instance) {
  return instance->impl;
}
static weft_str str(const char* text) {
  return (weft_str){text, strlen(text)};
}

static void end(const echo* e, weft_id id, weft_status status, const char* message,
                const char* json) {
  const weft_result result = {
      .size = sizeof result, .status = status, .message = str(message), .json = str(json)};
  e->jobs->end(e->host, id, &result);
}

static void finish(echo* e, job* done, weft_status status, const char* message) {
  job** link = &e->running;
  while (*link != done) link = &(*link)->next;
  *link = done->next;
  end(e, done->id, status, message, "");
  free(done);
}

/* One step further: a second of waiting, or the output and the end. */
static void go_on(echo* e, job* j) {
  if (j->cancelled) {
    finish(e, j, WEFT_CANCELLED, "cancelled");
  } else if (j->step < STEPS) {
    j->op = ++e->last_op;
    const weft_status status = e->timer->start(e->host, j->op, STEP_MS);
    if (status != WEFT_OK) finish(e, j, status, "no timer");
  } else {
    const weft_named echoed = {str("text"),
                               {.kind = WEFT_BYTES,
                                .data = {j->text, j->size},
                                .length = j->size,
                                .media_type = str("application/json")}};
    const weft_status status = e->jobs->output(e->host, j->id, &echoed, str(""));
    finish(e, j, status, status == WEFT_OK ? "" : "the output was not taken");
  }
}

static void save(echo* e, job* j) {
  const char token = (char)('0' + ++j->step);
  j->op = ++e->last_op;
  e->jobs->progress(e->host, j->id, 1000 * j->step / STEPS, str("echoing"));
  const weft_status status = e->jobs->checkpoint(e->host, j->op, j->id, (weft_str){&token, 1});
  if (status != WEFT_OK) finish(e, j, status, "no checkpoint");
}

static void event(const weft_instance* instance, const weft_event* what) {
  echo* e = self(instance);
  job* j = e->running;
  while (j != NULL && j->op != what->id) j = j->next;
  if (j == NULL) return; /* its job has ended meanwhile */
  if (what->status == WEFT_OK && what->type == WEFT_EV_TIMER) {
    save(e, j);
  } else if (what->status == WEFT_OK || j->cancelled) {
    go_on(e, j);
  } else {
    finish(e, j, what->status, "the host failed");
  }
}

static weft_status begin(echo* e, const weft_task* task, int step) {
  job* j = calloc(1, sizeof *j + task->params.size);
  if (j == NULL) return WEFT_EXHAUSTED;
  j->id = task->job;
  j->step = step;
  j->size = task->params.size;
  if (j->size != 0) memcpy(j->text, task->params.data, j->size);
  j->next = e->running;
  e->running = j;
  go_on(e, j);
  return WEFT_OK;
}

static weft_status submit(const weft_instance* instance, const weft_task* task) {
  return begin(self(instance), task, 0);
}

static weft_status attach(const weft_instance* instance, const weft_task* task, weft_str token) {
  if (token.size != 1 || token.data[0] < '1' || token.data[0] > '0' + STEPS) return WEFT_LOST;
  return begin(self(instance), task, token.data[0] - '0');
}

static weft_status cancel(const weft_instance* instance, weft_id id) {
  echo* e = self(instance);
  job* j = e->running;
  while (j != NULL && j->id != id) j = j->next;
  if (j == NULL) return WEFT_BAD_INPUT;
  j->cancelled = 1;
  e->timer->cancel(e->host, j->op); /* its event comes now; a checkpoint comes anyway */
  return WEFT_OK;
}

static weft_status describe(const weft_instance* instance, weft_id call) {
  end(self(instance), call, WEFT_OK, "",
      "{\"operations\": [{\"name\": \"text.echo\", \"params\": {\"type\": \"object\"},"
      " \"outputs\": {\"text\": {\"media_types\": [\"application/json\"]}}}]}");
  return WEFT_OK;
}

static void drain(const weft_instance* instance, weft_id call) {
  echo* e = self(instance);
  while (e->running != NULL) finish(e, e->running, WEFT_CANCELLED, "drained");
  end(e, call, WEFT_OK, "", "");
}

static void destroy(const weft_instance* instance) {
  echo* e = self(instance);
  for (job* j = e->running; j != NULL;) {
    job* next = j->next;
    free(j);
    j = next;
  }
  free(e);
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
  const weft_timer* timer = host->service(host, WEFT_TIMER);
  if (strcmp(component, "echo") != 0) return WEFT_UNSUPPORTED;
  if (!WEFT_CAN(jobs, weft_job, end) || !WEFT_CAN(timer, weft_timer, cancel))
    return WEFT_UNSUPPORTED;
  echo* e = calloc(1, sizeof *e);
  if (e == NULL) return WEFT_EXHAUSTED;
  e->handle = (weft_instance){.size = sizeof e->handle,
                              .impl = e,
                              .query = query,
                              .event = event,
                              .drain = drain,
                              .destroy = destroy};
  e->host = host;
  e->jobs = jobs;
  e->timer = timer;
  *instance = &e->handle;
  return WEFT_OK;
}

const weft_entry weft_entry_v1 = {sizeof weft_entry_v1,
                                  WEFT_ABI_MAJOR,
                                  WEFT_ABI_MINOR,
                                  {weft_manifest_text, sizeof weft_manifest_text - 1},
                                  create};

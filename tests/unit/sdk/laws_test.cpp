// SPDX-License-Identifier: Apache-2.0
// The fake host must notice a plugin that breaks a law: each test hands it one that does.
#include <weft/policy.h>
#include <weft/testing.hpp>

#include "catch.hpp"

extern "C" std::uint64_t weft_test_sizes_in_c(void);

using weft::testing::fake_host;

namespace {

constexpr weft_result well = [] {
  weft_result result{};
  result.size = sizeof result;
  return result;
}();

// A plugin of raw tables that does in `submit` what a test tells it to: a lambda of the host, its
// job service and the task.
template <auto Do>
struct Rogue {
  static const weft_host* host_of(const weft_instance* instance) {
    return static_cast<const weft_host*>(instance->impl);
  }
  static const weft_job* jobs_of(const weft_host* host) {
    return static_cast<const weft_job*>(host->service(host, WEFT_JOB));
  }
  static weft_status submit(const weft_instance* instance, const weft_task* task) noexcept {
    const weft_host* host = host_of(instance);
    Do(host, jobs_of(host), task);
    return WEFT_OK;
  }
  static weft_status create(const weft_host* host, const char*, weft_str,
                            const weft_instance** instance) noexcept {
    static const weft_adapter table{sizeof table, 0,      nullptr, nullptr,
                                    nullptr,      submit, nullptr, nullptr};
    *instance = new weft_instance{
        sizeof(weft_instance),
        0,
        const_cast<weft_host*>(host),
        [](const weft_instance*, const char*) noexcept -> const void* { return &table; },
        [](const weft_instance*, const weft_event*) noexcept {},
        nullptr,
        [](const weft_instance* i, weft_id call) noexcept {
          jobs_of(host_of(i))->end(host_of(i), call, &well);
        },
        [](const weft_instance* i) noexcept { delete i; }};
    return WEFT_OK;
  }
  static constexpr weft_entry entry{sizeof(weft_entry), 1, 0, {nullptr, 0}, create};
};

template <auto Do>
std::vector<std::string> breaches() {
  fake_host host;
  auto service = host.create(Rogue<Do>::entry, "rogue");
  service.submit({.operation = "test.rogue"});
  host.run_until_idle();
  return host.violations();
}

}  // namespace

TEST_CASE("the fake host notices a job that ends twice") {
  CHECK(breaches<[](const weft_host* host, const weft_job* jobs, const weft_task* task) {
          jobs->end(host, task->job, &well);
          jobs->end(host, task->job, &well);
        }>() == std::vector<std::string>{"end about id 1, which has ended"});
}

TEST_CASE("the fake host notices a job that never ends") {
  CHECK(breaches<[](const weft_host*, const weft_job*, const weft_task*) {}>() ==
        std::vector<std::string>{"id 1 was accepted and nothing will end it"});
}

TEST_CASE("the fake host notices an output after the end") {
  CHECK(breaches<[](const weft_host* host, const weft_job* jobs, const weft_task* task) {
          jobs->end(host, task->job, &well);
          weft_named late{};
          late.name = weft::borrow("text");
          late.blob.kind = WEFT_BYTES;
          CHECK(jobs->output(host, task->job, &late, {}) == WEFT_BAD_INPUT);
        }>() == std::vector<std::string>{"output about id 1, which has ended"});
}

TEST_CASE("the fake host notices an operation id that is used again") {
  CHECK(breaches<[](const weft_host* host, const weft_job* jobs, const weft_task* task) {
          CHECK(jobs->checkpoint(host, 5, task->job, weft::borrow("a")) == WEFT_OK);
          CHECK(jobs->checkpoint(host, 5, task->job, weft::borrow("b")) == WEFT_BAD_INPUT);
          jobs->end(host, task->job, &well);
        }>() == std::vector<std::string>{"operation id 5 is 0 or was used before"});
}

TEST_CASE("the fake host notices statements about a job it never gave") {
  CHECK(breaches<[](const weft_host* host, const weft_job* jobs, const weft_task* task) {
          jobs->progress(host, 77, 10, {});
          jobs->end(host, task->job, &well);
        }>() == std::vector<std::string>{"progress about id 77, which is not known"});
}

TEST_CASE("the fake host notices a call after destroy") {
  fake_host host;
  static const weft_host* kept = nullptr;
  auto service =
      host.create(Rogue<[](const weft_host* h, const weft_job* jobs, const weft_task* task) {
                    kept = h;
                    jobs->end(h, task->job, &well);
                  }>::entry,
                  "rogue");
  service.submit({.operation = "test.rogue"});
  service.destroy();
  const auto* timer = static_cast<const weft_timer*>(kept->service(kept, WEFT_TIMER));
  (void)timer->now_ms(kept);
  CHECK(host.violations() ==
        std::vector<std::string>{"weft_timer.now_ms was called after destroy"});
}

TEST_CASE("the fake host notices a job that drain leaves behind") {
  fake_host host;
  auto service = host.create(
      Rogue<[](const weft_host*, const weft_job*, const weft_task*) {}>::entry, "rogue");
  service.submit({.operation = "test.rogue"});
  service.drain();
  CHECK(host.violations() == std::vector<std::string>{"id 1 was left by drain"});
}

TEST_CASE("an end commits the checkpoints that were said before it") {
  fake_host host;
  host.set_commit_ms(100);
  auto service =
      host.create(Rogue<[](const weft_host* h, const weft_job* jobs, const weft_task* task) {
                    CHECK(jobs->checkpoint(h, 1, task->job, weft::borrow("a")) == WEFT_OK);
                    CHECK(jobs->checkpoint(h, 2, task->job, weft::borrow("b")) == WEFT_OK);
                    jobs->end(h, task->job, &well);
                  }>::entry,
                  "rogue");
  auto job = service.submit({.operation = "test.rogue"});
  CHECK(job.tokens() == std::vector<std::string>{"a", "b"});
  host.run_until_idle();
  CHECK(job.tokens() == std::vector<std::string>{"a", "b"});
  CHECK(host.violations().empty());
}

TEST_CASE("C and C++ agree on the size of every structure") {
  CHECK(weft_test_sizes_in_c() ==
        sizeof(weft_task) + 3 * sizeof(weft_result) + 5 * sizeof(weft_http_request) +
            7 * sizeof(weft_http_event) + 11 * sizeof(weft_process_event) +
            13 * sizeof(weft_candidate) + 17 * sizeof(weft_adapter) + 19 * sizeof(weft_job));
}

// SPDX-License-Identifier: Apache-2.0
#include "plugin_load.hpp"

#include <array>

#include "row.hpp"

namespace weft::bench {
namespace {

const std::array<std::filesystem::path, 1> folders{WEFT_BENCH_PLUGINS};

}  // namespace

PluginLoad::PluginLoad(const std::filesystem::path& folder, const std::string& component)
    : log_(observe::Logger::to_stderr(redactor_, observe::Level::error)),
      artifacts_(artifact::ArtifactStore::open(folder / "artifacts").value()),
      http_(io_, {}, log_),
      libraries_(plugin::Libraries::scan(folders)),
      host_(plugin::Host::create(
                {io_, http_, artifacts_, redactor_, metrics_, *this, *this, log_, folder / "work"})
                .value()) {
  BoundTask task;
  task.params = {{"value", 1}};
  task_ = std::make_shared<const BoundTask>(std::move(task));
  const plugin::Component* found = libraries_.find(component);
  expect(found, "there is no component " + component);
  plugin::ServiceSetup setup;
  setup.service = component;
  instance_ = plugin::Instance::create(*host_, *found, std::move(setup), *this).value();
  instance_->describe(std::chrono::seconds{10},
                      [](const result<plugin::Offer>& offer) { expect(bool(offer), "no offer"); });
  settle();
}

PluginLoad::~PluginLoad() {
  instance_->drain(Duration{0}, [] {});
  settle();
  instance_.reset();
  host_.reset();
}

void PluginLoad::submit(const std::string& operation, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    plugin::Job job;
    job.attempt = {RunId{}, next_task_++, 1};
    job.operation = operation;
    job.task = task_;
    job.label = "step";
    instance_->submit(std::move(job));
  }
}

void PluginLoad::settle() {
  while (io_.poll() > 0) {
  }
}

Work PluginLoad::calls(const std::string& operation) {
  return [this, operation](Clock::time_point until) {
    const std::uint64_t before = ended_;
    do {
      for (int i = 0; i < 100; ++i) {
        submit(operation, 1);
        settle();
      }
    } while (Clock::now() < until);
    return ended_ - before;
  };
}

void PluginLoad::ended(AttemptRef, plugin::JobOutcome outcome) {
  expect(outcome.outcome == Outcome::ok, "a job failed: " + outcome.message);
  ++ended_;
}

}  // namespace weft::bench

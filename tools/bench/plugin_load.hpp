// SPDX-License-Identifier: Apache-2.0
// A plugin host with real parts and one service on it, in the calling thread.
#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "artifact/artifact_store.hpp"
#include "harness.hpp"
#include "net/http_client.hpp"
#include "plugin/host.hpp"
#include "plugin/instance.hpp"
#include "plugin/library.hpp"

namespace weft::bench {

class PluginLoad final : public plugin::JobSink, plugin::SecretSource, plugin::StateStore {
 public:
  // The component of the benchmark's plugins.
  PluginLoad(const std::filesystem::path& folder, const std::string& component);
  ~PluginLoad() override;

  // Submits jobs of an operation that takes an integer `value`; they need not end.
  void submit(const std::string& operation, std::uint32_t count);
  // Runs what is ready.
  void settle();
  std::uint64_t ended() const noexcept { return ended_; }
  // Jobs one after the other, each from submit to end.
  Work calls(const std::string& operation);

  void started(AttemptRef) override {}
  void progressed(AttemptRef, std::int32_t, std::string_view) override {}
  void checkpoint(AttemptRef, std::uint64_t, std::string) override {}
  void ended(AttemptRef, plugin::JobOutcome outcome) override;

 private:
  std::optional<std::string> get(std::string_view) override { return std::nullopt; }
  bool refuse(std::string_view, std::string_view, Duration) override { return false; }
  std::optional<std::string> get(std::string_view, std::string_view) override {
    return std::nullopt;
  }
  result<> put(std::string_view, std::string_view, std::string_view) override { return {}; }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  observe::Redactor redactor_;
  observe::Metrics metrics_;
  observe::Logger log_;
  artifact::ArtifactStore artifacts_;
  net::HttpClient http_;
  plugin::Libraries libraries_;
  std::unique_ptr<plugin::Host> host_;
  std::unique_ptr<plugin::Instance> instance_;
  std::shared_ptr<const BoundTask> task_;
  std::uint32_t next_task_ = 0;
  std::uint64_t ended_ = 0;
};

}  // namespace weft::bench

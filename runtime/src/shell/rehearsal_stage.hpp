// SPDX-License-Identifier: Apache-2.0
// Where services are rehearsed: the real plugins and their real host, whose network is a prompter.
#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/instance.hpp"
#include "plugin/stand_in.hpp"
#include "shell/board_home.hpp"
#include "shell/environment.hpp"

namespace weft::shell {

// All of it; "" when it cannot be read.
std::string read_file(const std::filesystem::path& file);

// The answers that a job gets, one by one.
struct Prompt {
  std::vector<net::HttpResponse> answers;
  std::vector<net::HttpResponse> beside;  // to what is asked while its order is open
  bool made_up = false;
};

// Gives the answers, and notes what was asked.
class Prompter final : public plugin::StandIn {
 public:
  // From now on; what is asked does `step`, unless it buys or fetches a result.
  void expect(Prompt prompt, std::string step);
  std::optional<net::HttpResult> answer(const net::HttpRequest& request, bool buys) override;

  std::vector<RehearsedRequest> requests;
  bool waits = false;  // a request has no answer

 private:
  std::optional<net::HttpResult> answer_beside(RehearsedRequest noted);

  Prompt prompt_;
  std::string step_;
  std::size_t next_ = 0;
  bool has_ordered_ = false, has_asked_beside_ = false;
};

// Every secret is set, whatever its value: none is shown.
class AnySecret final : public plugin::SecretSource {
 public:
  std::optional<std::string> get(std::string_view name) override { return std::string(name); }
  bool refuse(std::string_view, std::string_view, Duration) override { return false; }
};

// One thread, which calls and is called. It outlives the instances that it makes.
class Stage final : public plugin::JobSink {
 public:
  static result<std::unique_ptr<Stage>> build(const Environment& environment);
  result<std::unique_ptr<plugin::Instance>> make(const ServiceConfig& service);
  result<plugin::Offer> describe(plugin::Instance& instance);

  // Until the job ends, or waits for an answer that there is not: then it is `unknown`.
  result<plugin::JobOutcome> play(plugin::Instance& instance, const std::string& operation,
                                  const BoundTask& task);
  // What is asked when the job that waits is cancelled.
  std::vector<RehearsedRequest> cancel(plugin::Instance& instance, Prompt prompt);
  // What is asked to find a job again of which only the key is known.
  std::vector<RehearsedRequest> find(plugin::Instance& instance, const std::string& operation,
                                     const BoundTask& task);
  std::vector<RehearsedRequest> probe(plugin::Instance& instance);

  // An artifact of that type.
  result<ArtifactInfo> make_input(const std::string& media_type);

  Prompter prompter;

 private:
  Stage(const Environment& environment, std::unique_ptr<BoardHome> home);
  plugin::Job new_job(plugin::Instance& instance, const std::string& operation,
                      const BoundTask& task);
  std::vector<RehearsedRequest> heard();
  void run_until(const std::function<bool()>& done);

  void started(AttemptRef) override {}
  void progressed(AttemptRef, std::int32_t, std::string_view) override {}
  void checkpoint(AttemptRef attempt, std::uint64_t op, std::string token) override;
  void ended(AttemptRef attempt, plugin::JobOutcome outcome) override;

  const std::unique_ptr<BoardHome> home_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  observe::Redactor redactor_;
  observe::Metrics metrics_;
  observe::Logger log_ = observe::Logger::to_sink([](observe::Level, std::string_view) {},
                                                  redactor_, observe::Level::error);
  AnySecret secrets_;
  net::HttpClient http_{io_, {}, log_};
  const plugin::Libraries libraries_;
  std::unique_ptr<plugin::Host> host_;
  plugin::Instance* current_ = nullptr;
  std::optional<plugin::JobOutcome> outcome_;
  TaskNo job_no_ = 0;
  AttemptRef attempt_;  // the job that plays
};

}  // namespace weft::shell

// SPDX-License-Identifier: Apache-2.0
// The services that the benchmarks run: as little work as can be, through the whole ABI.
#include <fcntl.h>
#include <unistd.h>

#include <coroutine>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <weft/plugin.hpp>

WEFT_MANIFEST(R"({"id": "dev.weft.bench", "name": "Benchmark services", "version": "1.0.0",
  "license": "Apache-2.0", "abi": "1.0", "components": [
    {"name": "adder", "interfaces": ["weft.adapter/1"], "needs": ["weft.job/1"]},
    {"name": "sleeper", "interfaces": ["weft.adapter/1"], "needs": ["weft.job/1", "weft.timer/1"]},
    {"name": "file", "interfaces": ["weft.adapter/1"], "needs": ["weft.job/1", "weft.timer/1"],
     "config_schema": {"type": "object", "required": ["path", "append"], "properties": {
       "path": {"type": "string"}, "append": {"enum": ["start", "end"]}}}}]})");

namespace {

using nlohmann::json;

// x + 1, and sums.
class Adder final : public weft::adapter<Adder> {
 public:
  static constexpr std::string_view name = "adder";
  static constexpr std::string_view operations =
      R"([{"name": "bench.add"}, {"name": "bench.sum"}])";

  explicit Adder(const weft::context& context) : adapter(context) {}

  weft::task<> run(weft::job& job) override {
    std::int64_t value = 0;
    if (job.operation() == "bench.add") {
      value = job.params().at("value").get<std::int64_t>() + 1;
    } else {
      for (const json& one : job.params().at("values")) value += one.get<std::int64_t>();
      if (const auto modulus = job.params().value("modulus", std::int64_t{0}); modulus > 0)
        value %= modulus;
    }
    job.result({{"value", value}});
    co_return;
  }
};

// A remote job that is looked at once an hour.
class Sleeper final : public weft::adapter<Sleeper> {
 public:
  static constexpr std::string_view name = "sleeper";
  static constexpr std::string_view operations = R"([{"name": "bench.sleep"}])";

  explicit Sleeper(const weft::context& context) : adapter(context) {}

  weft::task<> run(weft::job& job) override {
    co_await job.sleep(3'600'000);
    job.result({{"value", 0}});
  }
};

// A service that does a step in 50 ms and keeps its books in a file: one line for each step it was
// asked for. Asked for a key that it does not have, it says so.
class File final : public weft::adapter<File> {
 public:
  static constexpr std::string_view name = "file";
  static constexpr std::string_view recover = "key";
  static constexpr std::string_view operations = R"([{"name": "bench.step"}])";
  static constexpr std::uint32_t step_ms = 50;

  explicit File(const weft::context& context)
      : adapter(context),
        path_(context.config().at("path").get<std::string>()),
        appends_at_start_(context.config().at("append") == "start"),
        file_(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) {}
  ~File() override { ::close(file_); }

  weft::task<> run(weft::job& job) override {
    const std::string line = std::to_string(job.params().at("pipeline").get<int>()) + " " +
                             std::to_string(job.params().at("step").get<int>());
    if (job.attached()) {
      look_up(job, line);
    } else {
      if (appends_at_start_) append(line);
      co_await job.sleep(step_ms);
      if (!appends_at_start_) append(line);
      job.cost(weft::cost::billed(price_micros, "USD"));
    }
    job.result({{"value", job.params().at("step")}});
  }

 private:
  static constexpr std::int64_t price_micros = 10'000;

  // One write, so that a line is there whole or not at all.
  void append(const std::string& line) const {
    const std::string text = line + "\n";
    if (::write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      throw weft::error(WEFT_TRANSIENT, "the file cannot be written");
  }
  void look_up(weft::job& job, const std::string& line) {
    if (!std::exchange(books_read_, true)) {
      std::ifstream stream(path_);
      for (std::string one; std::getline(stream, one);) books_.insert(one);
    }
    const bool was_bought = books_.contains(line);
    job.cost(weft::cost::billed(was_bought ? price_micros : 0, "USD"));
    if (!was_bought) throw weft::error(WEFT_LOST, "there is no such step in the books");
  }

  std::string path_;
  bool appends_at_start_;
  int file_;
  bool books_read_ = false;
  std::set<std::string> books_;  // as they were when this process began
};

}  // namespace

WEFT_PLUGIN(Adder, Sleeper, File);

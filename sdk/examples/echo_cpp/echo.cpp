// SPDX-License-Identifier: Apache-2.0
// An adapter that gives back its text, slowly: a service in miniature.
#include <weft/plugin.hpp>

WEFT_MANIFEST(R"({"id": "dev.weft.echo", "name": "Echo", "version": "1.0.0",
  "license": "Apache-2.0", "abi": "1.0", "components": [{
    "name": "echo", "interfaces": ["weft.adapter/1"], "needs": ["weft.job/1", "weft.timer/1"],
    "config_schema": {"type": "object", "properties": {"prefix": {"type": "string"}}}}]})");

class Echo final : public weft::adapter<Echo> {
 public:
  static constexpr std::string_view name = "echo";
  static constexpr std::string_view operations = R"([{"name": "text.echo",
    "params": {"type": "object", "required": ["text"], "properties": {
      "text": {"type": "string"}, "steps": {"type": "integer", "default": 3}}},
    "outputs": {"text": {"media_types": ["text/plain"]}}}])";

  explicit Echo(const weft::context& context)
      : adapter(context), prefix_(context.config().value("prefix", "")) {}

  // Serves submit and, after a restart, attach: then the token says where to go on.
  weft::task<> run(weft::job& job) override {
    const int steps = job.params().value("steps", 3);
    for (int step = job.attached() ? std::stoi(job.token()) : 0; step < steps; ++step) {
      co_await job.sleep(1000);
      co_await job.checkpoint(std::to_string(step + 1));
      job.progress((step + 1.0) / steps, "echoing");
    }
    job.output("text", prefix_ + job.params().value("text", ""), "text/plain");
  }

 private:
  std::string prefix_;
};

WEFT_PLUGIN(Echo);

// SPDX-License-Identifier: Apache-2.0
// An adapter and an executor in the SDK's C++ face.
#include <weft/plugin.hpp>

#include <stdexcept>

WEFT_MANIFEST(
    R"({"id": "test.weft.face", "name": "Face", "version": "1.0.0", "license": "Apache-2.0", "abi": "1.0",
  "components": [
    {"name": "face", "interfaces": ["weft.adapter/1"], "needs": ["weft.job/1", "weft.timer/1", "weft.websocket-draft/1"]},
    {"name": "face_worker", "interfaces": ["weft.executor/1"], "class": "cpu",
     "operations": [{"name": "test.work"}]}]})");

class Face final : public weft::adapter<Face> {
 public:
  static constexpr std::string_view name = "face";
  static constexpr std::string_view operations = R"([{"name": "test.script"}])";
  explicit Face(const weft::context& context) : adapter(context), language_(host()) {}

  weft::task<> run(weft::job& job) override {
    if (job.params().contains("shows")) {
      const auto& size = job.params()["shows"];
      job.result({{"wanted", job.previews_wanted()}});
      job.preview("image/jpeg", std::string(size.get<std::size_t>(), 'x'));
      co_return;
    }
    if (job.params().contains("takes")) {
      job.used().gpu_memory_bytes = job.params()["takes"].get<std::uint64_t>();
      job.used().queue_place = 3;
    }
    if (job.params().value("throws", false)) throw std::runtime_error("it slipped");
    if (job.params().contains("expression")) {
      const auto program = language_.compile(job.params().at("expression").get<std::string>(),
                                             {{"n", {{"type", "integer"}}}});
      auto scope = language_.scope();
      scope.bind("n", job.params().at("n"));
      job.result({{"value", scope.evaluate(program)}});
      co_return;
    }
    if (job.params().contains("websocket")) co_return co_await talk(job);
    if (!job.attached()) co_await job.checkpoint("remote-1");
    co_await job.sleep(job.params().value("sleep_ms", 1U));
    job.output("text", "made from " + job.token(), "text/plain");
  }

 private:
  // Says hello, and hangs up after so many words.
  static weft::task<> talk(weft::job& job) {
    std::string heard;
    std::unique_ptr<weft::websocket> socket;
    weft::websocket_sink sink;
    sink.on_text = [&](std::string_view text) {
      heard += text;
      if (heard.size() >= job.params().value("enough", std::size_t{1})) socket->close();
    };
    weft::websocket_request wanted(job.params().at("websocket").get<std::string>());
    wanted.header("Authorization", "Bearer {secret:key}");
    if (job.params().value("public", false)) wanted.public_only();
    socket = job.open(wanted, sink);
    socket->send("hello");
    socket->send_binary("bytes");
    co_await socket->end();
    job.result({{"heard", heard}});
  }

  weft::expressions language_;
};

class FaceWorker final : public weft::executor<FaceWorker> {
 public:
  static constexpr std::string_view name = "face_worker";
  explicit FaceWorker(const weft::context& context) : executor(context) {}
  void run(weft::work& work) override {
    if (work.params().value("throws", false)) throw std::runtime_error("it fell");
    const std::string path = work.reserve("text/plain");
    work.process(weft::command("sh", "-c", "echo made here > " + path));
    work.output_file("text", path, "text/plain");
  }
};

WEFT_PLUGIN(Face, FaceWorker);

// SPDX-License-Identifier: Apache-2.0
#include <thread>
#include <vector>

#include "script.hpp"

namespace script {
namespace {

class Executor {
 public:
  explicit Executor(const weft_host* host) : services_(host) {
    instance_.size = sizeof instance_;
    instance_.impl = this;
    instance_.query = [](const weft_instance*, const char* id) noexcept -> const void* {
      return std::string_view(id) == WEFT_EXECUTOR ? &table : nullptr;
    };
    instance_.destroy = [](const weft_instance* i) noexcept { delete &of(i); };
  }
  const weft_instance* instance() const { return &instance_; }

 private:
  static Executor& of(const weft_instance* i) { return *static_cast<Executor*>(i->impl); }
  static const weft_executor table;

  weft_status run(const weft_task& task) const {
    const json params = json::parse(text(task.params));
    json seen = json::array();
    for (const json& step : params["steps"]) {
      const std::string what = step["do"];
      if (services_.say(task.job, step, seen)) {
        if (what == "end" && !step.value("goes_on", false)) return WEFT_OK;
      } else if (what == "return") {
        return step["status"];
      } else if (what == "process") {
        if (process(task.job, step, seen) == WEFT_CANCELLED) {
          services_.end(task.job, WEFT_CANCELLED, {{"seen", seen}});
          return WEFT_OK;
        }
      } else if (what == "file") {
        file(task.job, step, seen);
      } else if (what == "read_input") {
        read_input(task, seen);
      } else if (what == "until_cancelled") {
        while (services_.job->cancelled(services_.host, task.job) == 0) std::this_thread::yield();
        // One that is slow to heed it.
        for (int turns = step.value("lingers", 0); turns > 0; --turns) std::this_thread::yield();
        services_.end(task.job, WEFT_CANCELLED, json::object());
        return WEFT_OK;
      }
    }
    services_.end(task.job, WEFT_OK, {{"seen", seen}});
    return WEFT_OK;
  }

  void file(weft_id id, const json& step, json& seen) const {
    const std::string path = step.contains("path") ? step["path"].get<std::string>()
                                                   : services_.reserve_and_write(id, step);
    weft_blob blob{};
    blob.kind = WEFT_FILE;
    blob.data = borrow(path);
    seen.push_back(services_.output(id, step, blob));
    seen.push_back(std::ifstream(path).good());
  }
  void read_input(const weft_task& task, json& seen) const {
    const auto& input = *static_cast<const weft_named*>(task.inputs.data);
    std::string path, content;
    services_.artifacts->locate(services_.host, input.blob.artifact, &path, take);
    std::getline(std::ifstream(path), content);
    seen.push_back(content);
  }
  weft_status process(weft_id id, const json& step, json& seen) const {
    const auto words = step["argv"].get<std::vector<std::string>>();
    std::vector<weft_str> argv;
    for (const std::string& word : words) argv.push_back(borrow(word));
    std::vector<weft_pair> variables;
    std::vector<std::string> texts;
    texts.reserve(64);
    const json environment = step.value("env", json::object());
    for (const auto& [name, value] : environment.items()) {
      texts.push_back(name);
      texts.push_back(value);
      variables.push_back({borrow(texts[texts.size() - 2]), borrow(texts.back())});
    }
    weft_process_request request{};
    request.size = sizeof request;
    request.timeout_ms = step.value("timeout_ms", 0U);
    request.argv = {argv.data(), static_cast<std::uint32_t>(argv.size()), sizeof(weft_str)};
    request.env = {variables.data(), static_cast<std::uint32_t>(variables.size()),
                   sizeof(weft_pair)};
    struct Context {
      const Services& services;
      weft_id id;
      json& seen;
      bool tells;
    } context{services_, id, seen, step.value("tells", false)};
    return services_.process->run(
        services_.host, id, &request, &context,
        [](void* raw, const weft_process_event* event) noexcept -> std::int32_t {
          auto& to = *static_cast<Context*>(raw);
          if (event->head.type == WEFT_EV_PROCESS_LINE) {
            to.seen.push_back(text(event->line));
            if (to.tells) to.services.job->progress(to.services.host, to.id, 1, event->line);
          } else {
            to.seen.push_back({{"status", event->head.status},
                               {"exit_code", event->exit_code},
                               {"signal", event->signal}});
          }
          return 0;
        });
  }

  Services services_;
  weft_instance instance_{};
};

const weft_executor Executor::table{
    sizeof(weft_executor), 0,
    [](const weft_instance* i, const weft_task* task) noexcept { return of(i).run(*task); },
    nullptr};

}  // namespace

weft_status create_executor(const weft_host* host, weft_str, const weft_instance** made) {
  *made = (new Executor(host))->instance();
  return WEFT_OK;
}

}  // namespace script

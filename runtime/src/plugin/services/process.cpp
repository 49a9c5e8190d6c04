// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "plugin/child_process.hpp"
#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

// Nothing for a request that is malformed.
std::optional<ChildCommand> copy_command(Core& core, weft_id job,
                                         const weft_process_request& request) {
  if (!WEFT_HAS(&request, weft_process_request, env)) return std::nullopt;
  ChildCommand command;
  for (std::uint32_t i = 0; i < request.argv.count; ++i) {
    const auto* argument = element<weft_str>(request.argv, i);
    if (!argument || has_nul(view(*argument))) return std::nullopt;
    command.argv.emplace_back(view(*argument));
  }
  for (std::uint32_t i = 0; i < request.env.count; ++i) {
    const auto* variable = element<weft_pair>(request.env, i);
    if (!variable || view(variable->name).empty() || has_nul(view(variable->name)) ||
        has_nul(view(variable->value)) || view(variable->name).find('=') != std::string_view::npos)
      return std::nullopt;
    command.environment.emplace_back(view(variable->name), view(variable->value));
  }
  if (command.argv.empty() || command.argv.front().empty()) return std::nullopt;
  command.folder = view(request.cwd);
  if (command.folder.empty())
    command.folder = job == 0 ? core.host.parts.work_folder : core.job_folder(job);
  command.timeout = Duration(request.timeout_ms);
  return command;
}

weft_status status_of(ChildEnd end) noexcept {
  switch (end) {
    case ChildEnd::exited:
      return WEFT_OK;
    case ChildEnd::no_such_program:
      return WEFT_UNSUPPORTED;
    case ChildEnd::not_started:
      return WEFT_NOT_SENT;
    case ChildEnd::timed_out:
      return WEFT_TRANSIENT;
    case ChildEnd::stopped:
      break;
  }
  return WEFT_CANCELLED;
}

void set_line(weft_process_event& event, bool is_error, std::string_view line) {
  event.stream = is_error ? WEFT_STDERR : WEFT_STDOUT;
  event.line = borrow(line);
}
void set_exit(weft_process_event& event, const ChildExit& exit) {
  event.exit_code = exit.exit_code;
  event.signal = exit.signal;
}

// A child that an adapter runs: a worker waits for it.
class Child final : public Operation, public std::enable_shared_from_this<Child> {
 public:
  Child(Core& core, weft_id op, weft_id job, ChildCommand command, std::shared_ptr<StopSignal> stop)
      : core_(core.weak_from_this()),
        op_(op),
        job_(job),
        command_(std::move(command)),
        stop_(std::move(stop)) {}

  void begin() override {
    const auto core = core_.lock();
    core->host.pool.post([core, self = shared_from_this()] { self->run(*core); });
  }
  void cancel() override { stop_->request(); }

 private:
  void run(Core& core) const {
    const ChildExit exit =
        run_child(command_, core.host.guardian, *stop_, [&](bool is_error, std::string_view line) {
          core.deliver([op = op_, is_error, text = std::string(line)](const weft_instance& plugin) {
            auto event = make_event<weft_process_event>(op, WEFT_EV_PROCESS_LINE, WEFT_OK);
            set_line(event, is_error, text);
            plugin.event(&plugin, &event.head);
          });
          return true;
        });
    core.jobs.add_usage(job_, exit.usage);
    core.finish<weft_process_event>(op_, WEFT_EV_PROCESS_EXIT, status_of(exit.end), exit.message,
                                    [exit](weft_process_event& event) { set_exit(event, exit); });
  }
  std::weak_ptr<Core> core_;
  weft_id op_, job_;
  ChildCommand command_;
  std::shared_ptr<StopSignal> stop_;
};

weft_status start(const weft_host* host, weft_id op, weft_id job,
                  const weft_process_request* request) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  auto command = request ? copy_command(*core, job, *request) : std::nullopt;
  if (!command) return WEFT_BAD_INPUT;
  auto stop = StopSignal::create();
  if (!stop) return WEFT_NOT_SENT;
  auto signal = std::make_shared<StopSignal>(std::move(*stop));
  if (job != 0 && !core->jobs.add_child(job, signal)) return WEFT_CANCELLED;
  return core->start(op, job, std::make_shared<Child>(*core, op, job, std::move(*command), signal));
}

void cancel(const weft_host* host, weft_id op) noexcept {
  if (Core* core = living(host)) core->cancel_operation(op);
}

weft_status run(const weft_host* host, weft_id job, const weft_process_request* request,
                void* context, weft_process_sink sink) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  const auto command = request && sink ? copy_command(*core, job, *request) : std::nullopt;
  if (!command) return WEFT_BAD_INPUT;
  auto stop = StopSignal::create();
  if (!stop) return WEFT_NOT_SENT;
  const auto signal = std::make_shared<StopSignal>(std::move(*stop));
  // Of a job that is to stop the child is stopped at once, and its exit told as any other.
  if (!core->jobs.add_child(job, signal)) signal->request();
  const ChildExit exit =
      run_child(*command, core->host.guardian, *signal, [&](bool is_error, std::string_view line) {
        auto event = make_event<weft_process_event>(0, WEFT_EV_PROCESS_LINE, WEFT_OK);
        set_line(event, is_error, line);
        return sink(context, &event) == 0;
      });
  core->jobs.add_usage(job, exit.usage);
  auto event = make_event<weft_process_event>(0, WEFT_EV_PROCESS_EXIT, status_of(exit.end));
  event.head.message = borrow(exit.message);
  set_exit(event, exit);
  sink(context, &event);
  return event.head.status;
}

}  // namespace

constinit const weft_process process_table{sizeof(weft_process), 0, start, cancel, run};

}  // namespace weft::plugin::services

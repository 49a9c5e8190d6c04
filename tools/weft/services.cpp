// SPDX-License-Identifier: Apache-2.0
// weft services: what is configured, and how it does.
#include <algorithm>
#include <optional>
#include <ostream>
#include <sstream>

#include "base/time.hpp"
#include "commands.hpp"
#include "json_views.hpp"
#include "signals.hpp"
#include "table.hpp"

namespace weft::cli {
namespace {

struct ServicesOptions {
  std::string since = "1h";
  bool watch = false;
};

constexpr std::chrono::milliseconds redraw_every{1000};
constexpr std::chrono::milliseconds signal_check{100};

Cell note_of(const ServiceView& service) {
  if (!service.unavailable.empty()) return {"unavailable: " + service.unavailable, Tone::bad};
  const std::string& reason = service.health_reason;
  if (service.health == "draining" || service.health == "disabled")
    return {service.health + ": " + reason, Tone::careful};
  if (service.health == "open")
    return {"open until " +
                (service.open_until ? clock_time(*service.open_until)
                                    : std::string("the configuration is read again")) +
                ": " + reason,
            Tone::bad};
  if (service.health == "half_open") return {"half open: " + reason, Tone::careful};
  if (service.paused_until)
    return {"paused until " + clock_time(*service.paused_until) + ", as it asked", Tone::careful};
  if (service.health == "degraded") return {"degraded: " + reason, Tone::careful};
  return {service.placeholder ? "placeholder" : "", Tone::faint};
}

// Of those attempts that say something about the service.
Cell success_of(const UseView& use) {
  const std::uint64_t judged = use.succeeded + use.faults;
  if (judged == 0) return {};
  const auto percent = use.succeeded * 100 / judged;
  return {std::to_string(percent) + " %", percent >= 95   ? Tone::good
                                          : percent >= 50 ? Tone::careful
                                                          : Tone::bad};
}

std::string span_of(std::int64_t ms) {
  return human_duration(Duration{ms});
}

Table table_of(const std::vector<ServiceView>& services) {
  Table table({{"SERVICE"},
               {"COMPONENT"},
               {"CLASS"},
               {"PRICE", true},
               {"NOW", true},
               {"ENDED", true},
               {"OK", true},
               {"P50", true},
               {"P95", true},
               {"WAITED", true},
               {"COST", true},
               {"CPU", true},
               {"MEMORY", true},
               {"VRAM", true},
               {"OPERATIONS", false, true},
               {"NOTE", false, true}});
  for (const ServiceView& service : services) {
    const bool usable = service.unavailable.empty();
    const bool used = !service.use.empty();
    const UseView use = used ? service.use.front() : UseView{};
    table.add({{service.name, usable ? Tone::strong : Tone::faint},
               {service.component},
               {service.slot_class},
               {service.price},
               {service.in_flight > 0 ? std::to_string(service.in_flight) : ""},
               {used ? std::to_string(use.ended) : ""},
               success_of(use),
               {use.succeeded > 0 ? span_of(use.p50_ms) : ""},
               {use.succeeded > 0 ? span_of(use.p95_ms) : ""},
               {used ? span_of(use.waited_ms) : ""},
               {use.cost},
               {human_cpu(use.usage.cpu_ms)},
               {human_size(use.usage.memory_bytes)},
               {human_size(use.usage.gpu_memory_bytes)},
               {joined(service.operations, " ")},
               note_of(service)});
  }
  return table;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Until a stop is asked for.
result<int> watch(Context& context, Runtime& runtime, const SignalWatcher& signals, Duration span) {
  auto& screen = context.screen();
  while (!signals.stop_asked()) {
    const auto services = runtime.services(span);
    if (!services) return services.error();
    screen.show(
        lines_of(table_of(*services).to_string(screen.size().columns, context.screen_color())));
    const auto until = std::chrono::steady_clock::now() + redraw_every;
    while (!signals.stop_asked() && std::chrono::steady_clock::now() < until)
      runtime.wait_for_events(UINT64_MAX, signal_check);
  }
  screen.clear();
  return interrupted_exit_code;
}

result<int> services(Context& context, const ServicesOptions& options) {
  const auto span = parse_duration(options.since);
  if (!span) return span.error();
  if (options.watch && (!context.screen().is_terminal() || context.options.json))
    return invalid("--watch draws on a terminal", "leave it out, or ask again now and then");
  std::optional<SignalWatcher> signals;
  if (options.watch) signals.emplace();
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  if (signals) return watch(context, **runtime, *signals, *span);
  const auto services = (*runtime)->services(*span);
  if (!services) return services.error();
  const auto found = (*runtime)->discover();
  if (!found) return found.error();
  if (context.options.json) {
    context.print(json::object{{"services", to_json(*services)}, {"found", to_json(*found)}});
    return 0;
  }
  const Table table = table_of(*services);
  context.out() << (table.empty() ? "no services are configured\n"
                                  : table.to_string(context.width(), context.color()));
  for (const FoundServerView& server : *found)
    context.out() << "found " << server.kind << " at " << server.url
                  << ", which no service speaks of\n";
  context.out() << std::flush;
  return 0;
}

}  // namespace

void add_service_commands(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ServicesOptions>();
  CLI::App& command = add_command(
      app, context, "services",
      "List the configured services, what each can do, and how it has done", options, services);
  command
      .add_option("--since", options->since,
                  "What became of attempts in this span: 15m, 24h, up to 30d; default: 1h")
      ->type_name("SPAN");
  command.add_flag("-w,--watch", options->watch, "Stay and redraw every second");
  command.footer(
      R"(NOW counts attempts under way. ENDED, OK, P50, P95, WAITED and COST are of those that
ended in the span: how many, how many of a hundred succeeded (leaving out what was
refused, cancelled or asked wrongly), how long the successful ones took, how long they
waited for a slot on average, and what they cost. CPU is the time of this machine's
processors that all of them took, MEMORY the most that one process of theirs held, VRAM the
most that was in use on a graphics card, by whomever; each where it is known.

NOTE says why a service is left alone: open, because it failed or its account is broken; half
open while one task tries it out; paused, because it asked for that; degraded, and asked after
the others, because it works badly.

Examples:
  weft services
  weft services --since 24h
  weft services --json | jq '.services[].use')");
}

}  // namespace weft::cli

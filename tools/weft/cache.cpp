// SPDX-License-Identifier: Apache-2.0
// weft cache: results that later tasks may take.
#include <ostream>

#include "base/text.hpp"
#include "commands.hpp"
#include "json_views.hpp"
#include "table.hpp"
#include "text.hpp"

namespace weft::cli {
namespace {

struct CacheOptions {
  std::string operation;
  std::uint32_t limit = 100;
};

json::object result_json(const KeptResultView& kept) {
  return {{"key", kept.key},
          {"operation", kept.operation},
          {"run", kept.run},
          {"task", kept.task},
          {"pipeline", kept.pipeline},
          {"service", kept.service},
          {"size_bytes", kept.size_bytes},
          {"made_at", weft::to_string(kept.made_at)},
          {"used_at", weft::to_string(kept.used_at)}};
}

void print_results(Context& context, const std::vector<KeptResultView>& all) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  Table table({{"OPERATION"},
               {"TASK"},
               {"PIPELINE"},
               {"RUN"},
               {"SERVICE"},
               {"SIZE", true},
               {"MADE", true},
               {"USED", true}});
  const auto ago = [&](TimePoint at) { return human_duration(now - at) + " ago"; };
  for (const KeptResultView& kept : all)
    table.add({{kept.operation},
               {kept.task},
               {kept.pipeline},
               {kept.run, Tone::faint},
               {kept.service},
               {human_size(kept.size_bytes)},
               {ago(kept.made_at)},
               {ago(kept.used_at)}});
  context.out() << table.to_string(context.width(), context.color()) << std::flush;
}

result<int> list_results(Context& context, const CacheOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto kept = (*runtime)->kept_results(options.operation, options.limit);
  if (!kept) return kept.error();
  if (context.options.json) {
    json::array all;
    for (const KeptResultView& one : *kept) all.push_back(result_json(one));
    context.print(json::object{{"results", std::move(all)}});
  } else if (kept->empty()) {
    context.out() << "no results are kept" << std::endl;
  } else {
    print_results(context, *kept);
  }
  return 0;
}

result<int> clear_results(Context& context, const CacheOptions& options) {
  auto runtime = context.open(Role::on_demand);
  if (!runtime) return runtime.error();
  const auto cleared = (*runtime)->clear_results(options.operation);
  if (!cleared) return cleared.error();
  if (context.options.json)
    context.print(json::object{{"cleared", *cleared}});
  else
    context.out() << "forgot " << count_of(*cleared, "result")
                  << "; `weft gc` frees what only they referred to" << std::endl;
  return 0;
}

}  // namespace

void add_cache_commands(CLI::App& app, Context& context) {
  CLI::App* group =
      app.add_subcommand("cache", "Look at and forget results that later tasks would take");
  group->require_subcommand(1);
  const auto listed = std::make_shared<CacheOptions>();
  CLI::App& list = add_command(*group, context, "list", "List them, those used last first", listed,
                               list_results);
  list.add_option("OPERATION", listed->operation, "Only of this one");
  list.add_option("-n,--limit", listed->limit, "How many at most; default: 100")
      ->type_name("NUMBER");
  list.footer("Example:\n  weft cache list video.upscale");
  const auto cleared = std::make_shared<CacheOptions>();
  CLI::App& clear =
      add_command(*group, context, "clear", "Forget them: the next tasks are done anew", cleared,
                  clear_results);
  clear.add_option("OPERATION", cleared->operation, "Only of this one");
  clear.footer("Examples:\n  weft cache clear\n  weft cache clear image.judge");
}

}  // namespace weft::cli

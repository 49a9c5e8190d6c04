// SPDX-License-Identifier: Apache-2.0
// weft artifact, weft gc.
#include <ostream>

#include "base/text.hpp"
#include "commands.hpp"
#include "json_views.hpp"
#include "table.hpp"

namespace weft::cli {
namespace {

struct ListOptions {
  std::string run;
  std::uint32_t limit = 100;
};

struct GetOptions {
  std::string digest;
  std::string file;
};

struct VerifyOptions {
  std::string run;
};

struct CleanOptions {
  std::string older_than;
  bool paid = false;
  bool yes = false;
};

void print_artifacts(Context& context, const std::vector<ArtifactView>& artifacts) {
  Table table({{"ARTIFACT"},
               {"SIZE", true},
               {"TYPE"},
               {"NAME", false, true},
               {"RUN"},
               {"TASK", false, true}});
  for (const ArtifactView& artifact : artifacts)
    table.add({{short_digest(artifact.digest)},
               {size_to_string(artifact.size_bytes)},
               {artifact.media_type},
               {artifact.name},
               {artifact.run, Tone::faint},
               {artifact.task, Tone::faint}});
  context.out() << table.to_string(context.width(), context.color()) << std::flush;
}

result<int> list(Context& context, const ListOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto artifacts = (*runtime)->artifacts(options.run, options.limit);
  if (!artifacts) return artifacts.error();
  if (context.options.json)
    context.print(json::object{{"artifacts", to_json(*artifacts)}});
  else if (artifacts->empty())
    context.out() << "no artifacts" << std::endl;
  else
    print_artifacts(context, *artifacts);
  return 0;
}

result<int> get(Context& context, const GetOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto path = (*runtime)->artifact(options.digest, options.file);
  if (!path) return path.error();
  if (context.options.json)
    context.print(json::object{{"file", path->string()}});
  else
    context.out() << path->string() << std::endl;
  return 0;
}

result<int> verify(Context& context, const VerifyOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto damaged = (*runtime)->verify_artifacts(options.run);
  if (!damaged) return damaged.error();
  if (context.options.json) {
    context.print(json::object{{"damaged", to_json(*damaged)}});
  } else if (damaged->empty()) {
    context.out() << "every artifact is whole" << std::endl;
  } else {
    print_artifacts(context, *damaged);
  }
  if (damaged->empty()) return 0;
  return machine(count_of(damaged->size(), "artifact") + " damaged or missing",
                 "`weft fork RUN TASK` makes one again; check the disk first");
}

std::string removal_text(const CleaningReport& report, bool done) {
  std::string text = done ? "removed " : "would remove ";
  text += count_of(report.runs.size(), "run") + " and " + count_of(report.blobs, "artifact") +
          " (" + size_to_string(report.blob_bytes) + ")\n";
  for (const std::string& run : report.runs) text += "  " + run + "\n";
  if (!report.runs_kept_for_paid.empty())
    text += "kept " + count_of(report.runs_kept_for_paid.size(), "run") +
            " that cost money; --paid removes them as well\n";
  if (report.results > 0)
    text += (done ? "forgot " : "would forget ") + count_of(report.results, "result") +
            " of the cache\n";
  const bool something = report.blobs > 0 || report.results > 0 || !report.runs.empty();
  return !done && something ? text + "nothing is removed without --yes\n" : text;
}

result<int> clean(Context& context, const CleanOptions& options) {
  Cleaning cleaning;
  cleaning.paid = options.paid;
  cleaning.yes = options.yes;
  if (!options.older_than.empty()) {
    const auto age = parse_duration(options.older_than);
    if (!age) return age.error();
    cleaning.runs_older_than = *age;
  }
  auto runtime = context.open(Role::on_demand);
  if (!runtime) return runtime.error();
  const auto report = (*runtime)->clean(cleaning);
  if (!report) return report.error();
  if (context.options.json) {
    json::object document = to_json(*report);
    document["removed"] = options.yes;
    context.print(document);
  } else {
    context.out() << removal_text(*report, options.yes) << std::flush;
  }
  return 0;
}

void add_clean(CLI::App& app, Context& context) {
  const auto options = std::make_shared<CleanOptions>();
  CLI::App& command = add_command(
      app, context, "gc",
      "Remove what nothing refers to any more, and old runs; tells before it does", options, clean);
  auto* age = command
                  .add_option("--older-than", options->older_than,
                              "Also runs that ended longer ago: 30d, 12h; none otherwise")
                  ->type_name("AGE");
  command.add_flag("--paid", options->paid, "Also old runs whose results cost money")->needs(age);
  command.add_flag("-y,--yes", options->yes, "Do it");
  command.footer(R"(Examples:
  weft gc
  weft gc --older-than 30d --yes)");
}

}  // namespace

void add_artifact_commands(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("artifact", "Look at, copy and check what runs have made");
  group->require_subcommand(1);

  const auto listed = std::make_shared<ListOptions>();
  CLI::App& list_command =
      add_command(*group, context, "list", "List artifacts, of one run or of all", listed, list);
  list_command.add_option("RUN", listed->run, "Its id or the beginning");
  list_command.add_option("-n,--limit", listed->limit, "How many at most; default: 100")
      ->type_name("NUMBER");
  list_command.footer("Example:\n  weft artifact list 0192f0c1-abcd");

  const auto got = std::make_shared<GetOptions>();
  CLI::App& get_command = add_command(
      *group, context, "get", "Copy an artifact to a file, or print where it is stored", got, get);
  get_command.add_option("DIGEST", got->digest, "Its SHA-256, or a beginning that only it has")
      ->required();
  get_command
      .add_option("-o,--output", got->file,
                  "Where to; without it the path in the store is "
                  "printed, for reading only")
      ->type_name("FILE");
  get_command.footer(R"help(Examples:
  weft artifact get 3f2a9c1b0d4e5f60 -o film.mp4
  ffprobe "$(weft artifact get 3f2a9c1b0d4e5f60)")help");

  const auto verified = std::make_shared<VerifyOptions>();
  CLI::App& verify_command =
      add_command(*group, context, "verify",
                  "Read artifacts and compare them with their names; exit code 5 if any is damaged",
                  verified, verify);
  verify_command.add_option("RUN", verified->run, "Only what this run refers to");
  verify_command.footer("Example:\n  weft artifact verify");

  add_clean(app, context);
}

}  // namespace weft::cli

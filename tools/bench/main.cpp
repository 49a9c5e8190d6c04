// SPDX-License-Identifier: Apache-2.0
// weft-bench: measures this runtime against raw loops that do the same fsyncs, statements or bytes.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "child.hpp"
#include "report.hpp"
#include "row.hpp"

namespace {

using namespace weft::bench;

struct Wishes {
  std::vector<std::string> only;
  int rounds = 0;
  bool json = false, list = false, is_short = false;
  std::string folder;
};

bool is_wanted(std::string_view row, const std::vector<std::string>& only) {
  return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& prefix) {
           return row.starts_with(prefix);
         });
}

Budget budget_for(const Wishes& wishes) {
  Budget budget;
  if (wishes.is_short) budget = {1, std::chrono::milliseconds{20}};
  if (wishes.rounds > 0) budget.rounds = wishes.rounds;
  return budget;
}

// A new folder that goes at the end, on the disk that `inside` is on.
class Scratch {
 public:
  explicit Scratch(const std::filesystem::path& inside)
      : path_(inside / ("weft-bench-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

int run(const Wishes& wishes) {
  const Scratch scratch(wishes.folder);
  Bench bench(budget_for(wishes), wishes.is_short, scratch.path());
  std::vector<Figure> all;
  for (const Row& row : rows()) {
    if (!is_wanted(row.name, wishes.only)) continue;
    const Calibration calibration = calibrate(scratch.path());
    if (!wishes.json) std::cout << "-- " << row.what << ": " << line_of(calibration) << std::endl;
    for (Figure& figure : row.run(bench)) {
      if (!wishes.json) std::cout << line_of(figure) << std::endl;
      figure.calibration.emplace_back("fdatasync_p50_us", calibration.fdatasync_p50_us);
      figure.calibration.emplace_back("cpu_share", calibration.cpu_share);
      all.push_back(std::move(figure));
    }
  }
  if (wishes.json) std::cout << json_of(all) << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = run_as_child(argc, argv)) return *code;
  Wishes wishes;
  wishes.folder = std::filesystem::temp_directory_path().string();
  CLI::App app("Measures weft against raw loops; tools/bench/README.md says how.");
  app.add_option("--only", wishes.only, "rows whose names begin so; may be repeated");
  app.add_option("--rounds", wishes.rounds, "instead of 9 (3 for long rows)");
  app.add_option("--folder", wishes.folder, "where the disk is that is measured");
  app.add_flag("--json", wishes.json, "an array of figures instead of the table");
  app.add_flag("--list", wishes.list, "the names of the rows");
  app.add_flag("--short", wishes.is_short, "tiny work sets: only shows that everything runs");
  CLI11_PARSE(app, argc, argv);
  if (wishes.list) {
    for (const Row& row : rows()) std::cout << row.name << "  " << row.what << '\n';
    return 0;
  }
  try {
    return run(wishes);
  } catch (const std::exception& failure) {
    std::cerr << "weft-bench: " << failure.what() << '\n';
    return 1;
  }
}

// SPDX-License-Identifier: Apache-2.0
// The rows of the table, and what they are run with.
#pragma once
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "harness.hpp"

namespace weft::bench {

// A workload gave a wrong result: its figures mean nothing.
class WrongResult : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// Throws WrongResult, with what was expected.
void expect(bool right, const std::string& what);

class Bench {
 public:
  Bench(Budget budget, bool is_short, std::filesystem::path folder)
      : budget_(budget), short_(is_short), folder_(std::move(folder)) {}

  const Budget& budget() const noexcept { return budget_; }
  int rounds() const noexcept { return budget_.rounds; }
  // Repetitions of what is too long for nine rounds.
  int repetitions() const noexcept { return budget_.rounds < 3 ? budget_.rounds : 3; }
  bool is_short() const noexcept { return short_; }
  // The size of a work set: as it is measured, or only large enough to show that it runs.
  template <class T>
  T size(T full, T tiny) const noexcept {
    return short_ ? tiny : full;
  }
  // A new empty folder on the disk that is measured.
  std::filesystem::path new_folder();

 private:
  Budget budget_;
  bool short_;
  std::filesystem::path folder_;
  int folders_ = 0;
};

struct Row {
  std::string_view name;
  std::string_view what;
  std::vector<Figure> (*run)(Bench&);
};

// All of them, in the order of the table.
std::span<const Row> rows();

}  // namespace weft::bench

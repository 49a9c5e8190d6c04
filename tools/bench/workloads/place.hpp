// SPDX-License-Identifier: Apache-2.0
// A state folder with the benchmark's services configured, and the real runtime on it, through the
// embedding interface: what a program of anybody's would have.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <weft/runtime.hpp>

namespace weft::bench {

class Place {
 public:
  // Writes the configuration. `append`: when the file service writes its line, "start" or "end".
  explicit Place(std::filesystem::path folder, const std::string& append = "end");

  const std::filesystem::path& folder() const noexcept { return folder_; }
  std::filesystem::path config() const { return folder_ / "weft.toml"; }
  std::filesystem::path state() const { return folder_ / "state"; }
  // Where the file service keeps its books.
  std::filesystem::path books() const { return folder_ / "steps"; }

  // The runtime that executes; throws std::runtime_error when it cannot be opened.
  std::unique_ptr<Runtime> open() const;

 private:
  std::filesystem::path folder_;
};

// The value, or std::runtime_error with the error's text.
template <class T>
T must(result<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().to_string());
  return std::move(*outcome);
}

// A definition with this one integer input.
Submission submission(const std::string& definition, const std::string& input, std::int64_t value);
// The one integer output "result" of a run that ended well; throws WrongResult for any other end.
std::int64_t result_of(const RunView& run);

}  // namespace weft::bench

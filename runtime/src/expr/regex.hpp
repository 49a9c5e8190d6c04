// SPDX-License-Identifier: Apache-2.0
// Regular expressions with RE2's syntax and its promise: time linear in the text, whatever the
// expression.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace weft::expr {

class Regex {
 public:
  explicit Regex(std::string_view pattern);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  bool ok() const noexcept;
  // What is wrong with the pattern.
  const std::string& error() const noexcept;
  // Whether any part of the text matches.
  bool found_in(std::string_view text) const;

 private:
  std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace weft::expr

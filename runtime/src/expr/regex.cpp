// SPDX-License-Identifier: Apache-2.0
#include "expr/regex.hpp"

#include <re2/re2.h>

namespace weft::expr {
namespace {
re2::RE2::Options quiet() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return options;
}
re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}
}  // namespace

Regex::Regex(std::string_view pattern)
    : compiled_(std::make_unique<re2::RE2>(piece(pattern), quiet())) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
bool Regex::ok() const noexcept {
  return compiled_->ok();
}
const std::string& Regex::error() const noexcept {
  return compiled_->error();
}
bool Regex::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(piece(text), *compiled_);
}

}  // namespace weft::expr

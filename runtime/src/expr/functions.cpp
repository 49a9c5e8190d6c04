// SPDX-License-Identifier: Apache-2.0
#include "expr/functions.hpp"

#include <algorithm>
#include <cctype>

namespace weft::expr {
namespace {

const std::vector<Function>& all_functions() {
  static const std::vector<Function> all = [] {
    std::vector<Function> functions;
    for (auto part : {&arithmetic_functions, &conversion_functions, &string_functions,
                      &time_functions, &math_functions})
      for (Function& function : part()) functions.push_back(std::move(function));
    return functions;
  }();
  return all;
}

constexpr std::size_t bytes_per_step = 16;

}  // namespace

bool Call::fail(std::string text, std::string help) {
  message = std::move(text);
  remedy = std::move(help);
  return false;
}

bool Call::pay_bytes(std::size_t bytes) {
  return pay_elements(bytes / bytes_per_step);
}

bool Call::pay_elements(std::size_t elements) {
  return steps_.take(elements) || fail("the expression takes too many steps");
}

bool Overload::takes(std::size_t count) const noexcept {
  return repeats ? count >= parameters.size() : count == parameters.size();
}

const Parameter& Overload::parameter(std::size_t i) const noexcept {
  return parameters[std::min(i, parameters.size() - 1)];
}

const Function* find_function(std::string_view name, bool member) {
  const auto& all = all_functions();
  const auto at = std::find_if(all.begin(), all.end(), [&](const Function& function) {
    return function.member == member && function.name == name;
  });
  return at == all.end() ? nullptr : &*at;
}

std::vector<std::string> function_names(bool member) {
  std::vector<std::string> names;
  for (const Function& function : all_functions())
    if (function.member == member &&
        std::isalpha(static_cast<unsigned char>(function.name.front())))
      names.emplace_back(function.name);
  return names;
}

}  // namespace weft::expr

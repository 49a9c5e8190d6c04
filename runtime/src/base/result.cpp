// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include <stdexcept>
#include <utility>

namespace weft {

std::string SourcePosition::to_string() const {
  std::string text = file;
  if (line > 0) text += ":" + std::to_string(line);
  if (line > 0 && column > 0) text += ":" + std::to_string(column);
  return text;
}

std::string Diagnostic::to_string() const {
  std::string text = position.to_string();
  if (!text.empty()) text += ": ";
  text += warning ? "warning: " : "error: ";
  text += message;
  if (!remedy.empty()) text += "\n    " + remedy;
  return text;
}

bool Error::is_told_by_diagnostics() const {
  return !diagnostics.empty() && diagnostics.front().message == message;
}

std::string Error::to_string() const {
  std::string text;
  if (!is_told_by_diagnostics()) {
    text = message;
    if (!remedy.empty()) text += "\n    " + remedy;
  }
  for (const Diagnostic& diagnostic : diagnostics)
    text += (text.empty() ? "" : "\n") + diagnostic.to_string();
  return text;
}

std::string Error::in_one_line() const {
  const std::string& what = diagnostics.empty() ? remedy : diagnostics.front().remedy;
  std::string text = message;
  if (!diagnostics.empty() && !is_told_by_diagnostics()) text += ": " + diagnostics.front().message;
  if (!what.empty()) text += "; " + what;
  return text;
}

Error Error::in(std::string context) && {
  message = std::move(context) + ": " + message;
  return std::move(*this);
}

namespace {
Error make(ErrorKind kind, std::string message, std::string remedy) {
  return Error{kind, std::move(message), std::move(remedy), {}};
}
}  // namespace

Error invalid(std::string message, std::string remedy) {
  return make(ErrorKind::invalid, std::move(message), std::move(remedy));
}
Error not_found(std::string message, std::string remedy) {
  return make(ErrorKind::not_found, std::move(message), std::move(remedy));
}
Error conflict(std::string message, std::string remedy) {
  return make(ErrorKind::conflict, std::move(message), std::move(remedy));
}
Error machine(std::string message, std::string remedy) {
  return make(ErrorKind::machine, std::move(message), std::move(remedy));
}
Error failed(std::string message, std::string remedy) {
  return make(ErrorKind::failed, std::move(message), std::move(remedy));
}
Error internal(std::string message, std::string remedy) {
  return make(ErrorKind::internal, std::move(message), std::move(remedy));
}

Error invalid(std::string what, std::vector<Diagnostic> diagnostics) {
  std::size_t errors = 0;
  for (const Diagnostic& diagnostic : diagnostics) errors += diagnostic.warning ? 0u : 1u;
  const std::string count = errors == 1 ? "1 mistake" : std::to_string(errors) + " mistakes";
  return Error{ErrorKind::invalid, count + " in " + std::move(what), {}, std::move(diagnostics)};
}

int exit_code(const Error& error) noexcept {
  switch (error.kind) {
    case ErrorKind::invalid:
      return 2;
    case ErrorKind::not_found:
      return 3;
    case ErrorKind::conflict:
      return 4;
    case ErrorKind::machine:
      return 5;
    case ErrorKind::failed:
    case ErrorKind::internal:
      break;
  }
  return 1;
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::runtime_error(error.to_string());
}

}  // namespace weft

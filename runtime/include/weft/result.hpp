// SPDX-License-Identifier: Apache-2.0
// Errors are values: a function that can fail returns weft::result<T>. Exceptions stay inside the
// libraries that throw them; each call into such a library catches at the call.
#pragma once
#include <boost/system/result.hpp>
#include <string>
#include <utility>
#include <vector>

namespace weft {

// What a caller can do about an error. Each kind is one exit code of the command line (exit_code
// below).
enum class ErrorKind {
  invalid,    // a definition, config or argument is wrong: mend it
  not_found,  // what was named does not exist
  conflict,   // it exists, but not in a state that allows this; or another runtime owns it
  machine,    // disk, rights, a missing tool: mend the machine, then go on
  failed,     // the thing was tried and did not work
  internal,   // a defect of weft
};

// Where something stands in a text a person wrote. Line and column count from 1; 0 means unknown.
struct SourcePosition {
  std::string file;
  int line = 0;
  int column = 0;
  // "shots.toml:12:5", "shots.toml:12" or "shots.toml", by what is known.
  std::string to_string() const;
  bool operator==(const SourcePosition&) const = default;
};

// One mistake in a text a person wrote: where, what, and what to do about it.
struct Diagnostic {
  SourcePosition position;
  std::string message;  // one sentence, no full stop
  std::string remedy;   // what to do, may be empty
  bool warning = false;
  // "shots.toml:12:5: error: unknown operation 'image.generat'\n    did you mean 'image.generate'?"
  std::string to_string() const;
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;                  // names the thing; one sentence
  std::string remedy;                   // what to do; may be empty
  std::vector<Diagnostic> diagnostics;  // all mistakes found, when a text was read
  // The message says no more than the first diagnostic does.
  bool is_told_by_diagnostics() const;
  // Message and remedy, unless the diagnostics tell them, then each diagnostic; lines of their own.
  std::string to_string() const;
  // Message and remedy, or those of the first diagnostic: for a place that holds one line.
  std::string in_one_line() const;
  // The same error with `context` put before the message: "reading services/a.toml: ...".
  Error in(std::string context) &&;
};

// boost::system::result is the well-kept std::expected of this toolchain.
template <class T = void>
using result = boost::system::result<T, Error>;

[[nodiscard]] Error invalid(std::string message, std::string remedy = {});
[[nodiscard]] Error not_found(std::string message, std::string remedy = {});
[[nodiscard]] Error conflict(std::string message, std::string remedy = {});
[[nodiscard]] Error machine(std::string message, std::string remedy = {});
[[nodiscard]] Error failed(std::string message, std::string remedy = {});
[[nodiscard]] Error internal(std::string message, std::string remedy = {});
// One error for all that is wrong with a text. `what` names the text.
[[nodiscard]] Error invalid(std::string what, std::vector<Diagnostic> diagnostics);

// The process exit code for an error: 2 invalid, 3 not found, 4 conflict, 5 machine, 1 anything
// else.
int exit_code(const Error& error) noexcept;

// result::value() on an error throws this text; only tests and main() use value().
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& location);

}  // namespace weft

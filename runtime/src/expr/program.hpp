// SPDX-License-Identifier: Apache-2.0
// The expression language: a subset of CEL, the Common Expression Language (README.md says which).
// A text is compiled once, against the variables that there will be, and then evaluated any number
// of times:
//
//   const Environment variables({{"inputs", Type::from_json_schema(schema)}, {"index",
//   Kind::integer}}); auto program = compile("inputs.shots[index].prompt", variables,
//   {{"film.toml", 12, 9}}); Bindings bindings(variables); bindings.set("inputs",
//   from_json(inputs)); bindings.set("index", 3); result<Value> prompt =
//   program->evaluate(bindings);
//
// Pure: no clock, no file, no randomness; the same bindings give the same value. An expression
// always ends.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "expr/type.hpp"
#include "expr/value.hpp"

namespace weft::expr {

struct Variable {
  std::string name;
  Type type;
};

// The variables that expressions may use. Immutable, cheap to copy. Compile and evaluate with
// copies of one environment: a variable is a slot in it, so that evaluation looks no name up.
class Environment {
 public:
  Environment() : Environment(std::vector<Variable>{}) {}
  explicit Environment(std::vector<Variable> variables);
  std::span<const Variable> variables() const noexcept { return *variables_; }
  std::optional<std::size_t> find(std::string_view name) const noexcept;
  bool same_as(const Environment& other) const noexcept { return variables_ == other.variables_; }

 private:
  std::shared_ptr<const std::vector<Variable>> variables_;
};

// Values for the variables of an environment. A variable may be left without one: an expression
// that comes to need it fails, all others evaluate.
class Bindings {
 public:
  explicit Bindings(Environment environment);
  // Sets or replaces. False, and nothing happens, when the environment has no such variable.
  bool set(std::string_view name, Value value);
  // The same for the variable of a slot, as Environment::find() gave it; for many evaluations.
  void set_at(std::size_t slot, Value value) { values_[slot] = std::move(value); }
  void unset(std::string_view name);
  const Environment& environment() const noexcept { return environment_; }
  // Null when the variable of this slot has no value.
  const Value* at(std::size_t slot) const noexcept {
    return values_[slot] ? &*values_[slot] : nullptr;
  }

 private:
  Environment environment_;
  std::vector<std::optional<Value>> values_;
};

struct CompileOptions {
  // Where the first character of the text stands, so that mistakes are reported there.
  SourcePosition origin{{}, 1, 1};
  // The variable whose fields are what references() lists. A use of it without a field known at
  // compile time is a mistake, because nobody could tell what the expression depends on.
  std::string reference_root = "tasks";
  // False leaves every mistake but those of syntax to the evaluation, as CEL's parse-only mode
  // does.
  bool check = true;
  // False saves looking for what was meant by a name that is not there, which takes as long as
  // there are names: for a text that is wrong in more places than anybody reads.
  bool suggest = true;
};

struct EvaluateOptions {
  // One step is one operation, or the copying of a few bytes or elements by one. Beyond it the
  // evaluation fails.
  std::uint64_t steps_at_most = 1'000'000;
};

struct Reference;
struct Code;  // what compiling makes: code.hpp

// A compiled expression. Immutable, cheap to copy, usable by several threads at once.
class Program {
 public:
  // Fails with kind `invalid` and one diagnostic: where in the text, what, what to do. `bindings`
  // must be made of the environment that the program was compiled with.
  result<Value> evaluate(const Bindings& bindings, const EvaluateOptions& options = {}) const;

  const std::string& text() const noexcept;
  const SourcePosition& position() const noexcept;
  const Type& type() const noexcept;
  // The variables it names, each once, in order of slots.
  std::vector<std::string> variables() const;
  // The uses of tasks.<name>, in order of appearance.
  std::vector<Reference> references() const;
  // Whether it compares tasks.<name> or an element of it (tasks.<name>[i]) with null anywhere.
  bool tests_null(std::string_view name) const;
  // The value of an expression that uses no variable and evaluates without error, else null.
  const Value* constant() const noexcept;

 private:
  friend result<Program> compile(std::string_view, const Environment&, const CompileOptions&);
  Program(std::shared_ptr<const Code> code, std::uint32_t root)
      : code_(std::move(code)), root_(root) {}
  std::shared_ptr<const Code> code_;
  std::uint32_t root_ = 0;
};

// One use of tasks.<name>:
//   tasks.keyframe[index].image    name "keyframe", index the program `index`, path {"image"}
//   tasks.video.map(v, v.video)    name "video", no index, path {}: all of it
//   tasks.plan.shots[0].prompt     name "plan", no index, path {"shots"}
struct Reference {
  std::string name;
  // The program of the first index if it directly follows the name and needs no variable of a
  // macro: evaluate it with the bindings there are; if that fails, the use is one of the whole.
  std::optional<Program> index;
  // The fields named after the name, or after its index, as far as they are fixed.
  std::vector<std::string> path;
  SourcePosition position;
};

// All mistakes that can be found at once, each with its position and a remedy.
result<Program> compile(std::string_view text, const Environment& environment,
                        const CompileOptions& options = {});

}  // namespace weft::expr

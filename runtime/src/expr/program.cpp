// SPDX-License-Identifier: Apache-2.0
#include "expr/program.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "expr/code.hpp"
#include "expr/compiler.hpp"

namespace weft::expr {
namespace {

constexpr std::size_t text_bytes_at_most = std::size_t{64} << 10;
constexpr std::uint64_t steps_for_constant = 100'000;

Error error_of(const Code& code, std::string what, std::vector<Mistake> mistakes) {
  std::sort(mistakes.begin(), mistakes.end(),
            [](const Mistake& a, const Mistake& b) { return a.offset < b.offset; });
  std::vector<Diagnostic> diagnostics;
  for (Mistake& mistake : mistakes)
    diagnostics.push_back({code.position(mistake.offset), std::move(mistake.message),
                           std::move(mistake.remedy), false});
  return invalid(std::move(what), std::move(diagnostics));
}

std::string shown(const Code& code) {
  return "the expression '" + excerpt(code.text, 80) + "'";
}

void check_references(const Code& code, NodeId root, std::vector<Mistake>& mistakes) {
  for (const RawReference& reference : find_references(code, root))
    if (reference.name.empty())
      mistakes.push_back(
          {reference.offset, "'" + code.reference_root + "' cannot be used as a whole",
           "write " + code.reference_root + ".<name>, with a name that is known beforehand"});
}

// An expression without variables has one value, which is computed now unless that takes long or
// fails.
void settle_constant(Code& code, NodeId root) {
  const auto is_variable = [](const Node& node) { return node.op == Node::Op::variable; };
  if (std::any_of(code.nodes.begin(), code.nodes.end(), is_variable)) return;
  Steps steps(steps_for_constant);
  Mistake ignored;
  auto value = run(code, root, Bindings(code.environment), steps, ignored);
  if (!value) return;
  code.nodes[root] = {.op = Node::Op::constant,
                      .detail = static_cast<std::uint32_t>(code.constants.size())};
  code.constants.push_back(std::move(*value));
}

}  // namespace

SourcePosition position_within(std::string_view text, std::size_t offset,
                               const SourcePosition& origin) {
  if (origin.column == 0) return origin;
  SourcePosition position = position_at(text, offset, origin.file);
  if (position.line == 1) position.column += origin.column - 1;
  position.line += origin.line - 1;
  return position;
}

SourcePosition Code::position(std::size_t offset) const {
  return position_within(text, offset, origin);
}

Environment::Environment(std::vector<Variable> variables)
    : variables_(std::make_shared<const std::vector<Variable>>(std::move(variables))) {}

std::optional<std::size_t> Environment::find(std::string_view name) const noexcept {
  const auto& all = *variables_;
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](const Variable& variable) { return variable.name == name; });
  return at == all.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - all.begin()));
}

Bindings::Bindings(Environment environment)
    : environment_(std::move(environment)), values_(environment_.variables().size()) {}

bool Bindings::set(std::string_view name, Value value) {
  const auto slot = environment_.find(name);
  if (slot) values_[*slot] = std::move(value);
  return slot.has_value();
}

void Bindings::unset(std::string_view name) {
  if (const auto slot = environment_.find(name)) values_[*slot].reset();
}

result<Program> compile(std::string_view text, const Environment& environment,
                        const CompileOptions& options) {
  auto code = std::make_shared<Code>();
  code->text = text;
  code->origin = options.origin;
  code->environment = environment;
  code->reference_root = options.reference_root;
  const auto wrong = [&](std::vector<Mistake> mistakes) {
    return error_of(*code, shown(*code), std::move(mistakes));
  };
  if (text.size() > text_bytes_at_most)
    return wrong({{0, "the expression is longer than 64 KiB", "split it"}});
  if (!is_utf8(text)) return wrong({{0, "the expression is not UTF-8", {}}});
  Mistake mistake;
  const auto syntax = parse(code->text, mistake);
  if (!syntax) return wrong({std::move(mistake)});
  Compiler compiler(*code, options);
  const NodeId root = compiler.lower(*syntax);
  if (options.check) check_references(*code, root, compiler.mistakes());
  if (!compiler.mistakes().empty()) return wrong(std::move(compiler.mistakes()));
  settle_constant(*code, root);
  return Program(std::move(code), root);
}

result<Value> Program::evaluate(const Bindings& bindings, const EvaluateOptions& options) const {
  if (const Value* value = constant()) return *value;
  if (!bindings.environment().same_as(code_->environment))
    return internal("the bindings of " + shown(*code_) + " were made for another environment");
  Steps steps(options.steps_at_most);
  Mistake mistake;
  if (auto value = run(*code_, root_, bindings, steps, mistake)) return std::move(*value);
  Error error = error_of(*code_, shown(*code_), {std::move(mistake)});
  error.message = "cannot evaluate " + shown(*code_);
  return error;
}

const std::string& Program::text() const noexcept {
  return code_->text;
}
const SourcePosition& Program::position() const noexcept {
  return code_->origin;
}
const Type& Program::type() const noexcept {
  return code_->types[root_];
}

const Value* Program::constant() const noexcept {
  const Node& node = code_->nodes[root_];
  return node.op == Node::Op::constant ? &code_->constants[node.detail] : nullptr;
}

}  // namespace weft::expr

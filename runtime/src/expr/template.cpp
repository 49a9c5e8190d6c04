// SPDX-License-Identifier: Apache-2.0
#include "expr/template.hpp"

#include <algorithm>
#include <iterator>

#include "expr/code.hpp"
#include "expr/lexer.hpp"
#include "expr/text_forms.hpp"

namespace weft::expr {
namespace {

constexpr std::string_view opening = "${";
constexpr std::string_view escaped_opening = "$${";

// What a mixed text may contain.
bool can_be_put_into_text(const Type& type) {
  return type.may_be(Kind::string) || type.may_be(Kind::integer) ||
         type.may_be(Kind::unsigned_integer) || type.may_be(Kind::floating) ||
         type.may_be(Kind::boolean);
}

std::optional<std::string> as_text(const Value& value) {
  switch (value.kind()) {
    case Kind::string:
      return *value.if_string();
    case Kind::boolean:
      return *value.if_bool() ? "true" : "false";
    case Kind::integer:
      return std::to_string(*value.if_int());
    case Kind::unsigned_integer:
      return std::to_string(*value.if_uint());
    case Kind::floating:
      return format_double(*value.if_double());
    default:
      return std::nullopt;
  }
}

Diagnostic unfit(const Program& program, const std::string& what) {
  return {program.position(), what + " cannot be put into a text",
          "only strings, numbers and bools can; a text that is nothing but one ${…} keeps the "
          "value's type",
          false};
}

// What several expressions use, each name once, in the order of the first use.
std::vector<std::string> variables_of(const std::vector<Program>& programs) {
  std::vector<std::string> names;
  for (const Program& program : programs)
    for (std::string& name : program.variables())
      if (std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
  return names;
}

std::vector<Reference> references_of(const std::vector<Program>& programs) {
  std::vector<Reference> references;
  for (const Program& program : programs)
    for (Reference& reference : program.references()) references.push_back(std::move(reference));
  return references;
}

bool any_tests_null(const std::vector<Program>& programs, std::string_view name) {
  return std::any_of(programs.begin(), programs.end(),
                     [&](const Program& program) { return program.tests_null(name); });
}

void append(std::vector<Diagnostic>& mistakes, Error error) {
  std::move(error.diagnostics.begin(), error.diagnostics.end(), std::back_inserter(mistakes));
}

std::string pointer_token(std::string_view name) {
  std::string token = "/";
  for (const char c : name)
    token += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return token;
}

// Calls visit(pointer, text) for every string in a value, in document order.
template <class Visit>
void each_string(const json::value& json, const std::string& pointer, const Visit& visit) {
  if (const json::string* text = json.if_string()) {
    visit(pointer, std::string_view(*text));
  } else if (const json::array* array = json.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      each_string((*array)[i], pointer + "/" + std::to_string(i), visit);
  } else if (const json::object* object = json.if_object()) {
    for (const json::key_value_pair& member : *object)
      each_string(member.value(), pointer + pointer_token(member.key()), visit);
  }
}

}  // namespace

// Cuts a text into literal parts and programs.
class TemplateReader {
 public:
  TemplateReader(std::string_view text, const Environment& environment,
                 const CompileOptions& options)
      : text_(text), environment_(environment), options_(options) {}

  void read() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with(escaped_opening)) {
        literal_ += opening;
        at_ += escaped_opening.size();
      } else if (rest.starts_with(opening)) {
        read_program();
      } else {
        literal_ += text_[at_++];
      }
    }
    flush();
  }

  std::vector<Template::Part> parts;
  std::vector<Diagnostic> mistakes;

 private:
  void flush() {
    if (!literal_.empty()) parts.emplace_back(std::move(literal_));
    literal_.clear();
  }

  void read_program() {
    flush();
    const std::size_t start = at_ + opening.size();
    const auto end = find_closing_brace(text_, start);
    CompileOptions options = options_;
    options.origin = position_within(text_, start, options_.origin);
    if (!end) {
      mistakes.push_back({position_within(text_, at_, options_.origin), "'${' is not closed",
                          "add the '}', or write '$${' for a literal '${'", false});
      at_ = text_.size();
      return;
    }
    auto program = compile(text_.substr(start, *end - start), environment_, options);
    if (program)
      parts.emplace_back(std::move(*program));
    else
      append(mistakes, program.error());
    at_ = *end + 1;
  }

  std::string_view text_;
  const Environment& environment_;
  const CompileOptions& options_;
  std::size_t at_ = 0;
  std::string literal_;
};

result<Template> compile_template(std::string_view text, const Environment& environment,
                                  const CompileOptions& options) {
  TemplateReader reader(text, environment, options);
  reader.read();
  Template compiled;
  compiled.parts_ = std::move(reader.parts);
  if (compiled.parts_.size() == 1 && std::holds_alternative<Program>(compiled.parts_[0])) {
    compiled.type_ = std::get<Program>(compiled.parts_[0]).type();
  } else if (options.check) {
    for (const Program& program : compiled.programs())
      if (!can_be_put_into_text(program.type()))
        reader.mistakes.push_back(unfit(program, "a value of type " + program.type().to_string()));
  }
  if (!reader.mistakes.empty()) return invalid("the text", std::move(reader.mistakes));
  return compiled;
}

result<Value> Template::evaluate(const Bindings& bindings, const EvaluateOptions& options) const {
  if (parts_.size() == 1)
    if (const Program* program = std::get_if<Program>(&parts_[0]))
      return program->evaluate(bindings, options);
  std::string out;
  for (const Part& part : parts_) {
    if (const std::string* literal = std::get_if<std::string>(&part)) {
      out += *literal;
      continue;
    }
    const Program& program = std::get<Program>(part);
    const auto value = program.evaluate(bindings, options);
    if (!value) return value.error();
    const auto text = as_text(*value);
    if (!text) return invalid("the text", {unfit(program, to_display(*value))});
    out += *text;
  }
  return Value(std::move(out));
}

std::vector<Program> Template::programs() const {
  std::vector<Program> programs;
  for (const Part& part : parts_)
    if (const Program* program = std::get_if<Program>(&part)) programs.push_back(*program);
  return programs;
}

std::vector<std::string> Template::variables() const {
  return variables_of(programs());
}
std::vector<Reference> Template::references() const {
  return references_of(programs());
}
bool Template::tests_null(std::string_view name) const {
  return any_tests_null(programs(), name);
}

bool Template::is_literal() const noexcept {
  return std::all_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return std::holds_alternative<std::string>(part); });
}

std::optional<Value> Template::constant() const {
  if (!variables().empty()) return std::nullopt;
  auto value = evaluate(Bindings(Environment()));
  return value ? std::optional(std::move(*value)) : std::nullopt;
}

// Of one value; nobody reads more.
constexpr std::size_t suggestions_at_most = 100;

result<ValueTemplate> compile_json(
    const json::value& json, const Environment& environment,
    const std::function<SourcePosition(std::string_view)>& position_of,
    const CompileOptions& options) {
  ValueTemplate compiled;
  compiled.source_ = json;
  std::vector<Diagnostic> mistakes;
  each_string(json, {}, [&](const std::string& pointer, std::string_view text) {
    if (text.find(opening) == text.npos) return;
    CompileOptions here = options;
    here.origin = position_of(pointer);
    here.suggest = options.suggest && mistakes.size() < suggestions_at_most;
    auto hole = compile_template(text, environment, here);
    if (hole)
      compiled.holes_.push_back({pointer, std::move(*hole)});
    else
      append(mistakes, hole.error());
  });
  if (!mistakes.empty()) return invalid("the values", std::move(mistakes));
  return compiled;
}

result<json::value> ValueTemplate::evaluate(const Bindings& bindings,
                                            const EvaluateOptions& options) const {
  json::value out = source_;
  for (const Hole& hole : holes_) {
    const auto value = hole.text.evaluate(bindings, options);
    if (!value) return value.error();
    auto json = to_json(*value);
    if (!json) return std::move(json.error()).in(hole.pointer);
    boost::system::error_code ignored;  // the pointer was made from this very value
    *out.find_pointer(hole.pointer, ignored) = std::move(*json);
  }
  return out;
}

std::vector<Program> ValueTemplate::programs() const {
  std::vector<Program> all;
  for (const Hole& hole : holes_)
    for (Program& program : hole.text.programs()) all.push_back(std::move(program));
  return all;
}

std::vector<std::string> ValueTemplate::variables() const {
  return variables_of(programs());
}
std::vector<Reference> ValueTemplate::references() const {
  return references_of(programs());
}
bool ValueTemplate::tests_null(std::string_view name) const {
  return any_tests_null(programs(), name);
}

}  // namespace weft::expr

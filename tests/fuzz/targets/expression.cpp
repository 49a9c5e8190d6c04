// SPDX-License-Identifier: Apache-2.0
// Expressions: evaluated twice, with the checker and without, and with their literals handed in as
// variables, so that nothing is computed beforehand.
#include <array>
#include <cstring>
#include <limits>
#include <optional>

#include "expr/lexer.hpp"
#include "expr_values.hpp"
#include "target.hpp"

namespace weft::fuzz {
namespace {

using namespace expr;

constexpr EvaluateOptions budget{20'000};

bool spent_too_much(const result<Value>& value) {
  return !value && value.error().to_string().find("steps") != std::string::npos;
}

// The text with each literal replaced by a variable that has its value. Nothing when it cannot be
// read, or has no literal.
struct Unfolded {
  std::string text;
  std::vector<Variable> variables;
  std::vector<Value> values;
};
std::optional<Unfolded> unfold(std::string_view text) {
  if (text.find("literal_") != text.npos) return std::nullopt;  // one of our own names
  Unfolded unfolded;
  Lexer lexer(text);
  std::size_t copied = 0;
  bool after_minus = false;
  for (auto token = lexer.next(); token && token->kind != Token::Kind::end;
       token = lexer.next(after_minus)) {
    // A number behind a minus sign may be the lowest there is, which has no literal of its own.
    if (token->kind == Token::Kind::literal && !after_minus) {
      const std::string name = "literal_" + std::to_string(unfolded.values.size());
      unfolded.text += std::string(text.substr(copied, token->offset - copied)) + " " + name + " ";
      copied = token->end;
      unfolded.variables.push_back({name, Type::dyn()});
      unfolded.values.push_back(token->value);
    }
    after_minus = token->is("-");
  }
  if (!lexer.mistake().message.empty() || unfolded.values.empty()) return std::nullopt;
  unfolded.text += text.substr(copied);
  return unfolded;
}

void check_folding(std::string_view text, const result<Value>& folded) {
  const auto unfolded = unfold(text);
  if (!unfolded) return;
  std::vector<Variable> variables(expr_variables().variables().begin(),
                                  expr_variables().variables().end());
  variables.insert(variables.end(), unfolded->variables.begin(), unfolded->variables.end());
  const Environment environment(std::move(variables));
  const auto program = compile(unfolded->text, environment, {.check = false});
  if (!program) return;  // longer than an expression may be, or a macro that wants a literal
  Bindings bindings(environment);
  bind_expr_values(bindings);
  for (std::size_t i = 0; i < unfolded->values.size(); ++i)
    bindings.set(unfolded->variables[i].name, unfolded->values[i]);
  const auto computed = program->evaluate(bindings, budget);
  if (spent_too_much(computed) || spent_too_much(folded)) return;
  expect(same_outcome(folded, computed), "a constant is what evaluating it gives");
}

void check_text(const Value& value) {
  const std::string* text = value.if_string();
  if (!text || text->size() > 1000) return;
  static const Environment one({{"s", Kind::string}});
  static const auto program = compile("strings.quote(s)", one);
  Bindings bindings(one);
  bindings.set("s", value);
  const auto quoted = program->evaluate(bindings);
  expect(quoted.has_value(), "a string can be quoted");
  const auto read = compile(*quoted->if_string(), one);
  expect(read.has_value() && read->constant() && *read->constant() == value,
         "a quoted string reads back to the same");
}

}  // namespace

void expression(std::string_view input) {
  const auto checked = compile(input, expr_variables());
  const auto lenient = compile(input, expr_variables(), {.check = false});
  if (!lenient) {
    expect(!checked, "what the checker takes is an expression");
    expect(!lenient.error().diagnostics.empty(), "a mistake is at some place");
    return;
  }
  const auto value = lenient->evaluate(expr_bindings(), budget);
  expect(same_outcome(value, lenient->evaluate(expr_bindings(), budget)),
         "the same bindings give the same value");
  check_folding(input, value);
  if (checked) {
    const auto same = checked->evaluate(expr_bindings(), budget);
    if (!spent_too_much(same) && !spent_too_much(value))
      expect(same_outcome(value, same), "checking does not change what an expression means");
    if (same && checked->type().kind())
      expect(checked->type().may_be(same->kind()) ||
                 (same->is_null() && checked->type().may_be_null()),
             "a value is of the type that was foretold");
    checked->references();
    checked->variables();
  }
  if (value) {
    expect(!to_display(*value).empty(), "a value can be shown");
    if (value->weight() < 10'000) (void)to_json(*value);
    check_text(*value);
  }
}

// ---- int64

namespace {

__extension__ using Wide = __int128;  // holds every sum, difference and product of two int64

struct Sum {
  std::int64_t a = 0, b = 0;
  unsigned what = 0;
};

// What it comes to; nothing when it leaves int64 or divides by 0.
std::optional<std::int64_t> exact(const Sum& sum) {
  const Wide a = sum.a, b = sum.b;
  if (b == 0 && sum.what >= 3 && sum.what <= 4) return std::nullopt;
  Wide exactly = 0;
  switch (sum.what) {
    case 0:
      exactly = a + b;
      break;
    case 1:
      exactly = a - b;
      break;
    case 2:
      exactly = a * b;
      break;
    case 3:
      exactly = a / b;
      break;
    case 4:
      exactly = a % b;
      break;
    default:
      exactly = -a;
      break;
  }
  const bool divides = sum.what == 3 || sum.what == 4;
  if (divides && sum.a == std::numeric_limits<std::int64_t>::min() && sum.b == -1)
    return std::nullopt;
  if (exactly > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  if (exactly < std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return static_cast<std::int64_t>(exactly);
}

}  // namespace

void arithmetic(std::string_view input) {
  if (input.size() < 17) return;
  Sum sum;
  std::memcpy(&sum.a, input.data(), sizeof sum.a);
  std::memcpy(&sum.b, input.data() + 8, sizeof sum.b);
  sum.what = static_cast<unsigned char>(input[16]) % 6;
  static const Environment two({{"a", Kind::integer}, {"b", Kind::integer}});
  constexpr std::array texts{"a + b", "a - b", "a * b", "a / b", "a % b", "-a"};
  const auto program = compile(texts[sum.what], two);
  Bindings bindings(two);
  bindings.set("a", sum.a);
  bindings.set("b", sum.b);
  const auto value = program->evaluate(bindings);
  const auto wanted = exact(sum);
  expect(value.has_value() == wanted.has_value(), "leaving int64 is an error, and nothing else");
  if (wanted) expect(*value->if_int() == *wanted, "sums are exact");
  // The same as constants, folded when compiled.
  const std::string a = "(" + std::to_string(sum.a) + ")", b = "(" + std::to_string(sum.b) + ")";
  const std::array folded{a + " + " + b, a + " - " + b, a + " * " + b,
                          a + " / " + b, a + " % " + b, "-" + a};
  const Environment none;
  const auto constant = compile(folded[sum.what], none, {.check = false});
  expect(constant.has_value(), "a sum of two numbers is an expression");
  expect(same_outcome(constant->evaluate(Bindings(none)), value),
         "constants are summed as variables are");
}

}  // namespace weft::fuzz

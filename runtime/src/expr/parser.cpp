// SPDX-License-Identifier: Apache-2.0
// Recursive descent, with the binary operators by precedence.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "expr/grammar.hpp"
#include "expr/syntax.hpp"

namespace weft::expr {
namespace {

using Tree = std::unique_ptr<Syntax>;
using Form = Syntax::Form;

constexpr int nesting_at_most = 100;  // of brackets, signs and conditions

class Parser {
 public:
  Parser(std::string_view text, Mistake& mistake) : lexer_(text), mistake_(mistake) {}

  Tree whole() {
    if (!advance()) return nullptr;
    Tree tree = expression();
    if (!tree || token_.kind == Token::Kind::end) return tree;
    return fail(token_.offset, "unexpected " + shown(token_), word_for_operator());
  }

 private:
  // Counts how deep the parser is in the text, for as long as it lives.
  struct Nested {
    explicit Nested(int& depth) : depth_(depth) { ++depth_; }
    ~Nested() { --depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    int& depth_;
  };

  static std::string shown(const Token& token) {
    return token.kind == Token::Kind::end ? "end of the expression"
                                          : "'" + excerpt(token.text, 40) + "'";
  }
  std::string word_for_operator() const {
    if (token_.is_word("and") || token_.is_word("AND")) return "write '&&'";
    if (token_.is_word("or") || token_.is_word("OR")) return "write '||'";
    if (token_.is("{")) return "a map is written {'key': value} and needs an operator before it";
    return {};
  }

  std::nullptr_t fail(std::size_t offset, std::string message, std::string remedy = {}) {
    mistake_ = {offset, std::move(message), std::move(remedy)};
    return nullptr;
  }
  bool advance(bool negative = false) {
    auto token = lexer_.next(negative);
    if (token)
      token_ = std::move(*token);
    else
      mistake_ = lexer_.mistake();
    return token.has_value();
  }
  bool expect(std::string_view sign) {
    if (token_.is(sign)) return advance();
    fail(token_.offset, "expected '" + std::string(sign) + "', found " + shown(token_),
         word_for_operator());
    return false;
  }

  Tree make(Form form, std::size_t offset, std::vector<Tree> operands, std::string name = {}) {
    auto tree = std::make_unique<Syntax>();
    tree->form = form;
    tree->offset = offset;
    tree->name = std::move(name);
    for (const Tree& operand : operands)
      tree->depth = std::max(tree->depth, static_cast<std::uint16_t>(operand->depth + 1));
    tree->operands = std::move(operands);
    if (tree->depth > syntax_depth_at_most) return too_deep(offset);
    return tree;
  }
  Tree make(Form form, std::size_t offset, Tree first, std::string name = {}) {
    std::vector<Tree> operands;
    operands.push_back(std::move(first));
    return make(form, offset, std::move(operands), std::move(name));
  }
  Tree make(Form form, std::size_t offset, Tree first, Tree second, std::string name = {}) {
    std::vector<Tree> operands;
    operands.push_back(std::move(first));
    operands.push_back(std::move(second));
    return make(form, offset, std::move(operands), std::move(name));
  }
  Tree literal(std::size_t offset, Value value) {
    Tree tree = make(Form::literal, offset, std::vector<Tree>{});
    tree->value = std::move(value);
    return tree;
  }
  std::nullptr_t too_deep(std::size_t offset) {
    return fail(offset, "the expression is nested too deeply", "split it into several");
  }

  Tree expression() {
    const Nested nested(depth_);
    if (depth_ > nesting_at_most) return too_deep(token_.offset);
    Tree condition = binary(lowest_precedence);
    if (!condition || !token_.is("?")) return condition;
    const std::size_t offset = token_.offset;
    if (!advance()) return nullptr;
    Tree yes = binary(lowest_precedence);
    if (!yes || !expect(":")) return nullptr;
    Tree no = expression();
    if (!no) return nullptr;
    std::vector<Tree> operands;
    operands.push_back(std::move(condition));
    operands.push_back(std::move(yes));
    operands.push_back(std::move(no));
    return make(Form::condition, offset, std::move(operands));
  }

  Tree binary(int lowest) {
    Tree left = unary();
    while (left) {
      const int strength = precedence(token_);
      if (strength < lowest || strength == 0) break;
      const Token sign = token_;
      if (!advance()) return nullptr;
      Tree right = binary(strength + 1);
      if (!right) return nullptr;
      left = joined(sign, std::move(left), std::move(right));
    }
    return left;
  }

  // `a && b && c` is one node, however long it gets.
  Tree joined(const Token& sign, Tree left, Tree right) {
    if (!sign.is("&&") && !sign.is("||"))
      return make(Form::call, sign.offset, std::move(left), std::move(right),
                  std::string(sign.text));
    const Form form = sign.is("&&") ? Form::both : Form::either;
    if (left->form != form) return make(form, sign.offset, std::move(left), std::move(right));
    left->depth = std::max(left->depth, static_cast<std::uint16_t>(right->depth + 1));
    if (left->depth > syntax_depth_at_most) return too_deep(sign.offset);
    left->operands.push_back(std::move(right));
    return left;
  }

  Tree unary() {
    const Nested nested(depth_);
    if (depth_ > nesting_at_most) return too_deep(token_.offset);
    if (!token_.is("-") && !token_.is("!")) return postfix();
    const Token sign = token_;
    if (!advance(sign.is("-"))) return nullptr;
    // A number right after a minus is a negative literal, so that the smallest int can be written.
    if (sign.is("-") && token_.kind == Token::Kind::literal && is_signed_number(token_.value)) {
      token_.value = token_.value.if_double() ? Value(-*token_.value.if_double()) : token_.value;
      return postfix();
    }
    Tree operand = unary();
    if (!operand) return nullptr;
    return make(Form::call, sign.offset, std::move(operand), std::string(sign.text));
  }
  static bool is_signed_number(const Value& value) noexcept {
    return value.if_int() || value.if_double();
  }

  Tree postfix() {
    Tree tree = primary();
    while (tree) {
      if (token_.is("."))
        tree = member(std::move(tree));
      else if (token_.is("["))
        tree = element(std::move(tree));
      else
        break;
    }
    return tree;
  }

  Tree element(Tree operand) {
    const std::size_t offset = token_.offset;
    if (!advance()) return nullptr;
    Tree index = expression();
    if (!index || !expect("]")) return nullptr;
    return make(Form::index, offset, std::move(operand), std::move(index));
  }

  Tree member(Tree operand) {
    if (!advance()) return nullptr;
    const Token name = token_;
    const bool quoted = name.kind == Token::Kind::quoted_identifier;
    if (!quoted && (name.kind != Token::Kind::identifier || !may_name_field(name.text)))
      return fail(name.offset, "expected a name after '.', found " + shown(name));
    if (!advance()) return nullptr;
    if (quoted || !token_.is("("))
      return make(Form::select, name.offset, std::move(operand), std::string(name.text));
    auto arguments = list_until(")");
    if (!arguments) return nullptr;
    return member_call(name, std::move(operand), std::move(*arguments));
  }

  Tree member_call(const Token& name, Tree target, std::vector<Tree> arguments) {
    if (name.text == bind_macro.name && target->form == Form::variable && target->name == "cel") {
      if (arguments.size() != 3) return wrong_macro(name);
      Tree value = std::move(arguments[1]);
      arguments.erase(arguments.begin() + 1);
      return macro(bind_macro, name, std::move(value), std::move(arguments));
    }
    if (const MacroForm* form = find_macro(name.text, arguments.size()))
      return macro(*form, name, std::move(target), std::move(arguments));
    if (is_macro(name.text)) return wrong_macro(name);
    arguments.insert(arguments.begin(), std::move(target));
    return make(Form::member_call, name.offset, std::move(arguments), std::string(name.text));
  }

  std::nullptr_t wrong_macro(const Token& name) {
    return fail(name.offset, "wrong number of arguments for '" + std::string(name.text) + "'",
                name.text == "bind"
                    ? "write cel.bind(name, value, expression)"
                    : "name a variable first, then what is done with each element: list." +
                          std::string(name.text) + "(x, …)");
  }

  Tree macro(const MacroForm& form, const Token& name, Tree range, std::vector<Tree> arguments) {
    std::vector<std::string> variables;
    for (std::size_t i = 0; i < form.variables; ++i) {
      const Syntax& variable = *arguments[i];
      if (variable.form != Form::variable || variable.global)
        return fail(variable.offset, "argument " + std::to_string(i + 1) + " of '" +
                                         std::string(name.text) +
                                         "' must be the name of a variable");
      if (std::find(variables.begin(), variables.end(), variable.name) != variables.end())
        return fail(variable.offset,
                    "the two variables of '" + std::string(name.text) + "' need different names");
      variables.push_back(variable.name);
    }
    std::vector<Tree> operands;
    operands.push_back(std::move(range));
    for (std::size_t i = form.variables; i < arguments.size(); ++i)
      operands.push_back(std::move(arguments[i]));
    Tree tree = make(Form::macro, name.offset, std::move(operands), std::string(name.text));
    if (!tree) return nullptr;
    tree->macro = form.macro;
    tree->has_filter = form.has_filter;
    tree->variables = std::move(variables);
    return tree;
  }

  Tree primary() {
    const Token token = token_;
    if (token.kind == Token::Kind::literal) {
      if (!advance()) return nullptr;
      return literal(token.offset, token.value);
    }
    if (token.kind == Token::Kind::identifier) return name(false);
    if (token.is(".")) {
      if (!advance()) return nullptr;
      return name(true);
    }
    if (token.is("(")) return grouped();
    if (token.is("[")) {
      auto elements = list_until("]");
      return elements ? make(Form::list, token.offset, std::move(*elements)) : nullptr;
    }
    if (token.is("{")) return map();
    return fail(token.offset, "expected a value, found " + shown(token));
  }

  Tree grouped() {
    if (!advance()) return nullptr;
    Tree tree = expression();
    if (!tree || !expect(")")) return nullptr;
    return tree;
  }

  Tree name(bool global) {
    const Token word = token_;
    if (word.kind != Token::Kind::identifier)
      return fail(word.offset, "expected a name, found " + shown(word));
    if (!advance()) return nullptr;
    if (word.text == "true" || word.text == "false")
      return literal(word.offset, word.text == "true");
    if (word.text == "null") return literal(word.offset, nullptr);
    if (is_reserved(word.text))
      return fail(word.offset, "'" + std::string(word.text) + "' is a reserved word",
                  "choose another name");
    if (token_.is("(")) {
      auto arguments = list_until(")");
      if (!arguments) return nullptr;
      if (word.text == "has") return has(word, std::move(*arguments));
      return make(Form::call, word.offset, std::move(*arguments), std::string(word.text));
    }
    Tree variable = make(Form::variable, word.offset, std::vector<Tree>{}, std::string(word.text));
    variable->global = global;
    return variable;
  }

  Tree has(const Token& word, std::vector<Tree> arguments) {
    if (arguments.size() != 1 || arguments[0]->form != Form::select)
      return fail(word.offset, "has() takes one field access", "write has(value.field)");
    arguments[0]->form = Form::has;
    return std::move(arguments[0]);
  }

  // The expressions from behind an opening bracket to the closing one. Before that of a list a
  // comma may stand, before that of a call it may not.
  std::optional<std::vector<Tree>> list_until(std::string_view close) {
    std::vector<Tree> elements;
    if (!advance()) return std::nullopt;
    bool more = !token_.is(close);
    while (more) {
      Tree element = expression();
      if (!element) return std::nullopt;
      elements.push_back(std::move(element));
      const bool comma = token_.is(",");
      if (comma ? !advance() : !token_.is(close) && !expect(close)) return std::nullopt;
      more = comma && (close == ")" || !token_.is(close));
    }
    if (!advance()) return std::nullopt;
    return elements;
  }

  Tree map() {
    const std::size_t offset = token_.offset;
    std::vector<Tree> operands;
    if (!advance()) return nullptr;
    while (!token_.is("}")) {
      Tree key = expression();
      if (!key || !expect(":")) return nullptr;
      Tree value = expression();
      if (!value) return nullptr;
      operands.push_back(std::move(key));
      operands.push_back(std::move(value));
      if (token_.is(",") ? !advance() : !token_.is("}") && !expect("}")) return nullptr;
    }
    if (!advance()) return nullptr;
    return make(Form::map, offset, std::move(operands));
  }

  Lexer lexer_;
  Mistake& mistake_;
  Token token_;
  int depth_ = 0;
};

}  // namespace

std::unique_ptr<Syntax> parse(std::string_view text, Mistake& mistake) {
  return Parser(text, mistake).whole();
}

}  // namespace weft::expr

// SPDX-License-Identifier: Apache-2.0
#include "expression_service.hpp"

#include <map>
#include <memory>

#include "plugin/expression_table.hpp"
#include "plugin/text.hpp"

namespace weft::testing {
namespace {

using weft::plugin::ExpressionTable;
using weft::plugin::view;

// The table of an instance; a program 1 is the first of a new one.
ExpressionTable& table_of(const weft_host* host, bool is_new = false) {
  static std::map<const weft_host*, std::unique_ptr<ExpressionTable>> tables;
  auto& found = tables[host];
  if (!found || is_new) found = std::make_unique<ExpressionTable>();
  return *found;
}

weft_status compile(const weft_host* host, weft_id program, std::uint32_t form, weft_str text,
                    weft_str variables, void* context, weft_take mistake) noexcept {
  const auto made =
      table_of(host, program == 1).compile(program, form, view(text), view(variables));
  if (made) return WEFT_OK;
  const std::string said = made.error().to_string();
  mistake(context, {said.data(), said.size()});
  return WEFT_BAD_INPUT;
}
weft_status bind(const weft_host* host, weft_id scope, weft_str name, weft_str value) noexcept {
  return table_of(host).bind(scope, view(name), view(value)) ? WEFT_OK : WEFT_BAD_INPUT;
}
weft_status evaluate(const weft_host* host, weft_id program, weft_id scope, void* context,
                     weft_take value) noexcept {
  const auto made = table_of(host).evaluate(program, scope);
  const std::string said = made ? *made : made.error().to_string();
  value(context, {said.data(), said.size()});
  return made ? WEFT_OK : WEFT_BAD_INPUT;
}
void drop(const weft_host* host, weft_id scope) noexcept {
  table_of(host).drop(scope);
}

constexpr weft_expression table{sizeof(weft_expression), 0, compile, bind, evaluate, drop};

}  // namespace

void offer_expressions(fake_host& host) {
  host.offer(WEFT_EXPRESSION, &table);
}

}  // namespace weft::testing

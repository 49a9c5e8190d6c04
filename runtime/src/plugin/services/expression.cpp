// SPDX-License-Identifier: Apache-2.0
#include <new>

#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

// What a sink gets, or the status without it when there is no sink or no memory.
template <class Work>
weft_status answer(void* context, weft_take take, Work work) noexcept {
  try {
    const result<std::string> said = work();
    const std::string text = said ? *said : said.error().to_string();
    if (take && (said.has_error() || !text.empty())) take(context, borrow(text));
    return said ? WEFT_OK : WEFT_BAD_INPUT;
  } catch (const std::bad_alloc&) {
    return WEFT_EXHAUSTED;
  }
}

weft_status compile(const weft_host* host, weft_id program, std::uint32_t form, weft_str text,
                    weft_str variables, void* context, weft_take mistake) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  return answer(context, mistake, [&]() -> result<std::string> {
    const auto made = core->expressions.compile(program, form, view(text), view(variables));
    if (!made) return made.error();
    return std::string();
  });
}

weft_status bind(const weft_host* host, weft_id scope, weft_str name, weft_str value) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  return answer(nullptr, nullptr, [&]() -> result<std::string> {
    const auto bound = core->expressions.bind(scope, view(name), view(value));
    if (!bound) return bound.error();
    return std::string();
  });
}

weft_status evaluate(const weft_host* host, weft_id program, weft_id scope, void* context,
                     weft_take value) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  return answer(context, value, [&] { return core->expressions.evaluate(program, scope); });
}

void drop(const weft_host* host, weft_id scope) noexcept {
  if (Core* core = living(host)) core->expressions.drop(scope);
}

}  // namespace

constinit const weft_expression expression_table{
    sizeof(weft_expression), 0, compile, bind, evaluate, drop};

}  // namespace weft::plugin::services

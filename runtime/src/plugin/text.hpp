// SPDX-License-Identifier: Apache-2.0
// Between the texts of the ABI and those of the runtime.
#pragma once
#include <weft/abi.h>

#include <string_view>

namespace weft::plugin {

// Good until the call that brought it returns (law 1).
inline std::string_view view(weft_str text) noexcept {
  return text.data ? std::string_view(text.data, text.size) : std::string_view();
}
inline weft_str borrow(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

// Element i of a list whose elements the plugin may have compiled longer or shorter than we did;
// null when it is shorter than `T`.
template <class T>
const T* element(weft_list list, std::uint32_t i) noexcept {
  if (!list.data || list.stride < sizeof(T)) return nullptr;
  return reinterpret_cast<const T*>(static_cast<const char*>(list.data) +
                                    std::size_t{i} * list.stride);
}

}  // namespace weft::plugin

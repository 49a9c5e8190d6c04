// SPDX-License-Identifier: Apache-2.0
// weft/plugin.hpp - the C++20 face of the plugin ABI, header-only. All that a plugin in C++
// includes.
//
//   WEFT_MANIFEST(R"({"id": "org.example.echo", ...})");     // weft/abi.h
//   class Echo final : public weft::adapter<Echo> {...};     // weft/plugin/adapter.hpp
//   class Shout final : public weft::executor<Shout> {...};  // weft/plugin/executor.hpp
//   WEFT_PLUGIN(Echo, Shout);                                // exports them; chosen by `name`
//
// Exceptions are the way to fail: every entry point catches everything (law 8). Needs the standard
// library and nlohmann/json, neither of which crosses the border. To be tested with
// weft/testing.hpp.
#pragma once

#include <weft/plugin/adapter.hpp>
#include <weft/plugin/executor.hpp>
#include <weft/plugin/expression.hpp>
#include <weft/plugin/suggest.hpp>

#include <string_view>

namespace weft {

// The entry of a library of these components. `manifest` must be of static storage.
template <class... Components>
constexpr weft_entry make_entry(std::string_view manifest) noexcept {
  static_assert(sizeof...(Components) > 0, "a plugin has at least one component");
  weft_entry entry{};
  entry.size = sizeof entry;
  entry.abi_major = WEFT_ABI_MAJOR;
  entry.abi_minor = WEFT_ABI_MINOR;
  entry.manifest = {manifest.data(), manifest.size()};
  entry.create = [](const weft_host* host, const char* component, weft_str config,
                    const weft_instance** instance) noexcept -> weft_status {
    weft_status status = WEFT_UNSUPPORTED;
    const std::string_view wanted = component;
    (void)((wanted == Components::name &&
            ((status = Components::create(host, config, instance)), true)) ||
           ...);
    return status;
  };
  return entry;
}

}  // namespace weft

// Defines the one exported symbol, for the components named.
#define WEFT_PLUGIN(...)                                      \
  extern "C" WEFT_EXPORT constexpr weft_entry weft_entry_v1 = \
      weft::make_entry<__VA_ARGS__>({weft_manifest_text, sizeof weft_manifest_text - 1})

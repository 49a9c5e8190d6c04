// SPDX-License-Identifier: Apache-2.0
// The small values that plugins keep (weft.state/1), on the store. A put is seen by the next get at
// once, and durable with a commit soon after.
#pragma once
#include <map>
#include <mutex>
#include <string>

#include "plugin/host.hpp"
#include "store/queries.hpp"
#include "store/store.hpp"

namespace weft::shell {

class StoredPluginState final : public plugin::StateStore {
 public:
  StoredPluginState(store::Store& store, store::Queries& queries)
      : store_(store), queries_(queries) {}

  std::optional<std::string> get(std::string_view service, std::string_view key) override {
    const std::lock_guard lock(mutex_);
    if (const auto found = written_.find({std::string(service), std::string(key)});
        found != written_.end())
      return found->second.empty() ? std::nullopt : std::optional(found->second);
    auto value = queries_.state(service, key);
    return value ? std::move(*value) : std::nullopt;
  }

  result<> put(std::string_view service, std::string_view key, std::string_view value) override {
    const std::lock_guard lock(mutex_);
    written_.insert_or_assign({std::string(service), std::string(key)}, std::string(value));
    store_.put_state(std::string(service), std::string(key), std::string(value),
                     [](const result<>&) {});
    return {};
  }

 private:
  store::Store& store_;
  store::Queries& queries_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::string> written_;
};

}  // namespace weft::shell

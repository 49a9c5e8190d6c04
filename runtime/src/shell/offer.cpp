// SPDX-License-Identifier: Apache-2.0
#include "shell/offer.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace weft::shell {
namespace {

route::Recover to_route(plugin::Recover recover) {
  switch (recover) {
    case plugin::Recover::key:
      return route::Recover::key;
    case plugin::Recover::none:
      return route::Recover::none;
    case plugin::Recover::token:
      break;
  }
  return route::Recover::token;
}

result<route::OfferedOperation> read_offered(const plugin::OfferedOperation& operation) {
  route::OfferedOperation offered{operation.name, {}, std::nullopt};
  if (!operation.params.is_null()) {
    auto schema = Schema::compile(operation.params);
    if (!schema) return std::move(schema).error();
    offered.params = std::move(*schema);
  }
  if (!operation.options.is_null()) {
    auto schema = Schema::compile(operation.options);
    if (!schema) return std::move(schema).error();
    offered.options = std::move(*schema);
  }
  if (!operation.revision.is_null()) offered.revision = digest_of(operation.revision).to_string();
  return offered;
}

bool wants(const ServiceConfig& config, const std::string& operation) {
  return config.operations.empty() ||
         std::ranges::find(config.operations, operation) != config.operations.end();
}

}  // namespace

void take_offer(const plugin::Offer& offer, const ServiceConfig& config, route::Service& service) {
  service.recover = to_route(offer.recover);
  std::vector<std::string> offered;
  for (const plugin::OfferedOperation& operation : offer.operations) {
    offered.push_back(operation.name);
    if (!wants(config, operation.name)) continue;
    auto entry = read_offered(operation);
    if (!entry) {
      service.unavailable =
          "its schema for '" + operation.name + "' is wrong: " + entry.error().message;
      return;
    }
    service.operations.push_back(std::move(*entry));
  }
  for (const std::string& wanted : config.operations)
    if (std::ranges::find(offered, wanted) == offered.end())
      service.unavailable = "component '" + config.component + "' does not offer '" + wanted +
                            "'; " + suggest(wanted, offered);
}

}  // namespace weft::shell

// SPDX-License-Identifier: Apache-2.0
#include "route/services.hpp"

#include <algorithm>

namespace weft::route {

const OfferedOperation* Service::offers(std::string_view operation) const noexcept {
  for (const OfferedOperation& offered : operations)
    if (offered.name == operation) return &offered;
  return nullptr;
}

bool Service::might_offer(std::string_view operation) const noexcept {
  return operations.empty() && !unavailable.empty() &&
         (only.empty() || std::find(only.begin(), only.end(), operation) != only.end());
}

std::optional<ServiceIndex> ServiceTable::find(std::string_view name) const noexcept {
  for (ServiceIndex i = 0; i < services.size(); ++i)
    if (services[i].name == name) return i;
  return std::nullopt;
}

std::optional<std::uint32_t> ServiceTable::find_class(std::string_view name) const noexcept {
  for (std::uint32_t i = 0; i < classes.size(); ++i)
    if (classes[i].name == name) return i;
  return std::nullopt;
}

}  // namespace weft::route

// SPDX-License-Identifier: Apache-2.0
#include "model/health.hpp"

namespace weft {

std::string_view to_string(HealthState state) noexcept {
  switch (state) {
    case HealthState::healthy:
      return "healthy";
    case HealthState::degraded:
      return "degraded";
    case HealthState::open:
      return "open";
    case HealthState::half_open:
      return "half_open";
  }
  return "healthy";
}

}  // namespace weft

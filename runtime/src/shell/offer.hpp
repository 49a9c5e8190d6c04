// SPDX-License-Identifier: Apache-2.0
// What a component's description means for routing.
#pragma once
#include "model/config.hpp"
#include "plugin/manifest.hpp"
#include "route/services.hpp"

namespace weft::shell {

// Writes into `service` what the component offers of what `config` wants, and how it recovers; or
// into `service.unavailable` why it cannot be used.
void take_offer(const plugin::Offer& offer, const ServiceConfig& config, route::Service& service);

}  // namespace weft::shell

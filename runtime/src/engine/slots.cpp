// SPDX-License-Identifier: Apache-2.0
#include "engine/slots.hpp"

namespace weft::engine {

void Slots::reset(std::shared_ptr<const route::ServiceTable> table) {
  table_ = std::move(table);
  used_of_class_.assign(table_->classes.size(), 0);
  used_of_service_.assign(table_->services.size(), 0);
  ++times_freed_;
}

bool Slots::takes_own(const Claim& claim) const noexcept {
  return claim.concurrency != Claim::none &&
         (claim.service == Claim::none ||
          table_->services[claim.service].slot_class != claim.concurrency);
}

bool Slots::has_room(const Claim& claim) const noexcept {
  const auto fits = [&](std::uint32_t slot_class, std::uint32_t more) {
    return used_of_class_[slot_class] + more <= table_->classes[slot_class].slots;
  };
  if (claim.service != Claim::none) {
    const route::Service& service = table_->services[claim.service];
    if (!fits(service.slot_class, service.slots)) return false;
  }
  return !takes_own(claim) || fits(claim.concurrency, 1);
}

void Slots::take(const Claim& claim) noexcept {
  if (claim.service != Claim::none) {
    used_of_class_[table_->services[claim.service].slot_class] +=
        table_->services[claim.service].slots;
    ++used_of_service_[claim.service];
  }
  if (takes_own(claim)) ++used_of_class_[claim.concurrency];
}

void Slots::give_back(const Claim& claim) noexcept {
  ++times_freed_;
  if (claim.service != Claim::none) {
    used_of_class_[table_->services[claim.service].slot_class] -=
        table_->services[claim.service].slots;
    --used_of_service_[claim.service];
  }
  if (takes_own(claim)) --used_of_class_[claim.concurrency];
}

}  // namespace weft::engine

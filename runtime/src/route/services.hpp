// SPDX-License-Identifier: Apache-2.0
// The services as routing sees them: one immutable table, made anew when the configuration changes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.hpp"
#include "model/schema.hpp"

namespace weft::route {

// How an adapter finds an attempt again after a restart (describe's "recover").
enum class Recover : std::uint8_t {
  token,  // needs the last checkpoint
  key,    // can also look it up by the idempotency key
  none,   // never attached
};

struct OfferedOperation {
  std::string name;
  Schema params;  // may be narrower than the operation's
  // Of what only its component knows; none: it knows nothing more.
  std::optional<Schema> options = std::nullopt;
  // Differs when equal params may give another result than before; "": the component does not say.
  std::string revision = {};
};

using ServiceIndex = std::uint32_t;

struct Service {
  std::string name;
  std::string component;
  // What else of it changes the results it gives; names its parts, not their values.
  json::object identity;
  std::vector<OfferedOperation> operations;
  std::vector<std::string> only;  // what the configuration narrows it to; none: nothing
  std::string slot_class_name;
  std::uint32_t slot_class = 0;  // into ServiceTable::classes
  std::uint32_t slots = 1;       // what one attempt takes of it
  ServiceLimits limits;
  HealthPolicy health;
  std::optional<Price> price;  // none: unknown
  std::vector<DeclaredLatency> latency = {};
  Recover recover = Recover::token;
  bool placeholder = false;
  bool enabled = true;      // false: the configuration takes it out of use
  bool local = false;       // an executor: its work dies with this process
  std::string unavailable;  // why it cannot be used now; "" it can

  const OfferedOperation* offers(std::string_view operation) const noexcept;
  // It cannot be used, and could not even say whether it offers this.
  bool might_offer(std::string_view operation) const noexcept;
  // Declared 0. An unknown price counts as paid.
  bool is_free() const noexcept { return price && price->is_free(); }
};

struct ServiceTable {
  std::vector<SlotClass> classes;
  std::vector<Service>
      services;  // in the order of the configuration, which is the order of preference
  std::optional<ServiceIndex> find(std::string_view name) const noexcept;
  std::optional<std::uint32_t> find_class(std::string_view name) const noexcept;
};

}  // namespace weft::route

// SPDX-License-Identifier: Apache-2.0
// Whether a service may be asked at this moment; if not, why, and until when. The one answer for
// the engine, which knows all, and for whoever explains it from what is stored.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "model/health.hpp"
#include "route/choose.hpp"

namespace weft::route {

enum class Closed : std::uint8_t {
  no,
  out,       // somebody took it out of use
  full,      // as many attempts run as may at a time
  starting,  // the same, while it starts slowly
  rate,      // as many have begun as may in a minute
  paused,    // it asked to be left alone
  trial,     // a task tries it out
  open,      // it did not work; left alone for a while
  account,   // its account is broken; left alone until the configuration is read again
};

struct Closure {
  Closed why = Closed::no;
  std::optional<Timestamp> until;  // none: it depends on what happens
};

// What decides.
struct Situation {
  const ServiceHealth& health;
  std::optional<Timestamp> paused_until;
  Timestamp rate_next{};             // when its rate allows another one
  std::uint32_t limit = 0;           // attempts at a time; 0: any number
  bool starting = false;             // `limit` is that of a slow start
  std::uint32_t in_flight = 0;       // attempts, and those who are about to begin one
  bool is_tried = false;             // somebody is about to try it out
  std::string_view out_of_use = {};  // why; "" it is in use
};

// Why a service is out of use: by its configuration, or by hand (ServiceHealth::taken_out); "" it
// is in use.
std::string_view out_of_use(bool enabled, std::string_view taken_out) noexcept;

Closure closure_of(const Situation& situation, Timestamp now) noexcept;
Obstacle obstacle_of(Closed why) noexcept;
// Goes on from "comfy-a is": "left alone until 2026-05-01T12:03:10.000Z: 3 failures in a row, ...".
std::string text_of(const Closure& closure, const Situation& situation, std::uint32_t rpm);

}  // namespace weft::route

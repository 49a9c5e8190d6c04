// SPDX-License-Identifier: Apache-2.0
// What all parts of a simulation share.
#pragma once
#include "faults/fault.hpp"
#include "journal.hpp"
#include "options.hpp"
#include "random.hpp"
#include "timeline.hpp"

namespace weft::simulation {

struct Scene {
  Options options;
  Random random{0};
  Timeline timeline;
  Journal journal{timeline, 0};
  Counts counts;
  std::unique_ptr<Fault> fault;  // never null; does nothing unless one was asked for
  bool calm = false;             // nothing breaks, services do what they are there for

  explicit Scene(const Options& chosen)
      : options(chosen),
        random(chosen.seed + (chosen.chapter << 32)),
        journal(timeline, chosen.lines_at_most),
        fault(make_fault(chosen.fault)) {}

  Timestamp now() const noexcept { return timeline.now(); }
  bool may(bool trouble) const noexcept { return trouble && !calm; }
};

}  // namespace weft::simulation

// SPDX-License-Identifier: Apache-2.0
// What a simulation is made of. Equal options give equal histories.
#pragma once
#include <cstdint>
#include <string>

namespace weft::simulation {

// What may happen besides work. The shrinker switches them off one by one.
struct Troubles {
  bool crashes = true;          // the process dies
  bool store_failures = true;   // a commit fails; a reservation is refused
  bool fencing = true;          // another runtime takes a run
  bool shutdowns = true;        // in an orderly way
  bool service_changes = true;  // services come and go, slots too
  bool failures = true;         // services answer with other than ok
  bool hangs = true;            // services do not answer, or late
  bool duplicates = true;       // services answer twice
  bool commands = true;         // other than those that a run needs to go on
  bool drains = true;           // services are taken out of use by hand
  bool pauses = true;
  bool cancels = true;
  bool retries = true;
  bool skips = true;
  bool settles = true;
  bool answers = true;  // people answer what nobody asked, or wrongly, or twice
};

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t steps = 20'000;
  // A long simulation is told in chapters, each a world of its own with other services.
  std::uint64_t chapter = 0;
  std::string fault;                        // "" none
  std::uint32_t runs_at_most = UINT32_MAX;  // submitted
  std::uint32_t together_at_most = 12;      // unfinished at a time
  std::uint32_t tasks_at_most = 8;          // in a definition
  std::size_t lines_at_most = 0;            // of history kept
  Troubles troubles;
};

}  // namespace weft::simulation

// SPDX-License-Identifier: Apache-2.0
// A deliberate fault: what a broken engine, store or plugin host would do, done on the way between
// the real parts. A simulation with one must fail; else its rules prove nothing.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/driver.hpp"
#include "engine/events.hpp"
#include "engine/job.hpp"
#include "model/batch.hpp"
#include "random.hpp"

namespace weft::simulation {

// Every hook sees a value on its way and may change it. Without a fault nothing does.
class Fault {
 public:
  virtual ~Fault() = default;

  // ---- from the driver to the store
  virtual void batch(Batch&) {}
  // Tells the driver that it is durable before it is.
  virtual bool acknowledge_at_once(const Batch&) { return false; }
  // Tells the driver that it is durable, and loses it.
  virtual bool lose(const Batch&, Random&) { return false; }
  // Writes with the epoch that the store has, whoever gave it.
  virtual bool takes_any_epoch() { return false; }

  // ---- from the store to the driver
  virtual void committed(engine::Committed&) {}
  virtual void loaded(StoredRun&) {}
  virtual void restored(std::vector<ServiceHealth>&) {}
  virtual bool skip_load(Random&) { return false; }
  // What it has found of a result; false: it never answers.
  virtual bool found(std::optional<FoundResult>&, Random&) { return true; }

  // ---- from outside to the driver; false: it never arrives
  virtual bool event(engine::Event&, Random&) { return true; }
  virtual Deadline alarm(Deadline wake, Random&) { return wake; }
  virtual bool skip_turn(Random&) { return false; }

  // ---- from the driver to services; false: it never arrives
  virtual bool cancel(const AttemptRef&) { return true; }
};

struct FaultName {
  std::string_view name;
  std::string_view meaning;
};
std::span<const FaultName> fault_names() noexcept;
// Of "" one that does nothing; throws std::invalid_argument for a name that is none.
std::unique_ptr<Fault> make_fault(const std::string& name);

}  // namespace weft::simulation

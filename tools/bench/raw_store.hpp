// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>

#include "harness.hpp"

namespace weft::bench {

// The least that a store with group commit can be: a writer thread, a queue, and prepared
// statements on the very tables of the store. An operation is what the store writes for one step of
// a chain: the end of a task and the intent of the next.
class RawStore {
 public:
  // `in_flight` chains, each with room for `length` steps. Makes the database in `folder`.
  RawStore(const std::filesystem::path& folder, std::uint32_t in_flight, std::uint32_t length);
  ~RawStore();
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;

  Work work();
  // SQL statements of one operation.
  static int statements_per_step() noexcept;

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace weft::bench

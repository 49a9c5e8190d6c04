// SPDX-License-Identifier: Apache-2.0
// Counts what becomes of attempts, by the minute of their end, until it is written.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "model/batch.hpp"
#include "model/service_use.hpp"

namespace weft::shell {

// For one thread at a time.
class ServiceHistory {
 public:
  // `book` tells this counting from that of an earlier process in the same minute.
  void open(std::uint64_t book) { book_ = book >> 1; }  // SQLite's integers have a sign
  // The attempts that end in a batch.
  void add(const Batch& batch);
  // Minutes that have changed since they were last taken; each as a whole.
  std::vector<ServiceMinute> take();

 private:
  using Key = std::tuple<Timestamp, std::string, std::string>;  // minute, service, operation
  struct Entry {
    ServiceUse use;
    bool changed = false;
  };
  std::uint64_t book_ = 0;
  std::map<Key, Entry> entries_;
};

}  // namespace weft::shell

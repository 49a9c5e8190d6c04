// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "base/ids.hpp"

namespace weft::shell {

// Told what happens; on the engine's thread, so it returns at once.
class News {
 public:
  virtual ~News() = default;
  // There may be something new to read.
  virtual void published() = 0;
  // This run may have come to rest, or been taken away; nothing: any run may.
  virtual void rested(std::optional<RunId> run) = 0;
};

}  // namespace weft::shell

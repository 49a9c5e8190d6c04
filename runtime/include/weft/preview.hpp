// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: pictures of what is being made (Runtime::watch_previews).
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weft {

// What the result of a running task looks like by now, in the words of its service.
struct Preview {
  std::string run;
  std::string task;  // "video[3]"
  std::uint32_t attempt = 0;
  std::string media_type;  // "image/jpeg"
  std::shared_ptr<const std::string> bytes;
};

// As long as it lives somebody looks, and services that can show what they make are asked to. Not
// longer than the runtime; take() by one thread at a time.
class PreviewWatch {
 public:
  virtual ~PreviewWatch() = default;
  // The newest preview of each task that has a newer one than was taken before; waits for one until
  // the limit. Older ones are dropped.
  virtual std::vector<Preview> take(std::chrono::milliseconds limit) = 0;
};

}  // namespace weft

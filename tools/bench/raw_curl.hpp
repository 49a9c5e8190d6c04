// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "harness.hpp"

namespace weft::bench {

// curl's multi interface on epoll, and nothing else: easy handles that are used again, answers
// thrown away.
class RawCurl {
 public:
  RawCurl(const std::string& url, std::uint32_t in_flight);
  ~RawCurl();
  RawCurl(const RawCurl&) = delete;
  RawCurl& operator=(const RawCurl&) = delete;

  Work work();

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace weft::bench

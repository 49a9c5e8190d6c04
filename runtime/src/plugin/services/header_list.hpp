// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <weft/abi.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "net/http.hpp"
#include "plugin/text.hpp"

namespace weft::plugin::services {

// Headers of an answer, their names in lower case, as events borrow them.
class HeaderList {
 public:
  explicit HeaderList(net::Headers headers) : headers_(std::move(headers)) {
    for (net::Header& header : headers_)
      std::ranges::transform(header.name, header.name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
    for (const net::Header& header : headers_)
      pairs_.push_back({borrow(header.name), borrow(header.value)});
  }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  weft_list raw() const noexcept {
    return {pairs_.data(), static_cast<std::uint32_t>(pairs_.size()), sizeof(weft_pair)};
  }
  const net::Headers& headers() const noexcept { return headers_; }

 private:
  net::Headers headers_;
  std::vector<weft_pair> pairs_;
};

}  // namespace weft::plugin::services

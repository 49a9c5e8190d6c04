// SPDX-License-Identifier: Apache-2.0
// Easy handles of libcurl that are used again: making one anew costs more than many a request.
#pragma once
#include <curl/curl.h>

#include <memory>
#include <vector>

namespace weft::net {

// For one thread at a time; outlives the handles that it gives.
class EasyPool {
 public:
  // Takes a handle back, without options and without anything of the request it carried.
  struct Return {
    EasyPool* pool;
    void operator()(CURL* easy) const {
      curl_easy_reset(easy);
      if (pool->idle_.size() < idle_at_most)
        pool->idle_.emplace_back(easy);
      else
        curl_easy_cleanup(easy);
    }
  };
  using Easy = std::unique_ptr<CURL, Return>;

  // A handle as curl_easy_init() makes it.
  Easy take() {
    if (idle_.empty()) return {curl_easy_init(), Return{this}};
    CURL* easy = idle_.back().release();
    idle_.pop_back();
    return {easy, Return{this}};
  }

 private:
  struct Cleanup {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  static constexpr std::size_t idle_at_most = 64;
  std::vector<std::unique_ptr<CURL, Cleanup>> idle_;
};

}  // namespace weft::net

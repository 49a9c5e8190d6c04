// SPDX-License-Identifier: Apache-2.0
// A weft-job-server of the test's own: it goes on when the runtime is killed, and tells what was
// bought.
#pragma once
#include <string>

#include "base/json.hpp"
#include "program.hpp"

namespace weft::testing {

class JobServer {
 public:
  // Answers requests when the constructor returns.
  explicit JobServer(const std::filesystem::path& folder);

  const std::string& url() const noexcept { return url_; }
  json::object stats() const;
  std::int64_t accepted() const { return stats().at("accepted").as_int64(); }
  // From now on it knows nothing of the jobs it has accepted.
  void forget_jobs() const;
  // Was each key that was ordered billed once?
  bool each_billed_once() const;

 private:
  Program program_;
  std::string url_;
};

}  // namespace weft::testing

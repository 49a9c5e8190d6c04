// SPDX-License-Identifier: Apache-2.0
// A weft-cloud-fake of the test's own, and the shipped descriptions pointed at it.
#pragma once
#include <string>

#include "base/json.hpp"
#include "program.hpp"
#include "temp_folder.hpp"

namespace weft::testing {

class Cloud {
 public:
  // Answers requests when the constructor returns. `video`: what its videos are copies of.
  explicit Cloud(const std::filesystem::path& video = {});

  const std::string& url() const noexcept { return url_; }
  // The same services, through the slow door.
  const std::string& slow_url() const noexcept { return slow_url_; }
  // tests/services/cloud/README.md says what may stand in it.
  void script(const std::string& text) const;
  void finish_jobs() const;
  // As after a restart that lost them; what was billed is known.
  void forget_jobs() const;
  json::object stats() const;
  std::int64_t stat(const char* name) const { return stats().at(name).as_int64(); }
  // How many requests began so: "GET /v1/tasks/".
  std::int64_t requests(std::string_view begin) const;
  // configs/cloud/FILE with its origin replaced by this server's, and without long pauses.
  std::string described(const std::string& file) const;

 private:
  TempFolder folder_;
  Program program_;
  std::string url_, slow_url_;
};

}  // namespace weft::testing

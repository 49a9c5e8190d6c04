// SPDX-License-Identifier: Apache-2.0
// The program weft-comfyui-fake, on a port of its own.
#pragma once
#include "base/json.hpp"
#include "program.hpp"

namespace weft::testing {

class ComfyServer {
 public:
  // On a port of its own, or where another one was.
  explicit ComfyServer(const std::filesystem::path& folder, const std::string& port = "0");

  const std::string& url() const noexcept { return url_; }
  std::string port() const { return url_.substr(url_.rfind(':') + 1); }
  // How it shall behave (tests/services/comfyui/README.md).
  void order(const std::string& script) const;
  json::object stats() const;
  std::int64_t accepted() const { return stats().at("accepted").to_number<std::int64_t>(); }
  // No prompt was accepted twice under one id.
  bool each_accepted_once() const;
  void kill();

 private:
  std::filesystem::path folder_;
  Program program_;
  std::string url_;
};

}  // namespace weft::testing

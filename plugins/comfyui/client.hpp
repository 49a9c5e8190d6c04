// SPDX-License-Identifier: Apache-2.0
// The requests that a ComfyUI server understands, whatever its version: what it can do is found out
// by asking it. On the instance's strand; failed requests throw weft::error.
#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <weft/plugin.hpp>

#include "answers.hpp"

namespace comfyui {

enum class Where { nowhere, pending, running, ended };

class Client {
 public:
  explicit Client(const nlohmann::json& config);

  weft::http_request get(const std::string& path) const;
  weft::http_request post(const std::string& path) const;

  weft::task<nlohmann::json> fetch(weft::call& call, std::string path);

  // The answer to POST /prompt, of any status.
  weft::task<weft::http_response> submit(weft::job& job, nlohmann::json order);
  // Where a prompt is. The queue is read before the history: a prompt moves from one to the other
  // at once, so this order never misses it.
  weft::task<Where> find(weft::call& call, std::string id);
  // Who ordered a prompt that has not ended; "": nobody can tell. Throws WEFT_CANCELLED alone.
  weft::task<std::string> client_of(weft::call& call, std::string id);
  // The history entry of a prompt that has ended; null if there is none (any more).
  weft::task<nlohmann::json> history(weft::call& call, std::string id);
  // Asks to stop it; nothing is confirmed by that. `shared`: others use the server as well.
  weft::task<> stop(weft::call& call, std::string id, bool shared);
  // What a Load node is given for this content: "weft/<sha256>/image.png". Uploaded once.
  weft::task<std::string> upload(weft::job& job, weft::artifact content);
  void forget_uploads() { uploaded_.clear(); }
  // Tries again while the server is away, so long: what was made is not to be made again.
  weft::task<weft::artifact> download(weft::job& job, OutputFile file, std::int64_t patience_ms);

 private:
  weft::task<bool> has_jobs(weft::call& call);
  weft::task<Where> where_is(weft::call& call, std::string id);

  std::string url_;
  nlohmann::json headers_;
  std::optional<bool> has_jobs_;                 // GET /api/jobs, since 0.5.1
  std::map<std::string, std::string> uploaded_;  // by digest
};

}  // namespace comfyui

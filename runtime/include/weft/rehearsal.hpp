// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: services without a network (Runtime::rehearse).
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace weft {

// An answer that a service gave, or might give.
struct RecordedAnswer {
  std::filesystem::path body;
  int status = 200;
  std::vector<std::pair<std::string, std::string>>
      headers;  // without one, a Content-Type is guessed
};
// What a file of services would do, without a network.
struct Rehearsal {
  std::filesystem::path file;  // TOML with [services.<name>]
  std::string operation;       // "": each that they offer
  std::string params_json;  // an object; what it does not say is made up; null leaves a param out
  // To the requests, in their order. None: the component's own samples, if it has some, and then
  // what it asks to cancel a job, to find one again and to see whether the service is well.
  std::vector<RecordedAnswer> answers;
};
struct RehearsedRequest {
  std::string step;  // what it does: "buys", "asks", "fetches", "cancels", "finds" or "probes"
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;  // a secret is "{secret:NAME}"
  std::string body;                                          // of a form a line for each field
  std::string made_up;  // JSON of the sample that answered it; "": none did
};
// One operation of one service.
struct RehearsedJob {
  std::string service;
  std::string operation;
  std::string params_json;
  std::vector<RehearsedRequest> requests;
  std::string outcome;  // "": an answer is missing, or was made up
  std::string message;
  std::string outputs_json;
  std::string cost;  // "": nothing is known
  bool cost_estimated = false;
};

}  // namespace weft

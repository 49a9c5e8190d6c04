// SPDX-License-Identifier: Apache-2.0
// How the fake shall behave, as a test orders it: JSON in, values out. README.md lists the members.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "net/http.hpp"

namespace weft::cloud_fake {

// What becomes of one request that buys. `none_before`, `error_before`: it is not accepted.
enum class Answer { ok, none_before, none_after, error_before, error_after, partial, silent };

// An error, or any other answer, in place of the service's own.
struct Told {
  int status = 500;
  std::string body;
  net::Headers headers;
};

struct Purchase {
  Answer answer = Answer::ok;
  Told told;                     // of error_before and error_after
  Duration delay_ms{0};          // until the answer goes
  Duration trickle_ms{0};        // between pieces of it; 0: in one piece
  std::string content_type;      // in place of its own
  std::uint64_t huge_bytes = 0;  // so many bytes follow the answer's own
  std::int64_t polls = 1;        // questions until the job is done
  std::string fail;              // the job ends with this word of its service, or text
  bool forget = false;           // accepted, and unknown from then on
};

// An answer that something in between gives to a request that does not buy.
struct Fault {
  std::string path;  // begins so
  Told told;         // status 0: the connection ends
  std::int64_t times = 1;
};

// How the slow door takes what is sent.
struct Reading {
  Duration pause_ms{0};                             // before each piece of at most 64 KiB
  std::optional<std::uint64_t> stop_after_bytes{};  // of a connection; then nothing more
};

struct Script {
  std::deque<Purchase> next;  // one for each of the next purchases; then `rest`
  Purchase rest;
  std::int64_t cost_micros = 10'000;  // billed for each that is accepted
  std::vector<Fault> faults;
  Reading reading;
  std::deque<json::value> texts;  // what a chat answers; then the sample of its schema
};

// What the order says replaces what `script` says; what it does not know is an error.
result<void> apply(Script& script, const json::value& order);

}  // namespace weft::cloud_fake

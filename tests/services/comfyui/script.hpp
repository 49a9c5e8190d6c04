// SPDX-License-Identifier: Apache-2.0
// How the fake shall behave, as a test orders it: JSON in, values out. README.md lists the members.
#pragma once
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"

namespace weft::comfy_fake {

// Of every node of one class.
struct ClassBehaviour {
  std::optional<Duration> ms;  // how long a node runs; absent: Script::node_ms
  std::int64_t steps = 0;      // progress ticks, evenly spread; an interrupt lands on one
  std::string fail_type;       // the exception that it throws; "": none
  std::string fail_message;
  std::int64_t fail_times = std::numeric_limits<std::int64_t>::max();
  bool kills_worker = false;  // an exception in framework code: a zombie from then on
  bool skips_files = false;   // reports its files and writes none
};

// What becomes of one POST /prompt. `none_before`: the connection ends before it is accepted.
enum class Answer { ok, none_before, none_after, error_before, error_after };
struct PromptBehaviour {
  Answer answer = Answer::ok;
  bool forget = false;                 // accepted, and gone from the queue at once
  std::optional<Duration> dies_after;  // so long after acceptance the server dies...
  Duration down{0};                    // ...and is away that long
};

// An answer that something between client and server gives instead of the server.
struct Fault {
  std::string method;  // "": any
  std::string path;    // begins so, without /api
  int status = 0;      // 0: the connection ends without an answer
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  std::int64_t times = 1;
  std::int64_t after = 0;  // so many requests pass first
  // Instead of all that the server's own answer, which ends after so many bytes.
  std::optional<std::size_t> breaks_after;
};

struct Script {
  std::string version = "0.33.0";
  Duration node_ms{10};
  Duration history_delay{5};  // between the success event and the entry in the history
  std::int64_t cost_micros = 0;
  std::int64_t previews = 0;  // 1: a picture with each progress tick
  // 1: somebody's client has stopped reading, so that no frame goes out to anybody.
  std::int64_t stalls = 0;
  std::map<std::string, ClassBehaviour, std::less<>> classes;
  std::deque<PromptBehaviour> next;  // one for each of the next prompts
  std::vector<Fault> faults;
};

// Whether a version ("0.33.0") is that one or later.
bool is_since(const std::string& version, int major, int minor, int patch);

// What the order says replaces what `script` says; what it does not know is an error.
result<void> apply(Script& script, const json::value& order);

}  // namespace weft::comfy_fake

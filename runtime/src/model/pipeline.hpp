// SPDX-License-Identifier: Apache-2.0
// A definition as a value: what a person wrote, checked, with every expression compiled. Immutable
// once made, so it is shared freely between threads as `std::shared_ptr<const Pipeline>`.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "base/json.hpp"
#include "base/money.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "expr/program.hpp"
#include "expr/template.hpp"
#include "model/operation.hpp"
#include "model/schema.hpp"
#include "model/state.hpp"

namespace weft {

// Exponential backoff with full jitter: the n-th wait is random in [0, min(max_backoff, backoff *
// 2^(n-1))].
struct RetryPolicy {
  std::uint32_t attempts =
      4;  // over all services; attach, interrupted and local rejections do not count
  Duration backoff = std::chrono::seconds{2};
  Duration max_backoff = std::chrono::minutes{1};
};

// Each is unset unless the definition says so.
struct Timeouts {
  std::optional<Duration> queue;  // ready -> dispatched
  std::optional<Duration> start;  // dispatched -> first sign of life
  std::optional<Duration> run;    // one attempt
  std::optional<Duration> total;  // first ready -> end, over all attempts: the task's one deadline
};

// May a paid request of unknown outcome be sent again?
enum class Rebuy : std::uint8_t {
  never,         // the task waits for a person
  after_cancel,  // once the remote side confirmed that the first one is cancelled
  allow,
};

// What follows when a service refuses the content of a request.
enum class Refusal : std::uint8_t {
  stop,  // the task fails
  next,  // the other services get their turn
};

struct RouteSettings {
  MaybeMoney max_cost;  // of the task, over all its attempts
  Rebuy rebuy = Rebuy::never;
  Refusal refusal = Refusal::stop;
  // Params that may be left out, or changed to the nearest that a service takes.
  std::vector<std::string> adapt;
  std::vector<std::string> degrade;  // services that may stand in, at the price of a degraded run
};

// May the task take the result of an earlier one that asked for the same?
struct CacheSettings {
  bool off = false;
  std::optional<Duration> ttl;  // none older than this; unset: as the configuration says
};

struct InputDeclaration {
  std::string name;
  Schema schema;                             // its source is as written, but for `default`
  std::optional<json::value> default_value;  // an input without one must be given
  bool artifact = false;                     // { type = "artifact" }: given as -i name=@file
  std::string media_type;                    // "image/*": what the artifact must be; "" anything
  SourcePosition position;
};

// What follows when somebody says no.
enum class Rejection : std::uint8_t {
  fail,   // the task fails
  skip,   // it is skipped, and with it what reads its outputs
  go_on,  // it succeeds, and its outputs say so
};

// What follows when nobody says anything before the task's deadline.
enum class Silence : std::uint8_t {
  fail,
  reject,   // as if somebody had said no
  approve,  // as if somebody had said yes, and taken the first of the choices
};

// A task without a service: it shows something and waits until somebody decides (`approve`) or
// gives what is asked for (`wait_for`).
struct WaitDefinition {
  WaitReason reason = WaitReason::approval;  // or input
  bool choices = false;                      // approval: one of several is taken
  Rejection on_reject = Rejection::fail;
  Silence on_timeout = Silence::fail;
  std::vector<InputDeclaration> outputs;  // input: what is asked for
};

// One use of the outputs of a task, in an expression of another one or of the pipeline's outputs.
struct TaskRead {
  std::uint32_t task = 0;  // index into Pipeline::tasks
  std::optional<expr::Program>
      index;           // tasks.x[index]: known once `item` and `index` are; none: all of x
  std::string output;  // the output it names, "" if none
  bool carries_skip =
      false;                 // when x is skipped, so is the reader: it does not ask tasks.x != null
  bool conditional = false;  // may not be evaluated at all: it stands beside ?:, && or ||
  SourcePosition position;
};

// When a task may run.
enum class Occasion : std::uint8_t {
  ordinary,
  on_failure,  // once nothing else moves, and only if something has failed
  finally,     // once nothing else moves
};

struct Pipeline;

// What a task does is an operation or, if it has a `body`, a pipeline of its own.
struct TaskDefinition {
  std::string name;
  std::shared_ptr<const Operation> operation;  // null when it has a body; of a task that waits:
                                               // from waiting.hpp
  std::optional<WaitDefinition> wait;          // no service does it, people do
  std::shared_ptr<const Pipeline> body;        // `use`; of one with cases: some of them
  std::optional<expr::Program> choice;         // `switch`: which of the cases is the body
  std::map<std::string, std::shared_ptr<const Pipeline>> cases;  // "default": of all other values
  expr::Environment environment;          // what its expressions were compiled with
  std::optional<expr::Program> for_each;  // makes the task a group of items
  std::vector<TaskRead> for_each_reads;   // none: its items are known before a run
  std::uint32_t limit = 0;                // so many items at once; 0: as many as there are slots
  // The share of items that must end well, in thousandths; the others are then let go.
  std::uint32_t min_success_permille = 1000;
  std::optional<expr::Program> repeat_until;  // makes the task a group of rounds
  std::uint32_t rounds_at_most = 0;
  std::optional<expr::Program> condition;  // `if`
  Occasion occasion = Occasion::ordinary;
  // An object. Of a task that waits: what it shows, {"message", "inputs", "choices"}.
  expr::ValueTemplate params;
  expr::ValueTemplate inputs;  // an object: input name -> artifact or list of artifacts; of a body:
                               // its inputs
  std::vector<TaskRead> reads;       // of `if`, params and inputs together
  std::vector<std::uint32_t> needs;  // indices into Pipeline::tasks, without data
  std::int32_t priority = 0;         // -100 ... 100, higher first
  std::string concurrency;           // a class of its own beside the service's; "" none
  RetryPolicy retry;
  Timeouts timeouts;
  RouteSettings route;
  CacheSettings cache;
  SourcePosition position;

  bool is_group() const noexcept { return for_each || repeat_until; }
};

struct OutputDeclaration {
  std::string name;
  expr::ValueTemplate value;
  std::vector<TaskRead> reads;
  SourcePosition position;
};

struct Pipeline {
  std::string name;
  std::string description;        // for people; no part of the meaning
  expr::Environment environment;  // what for_each and outputs were compiled with
  std::vector<InputDeclaration> inputs;
  std::vector<TaskDefinition>
      tasks;  // in an order in which every task stands after what it depends on, then by name
  std::vector<OutputDeclaration> outputs;
  std::optional<Duration> timeout;  // of the whole run
  json::value canonical;            // the meaning without positions, comments and key order
  Digest hash;                      // of `canonical`
  std::string source;               // as written
  std::string format;               // "toml" or "json"
};

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// What a service's configuration says, read and compiled (README.md is its reference).
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>
#include <weft/plugin.hpp>

#include "url.hpp"

namespace http_plugin {

using nlohmann::json;

struct Header {
  std::string name;
  weft::expression value;
  std::size_t secrets;  // how often "{secret:" stands in it as written
};

// A request: to a path below the service's URL, or to a URL that an answer gave.
struct Request {
  enum class Body { nothing, value, fields };
  std::string method;
  weft::expression path, url;
  std::vector<Header> headers;
  Body body_kind = Body::nothing;
  weft::expression body;
  std::uint32_t timeout_ms = 0;
};

// What an answer means: the first rule whose `when` is true decides.
struct ErrorRule {
  weft::expression when, message, retry_after_s;
  weft_status outcome;
  bool free;  // nothing is charged
};

struct Output {
  std::string name;
  // Where it is found, the first that is there: base64 text, a URL, or a plain value.
  weft::expression base64, url, value;
  bool body = false;       // the answer itself is the output
  std::string media_type;  // of base64, and of bytes whose type the service does not say
  std::vector<std::string> media_types;  // what is taken: "image/*"
  weft::expression meta;
  weft::expression schema;  // JSON Schema that a value must fit
  bool optional = false;
};

struct Poll {
  Request ask;
  std::vector<std::pair<std::string, weft::expression>> handle;  // names to what finds the job
  weft::expression state, progress, wait_ms;
  // Words of the service by our word: queued, running, done, failed, refused, cancelled, lost.
  std::map<std::string, std::string> states;
  std::uint32_t every_ms, max_every_ms;
  std::int64_t patience_ms, lost_grace_ms, expires_ms;
  double backoff;
  bool at_submit;  // the answer to the submit has a state too
  std::optional<Request> result, cancel;
  std::optional<Request> find;  // looks a job up by task.key; answers what the handle is read from
};

// Of an order that stays open until it is done: what may be asked meanwhile.
struct Beside {
  Request ask;
  weft::expression ours, progress;  // whether the answer is about this order, and how far it is
  std::uint32_t every_ms = 0;
  std::optional<Request> cancel;
};

struct Cost {
  weft::expression estimate, actual;
  std::string currency;
};

struct Operation {
  json described;                                  // for describe
  json params_known, options_known, inputs_known;  // arrays of names, those of inputs with `list`
  Request submit;
  std::uint64_t answer_limit_bytes, file_limit_bytes;
  std::optional<Poll> poll;
  std::optional<Beside> beside;
  std::vector<Output> outputs;
  std::vector<ErrorRule> errors;
  weft::expression parse;
  Cost cost;
};

struct Description {
  Url url;
  std::string base;
  std::vector<Url> origins;
  std::vector<Header> headers;
  std::vector<ErrorRule> errors;
  weft::expression error_message, retry_after_s;
  std::optional<Request> health;
  weft::expression models;
  json settings;
  std::map<std::string, Operation> operations;
};

// Throws WEFT_BAD_INPUT with path, what, and what to do.
Description read_description(const json& config, weft::expressions& language);

}  // namespace http_plugin

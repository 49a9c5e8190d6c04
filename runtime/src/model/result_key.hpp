// SPDX-License-Identifier: Apache-2.0
// By what the result of a task is known, so that a later task which asks for the same can take it:
// the digest of everything that makes it what it is. Pure: equal tasks have equal keys, in whatever
// run they stand.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "model/binding.hpp"
#include "model/operation.hpp"

namespace weft {

// Why a result that was made with these params is nobody else's, for people; "" when another task
// may take it.
std::string_view why_not_reused(Reuse reuse, const json::object& params);

struct ResultKey {
  Digest digest;      // of `parts`
  std::string parts;  // canonical JSON: {"operation", "params", "inputs", "service"}
};

// `params` and inputs as the service gets them. `component` is what the service is made of, and
// `identity` what else of it changes its results. Of `params.options` only the component's own
// count, and of an artifact only its bytes.
std::shared_ptr<const ResultKey> result_key(std::string_view operation, const BoundTask& task,
                                            std::string_view component,
                                            const json::object& identity);

// What differs between the parts of two keys, each as a person says it: "params.prompt: 'a' ->
// 'b'", "input image: other bytes". Empty: nothing does.
std::vector<std::string> differences(const json::value& earlier, const json::value& later);

// Whose result a task has taken.
struct ResultOrigin {
  RunId run;
  std::string task;     // "video[3]"
  std::string service;  // that made it
  Timestamp made_at{};
};

// A result that was found.
struct FoundResult {
  std::shared_ptr<const ResultKey> key;
  ResultOrigin origin;
  json::object outputs;
};

}  // namespace weft

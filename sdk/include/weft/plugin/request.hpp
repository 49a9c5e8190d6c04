// SPDX-License-Identifier: Apache-2.0
// weft/plugin/request.hpp - weft::request, what shall be done, and weft::artifact, what it is done
// with.
#pragma once

#include <weft/abi.h>
#include <weft/plugin/host.hpp>
#include <weft/plugin/values.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

// Content in the store. The id is good as long as the process; a token keeps sha256() instead.
class artifact {
 public:
  artifact() = default;
  artifact(const weft::host& host, weft_id id, std::string sha256, std::uint64_t length,
           std::string media_type)
      : host_(&host),
        id_(id),
        sha256_(std::move(sha256)),
        length_(length),
        media_type_(std::move(media_type)) {}

  weft_id id() const noexcept { return id_; }  // 0: none
  const std::string& sha256() const noexcept { return sha256_; }
  std::uint64_t length() const noexcept { return length_; }
  const std::string& media_type() const noexcept { return media_type_; }

  // A file to read, never to write, while the job lasts.
  std::string path() const {
    if (!host_) throw error(WEFT_INTERNAL, "path() of an artifact that is none");
    return host_->locate(id_);
  }

 private:
  const weft::host* host_ = nullptr;
  weft_id id_ = 0;
  std::string sha256_;
  std::uint64_t length_ = 0;
  std::string media_type_;
};

// A weft_task, copied: it outlives the call that brought it.
class request {
 public:
  request(const weft::host& host, const weft_task& task)
      : job_(task.job),
        attempt_(task.attempt),
        operation_(view(task.operation)),
        params_(parse_json(task.params)),
        options_(parse_json(task.options)),
        idempotency_key_(view(task.idempotency_key)) {
    // An older host sends a shorter task (law 5).
    const auto text = [&](bool said, weft_str weft_task::*field) {
      return said ? std::string(view(task.*field)) : std::string();
    };
    if (WEFT_HAS(&task, weft_task, deadline_ms)) deadline_ms_ = task.deadline_ms;
    if (WEFT_HAS(&task, weft_task, budget_micros)) budget_micros_ = task.budget_micros;
    currency_ = text(WEFT_HAS(&task, weft_task, currency), &weft_task::currency);
    run_ = text(WEFT_HAS(&task, weft_task, run), &weft_task::run);
    label_ = text(WEFT_HAS(&task, weft_task, label), &weft_task::label);
    trace_ = text(WEFT_HAS(&task, weft_task, trace), &weft_task::trace);
    for (const weft_named& named : elements<weft_named>(task.inputs))
      inputs_.emplace_back(std::string(view(named.name)),
                           artifact(host, named.blob.artifact, std::string(view(named.blob.data)),
                                    named.blob.length, std::string(view(named.blob.media_type))));
  }

  weft_id job() const noexcept { return job_; }
  std::uint32_t attempt() const noexcept { return attempt_; }
  const std::string& operation() const noexcept { return operation_; }
  const nlohmann::json& params() const noexcept { return params_; }
  const nlohmann::json& options() const noexcept { return options_; }
  const std::string& idempotency_key() const noexcept { return idempotency_key_; }
  std::int64_t deadline_ms() const noexcept { return deadline_ms_; }      // Unix time; 0 none
  std::int64_t budget_micros() const noexcept { return budget_micros_; }  // -1 no limit
  const std::string& currency() const noexcept { return currency_; }
  const std::string& run() const noexcept { return run_; }
  const std::string& label() const noexcept { return label_; }  // "video[3]"
  const std::string& trace() const noexcept { return trace_; }

  // Is there an input of that name? A list gives its first.
  const artifact* find_input(std::string_view name) const noexcept {
    for (const auto& [has, value] : inputs_)
      if (has == name) return &value;
    return nullptr;
  }
  // Throws WEFT_BAD_INPUT if there is none.
  const artifact& input(std::string_view name) const {
    if (const auto* found = find_input(name)) return *found;
    throw error(WEFT_BAD_INPUT, operation_ + " needs the input '" + std::string(name) + "'");
  }
  // Of those that were given, each once.
  std::vector<std::string> input_names() const {
    std::vector<std::string> names;
    for (const auto& [has, value] : inputs_)
      if (names.empty() || names.back() != has) names.push_back(has);
    return names;
  }
  std::vector<artifact> inputs(std::string_view name) const {
    std::vector<artifact> list;
    for (const auto& [has, value] : inputs_)
      if (has == name) list.push_back(value);
    return list;
  }

 private:
  weft_id job_;
  std::uint32_t attempt_;
  std::string operation_;
  nlohmann::json params_, options_;
  std::string idempotency_key_;
  std::int64_t deadline_ms_ = 0;
  std::int64_t budget_micros_ = -1;
  std::string currency_, run_, label_, trace_;
  std::vector<std::pair<std::string, artifact>> inputs_;
};

}  // namespace weft

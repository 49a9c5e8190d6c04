// SPDX-License-Identifier: Apache-2.0
// What was bought, and the jobs that came of it.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "script.hpp"

namespace weft::cloud_fake {

struct Job {
  std::string id;
  std::string key;   // of the client, where the service takes one
  std::string kind;  // "image" or "video"
  std::int64_t polls_left = 0;
  std::string fail;
  bool cancelled = false;

  bool is_done() const noexcept { return polls_left <= 0; }
};

// An order that its client waits for: one at a time, whoever asks.
struct OpenOrder {
  std::string task;  // the name that its client gave it
  std::int64_t questions = 0;
  bool interrupted = false;
};

class Book {
 public:
  // The behaviour of the purchase under way, taken from the script.
  const Purchase& begin_purchase(Script& script);
  // It is accepted, and billed.
  void bill(std::string_view path, std::int64_t cost_micros);
  // A job of the purchase under way.
  const Job& add_job(std::string kind, std::string key = {});
  // Null: no such job. By its id, or the client's key. `asks`: one question less until it is done.
  Job* find(std::string_view id_or_key, bool asks = false);
  void count_key(const std::string& key);
  void count_request(std::string_view path) { ++requests_[std::string(path)]; }
  void count_file(bool with_key) { ++(with_key ? files_with_key_ : files_); }
  void count_taken(std::size_t bytes) { taken_bytes_ += static_cast<std::int64_t>(bytes); }
  // Forgets the jobs, not what was billed.
  void restart() { jobs_.clear(); }
  // Every job is done from now on.
  void finish() {
    for (auto& [place, job] : jobs_) job.polls_left = 0;
  }
  json::object stats() const;

  std::optional<OpenOrder> open;
  std::int64_t interrupts = 0;
  std::string files_url;  // where results are: "http://127.0.0.1:4301"

 private:
  Purchase current_;
  std::map<std::string, Job, std::less<>> jobs_;
  std::int64_t accepted_ = 0, billed_micros_ = 0, posts_ = 0, cancels_ = 0;
  std::int64_t files_ = 0, files_with_key_ = 0, last_id_ = 0, taken_bytes_ = 0;
  std::map<std::string, std::int64_t> by_path_, by_key_, requests_;
};

}  // namespace weft::cloud_fake

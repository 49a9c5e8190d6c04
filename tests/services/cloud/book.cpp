// SPDX-License-Identifier: Apache-2.0
#include "book.hpp"

#include <algorithm>

namespace weft::cloud_fake {
namespace {

json::object counts(const std::map<std::string, std::int64_t>& counted) {
  json::object object;
  for (const auto& [name, count] : counted) object[name] = count;
  return object;
}

}  // namespace

const Purchase& Book::begin_purchase(Script& script) {
  ++posts_;
  current_ = script.rest;
  if (!script.next.empty()) {
    current_ = std::move(script.next.front());
    script.next.pop_front();
  }
  return current_;
}

void Book::bill(std::string_view path, std::int64_t cost_micros) {
  ++accepted_;
  ++by_path_[std::string(path)];
  billed_micros_ += cost_micros;
}

void Book::count_key(const std::string& key) {
  if (!key.empty()) ++by_key_[key];
}

const Job& Book::add_job(std::string kind, std::string key) {
  count_key(key);
  const std::string id = "job-" + std::to_string(++last_id_);
  Job job{id, std::move(key), std::move(kind), current_.polls, current_.fail, false};
  // Of a forgotten job the client learns the id all the same.
  const std::string place = current_.forget ? "forgotten-" + id : id;
  return jobs_.insert_or_assign(place, std::move(job)).first->second;
}

Job* Book::find(std::string_view id_or_key, bool asks) {
  auto found = jobs_.find(id_or_key);
  if (found == jobs_.end() && !id_or_key.empty())
    found = std::ranges::find_if(jobs_, [&](const auto& entry) {
      return entry.second.key == id_or_key && entry.first == entry.second.id;
    });
  if (found == jobs_.end() || found->first != found->second.id) return nullptr;
  if (asks && found->second.polls_left > 0) --found->second.polls_left;
  return &found->second;
}

json::object Book::stats() const {
  return {{"accepted", accepted_},     {"billed_micros", billed_micros_},
          {"posts", posts_},           {"by_path", counts(by_path_)},
          {"by_key", counts(by_key_)}, {"requests", counts(requests_)},
          {"files", files_},           {"files_with_key", files_with_key_},
          {"interrupts", interrupts},  {"taken_bytes", taken_bytes_}};
}

}  // namespace weft::cloud_fake

// SPDX-License-Identifier: Apache-2.0
#include "script.hpp"

#include <boost/json/serialize.hpp>
#include <functional>
#include <map>

namespace weft::cloud_fake {
namespace {

using Readers = std::map<std::string, std::function<void(const json::value&)>, std::less<>>;

// Reads throw std::exception where a member is of another type.
void read(const json::value& value, const Readers& readers) {
  for (const auto& [name, member] : value.as_object()) {
    const auto reader = readers.find(name);
    if (reader == readers.end())
      throw std::invalid_argument("there is no '" + std::string(name) + "' in a script");
    reader->second(member);
  }
}

Answer answer_named(const std::string& name) {
  static const std::map<std::string, Answer, std::less<>> names{
      {"ok", Answer::ok},
      {"none_before", Answer::none_before},
      {"none_after", Answer::none_after},
      {"error_before", Answer::error_before},
      {"error_after", Answer::error_after},
      {"partial", Answer::partial},
      {"silent", Answer::silent}};
  return names.at(name);
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

void read_told(Readers& readers, Told& told) {
  readers["status"] = [&](const json::value& v) { told.status = static_cast<int>(v.as_int64()); };
  readers["body"] = [&](const json::value& v) { told.body = text_of(v); };
  readers["headers"] = [&](const json::value& v) {
    for (const auto& [name, text] : v.as_object())
      told.headers.push_back({name, std::string(text.as_string())});
  };
}

Purchase purchase_of(const json::value& value) {
  Purchase purchase;
  Readers readers{
      {"answer", [&](const json::value& v) { purchase.answer = answer_named(text_of(v)); }},
      {"delay_ms", [&](const json::value& v) { purchase.delay_ms = Duration(v.as_int64()); }},
      {"trickle_ms", [&](const json::value& v) { purchase.trickle_ms = Duration(v.as_int64()); }},
      {"content_type", [&](const json::value& v) { purchase.content_type = text_of(v); }},
      {"huge_bytes",
       [&](const json::value& v) { purchase.huge_bytes = v.to_number<std::uint64_t>(); }},
      {"polls", [&](const json::value& v) { purchase.polls = v.as_int64(); }},
      {"fail", [&](const json::value& v) { purchase.fail = text_of(v); }},
      {"forget", [&](const json::value& v) { purchase.forget = v.as_bool(); }}};
  read_told(readers, purchase.told);
  read(value, readers);
  return purchase;
}

Fault fault_of(const json::value& value) {
  Fault fault;
  Readers readers{{"path", [&](const json::value& v) { fault.path = text_of(v); }},
                  {"times", [&](const json::value& v) { fault.times = v.as_int64(); }}};
  read_told(readers, fault.told);
  read(value, readers);
  return fault;
}

Reading reading_of(const json::value& value) {
  Reading reading;
  read(value,
       {{"pause_ms", [&](const json::value& v) { reading.pause_ms = Duration(v.as_int64()); }},
        {"stop_after_bytes",
         [&](const json::value& v) { reading.stop_after_bytes = v.to_number<std::uint64_t>(); }}});
  return reading;
}

}  // namespace

result<void> apply(Script& script, const json::value& order) {
  Script wanted = script;
  const Readers readers{
      {"next",
       [&](const json::value& v) {
         wanted.next.clear();
         for (const json::value& one : v.as_array()) wanted.next.push_back(purchase_of(one));
       }},
      {"rest", [&](const json::value& v) { wanted.rest = purchase_of(v); }},
      {"cost_micros", [&](const json::value& v) { wanted.cost_micros = v.as_int64(); }},
      {"reading", [&](const json::value& v) { wanted.reading = reading_of(v); }},
      {"faults",
       [&](const json::value& v) {
         wanted.faults.clear();
         for (const json::value& one : v.as_array()) wanted.faults.push_back(fault_of(one));
       }},
      {"texts", [&](const json::value& v) {
         wanted.texts.assign(v.as_array().begin(), v.as_array().end());
       }}};
  try {
    read(order, readers);
  } catch (const std::exception& problem) {
    return invalid(std::string("the script cannot be read: ") + problem.what());
  }
  script = std::move(wanted);
  return {};
}

}  // namespace weft::cloud_fake

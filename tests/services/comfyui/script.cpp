// SPDX-License-Identifier: Apache-2.0
#include "script.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <tuple>

#include "base/text.hpp"

namespace weft::comfy_fake {
namespace {

// Reads the members of one object, each by a function that says whether it liked the value.
using Setter = std::function<bool(const json::value&)>;
using Setters = std::map<std::string, Setter, std::less<>>;

Setter to_text(std::string& member) {
  return [&member](const json::value& value) {
    if (const auto* text = value.if_string()) member = std::string(*text);
    return value.is_string();
  };
}
Setter to_flag(bool& member) {
  return [&member](const json::value& value) {
    if (value.is_bool()) member = value.get_bool();
    return value.is_bool();
  };
}
Setter to_count(std::int64_t& member) {
  return [&member](const json::value& value) {
    if (!value.is_int64() || value.get_int64() < 0) return false;
    member = value.get_int64();
    return true;
  };
}
template <class Member>
Setter to_span(Member& member) {
  return [&member](const json::value& value) {
    if (!value.is_int64() || value.get_int64() < 0) return false;
    member = Duration(value.get_int64());
    return true;
  };
}

result<void> read(const json::value& value, const std::string& what, const Setters& setters) {
  if (!value.is_object()) return invalid(what + " is not an object");
  for (const auto& member : value.get_object()) {
    const auto setter = setters.find(std::string_view(member.key()));
    if (setter == setters.end()) {
      std::vector<std::string> known;
      for (const auto& [name, ignored] : setters) known.push_back(name);
      return invalid(what + " has no member '" + excerpt(member.key()) + "'",
                     suggest(member.key(), known));
    }
    if (!setter->second(member.value()))
      return invalid(what + "." + std::string(member.key()) + " cannot be " +
                     excerpt(canonical(member.value())));
  }
  return {};
}

bool read_answer(Answer& answer, const json::value& value) {
  static constexpr std::array<std::string_view, 5> words{"ok", "none_before", "none_after",
                                                         "error_before", "error_after"};
  const auto* text = value.if_string();
  const auto found = text ? std::ranges::find(words, std::string_view(*text)) : words.end();
  if (found == words.end()) return false;
  answer = static_cast<Answer>(found - words.begin());
  return true;
}

result<void> read_class(ClassBehaviour& to, const json::value& value) {
  return read(value, "a class",
              {{"ms", to_span(to.ms)},
               {"steps", to_count(to.steps)},
               {"fail_type", to_text(to.fail_type)},
               {"fail_message", to_text(to.fail_message)},
               {"fail_times", to_count(to.fail_times)},
               {"kills_worker", to_flag(to.kills_worker)},
               {"skips_files", to_flag(to.skips_files)}});
}

result<void> read_prompt(PromptBehaviour& to, const json::value& value) {
  return read(value, "a prompt",
              {{"answer", [&](const json::value& v) { return read_answer(to.answer, v); }},
               {"forget", to_flag(to.forget)},
               {"dies_after_ms", to_span(to.dies_after)},
               {"down_ms", to_span(to.down)}});
}

result<void> read_fault(Fault& to, const json::value& value) {
  std::int64_t status = 0, bytes = -1;
  auto read_it = read(value, "a fault",
                      {{"method", to_text(to.method)},
                       {"path", to_text(to.path)},
                       {"status", to_count(status)},
                       {"body", to_text(to.body)},
                       {"content_type", to_text(to.content_type)},
                       {"times", to_count(to.times)},
                       {"after", to_count(to.after)},
                       {"breaks_after", to_count(bytes)}});
  to.status = static_cast<int>(status);
  if (bytes >= 0) to.breaks_after = static_cast<std::size_t>(bytes);
  return read_it;
}

// A list of what `read_one` reads; the first mistake is kept in `mistake`.
template <class List, class Read>
Setter to_list(List& list, Read read_one, result<void>& mistake) {
  return [&list, read_one, &mistake](const json::value& value) {
    if (!value.is_array()) return false;
    list.clear();
    for (const json::value& element : value.get_array()) {
      mistake = read_one(list.emplace_back(), element);
      if (!mistake) break;
    }
    return true;
  };
}

Setter to_classes(Script& script, result<void>& mistake) {
  return [&script, &mistake](const json::value& value) {
    if (!value.is_object()) return false;
    for (const auto& [name, order] : value.get_object()) {
      ClassBehaviour made;
      mistake = read_class(made, order);
      if (!mistake) break;
      script.classes.insert_or_assign(std::string(name), std::move(made));
    }
    return true;
  };
}

}  // namespace

bool is_since(const std::string& version, int major, int minor, int patch) {
  int a = 0, b = 0, c = 0;
  std::sscanf(version.c_str(), "%d.%d.%d", &a, &b, &c);
  return std::tuple(a, b, c) >= std::tuple(major, minor, patch);
}

result<void> apply(Script& script, const json::value& order) {
  Script next = script;
  result<void> mistake;
  auto whole = read(order, "the script",
                    {{"version", to_text(next.version)},
                     {"node_ms", to_span(next.node_ms)},
                     {"history_delay_ms", to_span(next.history_delay)},
                     {"cost_micros", to_count(next.cost_micros)},
                     {"previews", to_count(next.previews)},
                     {"stalls", to_count(next.stalls)},
                     {"classes", to_classes(next, mistake)},
                     {"next", to_list(next.next, &read_prompt, mistake)},
                     {"faults", to_list(next.faults, &read_fault, mistake)}});
  if (!whole) return whole;
  if (!mistake) return mistake;
  script = std::move(next);
  return {};
}

}  // namespace weft::comfy_fake

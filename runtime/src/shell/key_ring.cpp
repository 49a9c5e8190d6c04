// SPDX-License-Identifier: Apache-2.0
#include "shell/key_ring.hpp"

#include <sodium.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

#include "shell/environment.hpp"

namespace weft::shell {
namespace {

using Kind = SecretReference::Kind;

// What a row is sealed for: it cannot be read as another one.
std::string label_of(std::string_view name, std::int64_t no) {
  return std::string(name) + "/" + std::to_string(no);
}

std::string variable_of(std::string_view name) {
  std::string variable = "WEFT_SECRET_";
  for (const char c : name)
    variable += std::isalnum(static_cast<unsigned char>(c))
                    ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
                    : '_';
  return variable;
}

// "" when there is nothing to read.
std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

std::string read_reference(const SecretReference& reference) {
  switch (reference.kind) {
    case Kind::environment:
      return environment_variable(reference.where.c_str());
    case Kind::file:
      return read_text(reference.where);
    case Kind::credential:
      break;
  }
  const std::string folder = environment_variable("CREDENTIALS_DIRECTORY");
  return folder.empty() ? std::string()
                        : read_text(std::filesystem::path(folder) / reference.where);
}

std::string place_of(const SecretReference& reference) {
  constexpr std::string_view kinds[] = {"environment ", "file ", "credential "};
  return std::string(kinds[static_cast<std::size_t>(reference.kind)]) + reference.where;
}

SecretView view_of(std::string_view name, std::string source, std::string_view value) {
  SecretView view;
  view.name = name;
  view.source = std::move(source);
  view.hint = hint_of(value);
  view.missing = value.empty();
  return view;
}

}  // namespace

std::string hint_of(std::string_view value) {
  constexpr std::size_t shown = 4;
  constexpr std::size_t long_enough = 12;
  return value.size() < long_enough ? "" : std::string(value.substr(value.size() - shown));
}

// ---------------------------------------------------------------- finding

store::Queries* KeyRing::queries() {
  if (queries_) return queries_.get();
  store::Options options;
  options.folder = parts_.state;
  auto opened = store::Queries::open(options);
  if (!opened) {
    if (opened.error().kind != ErrorKind::not_found) complain({}, on_one_line(opened.error()));
    return nullptr;
  }
  queries_ = std::move(*opened);
  return queries_.get();
}

std::vector<store::SecretRow> KeyRing::stored(std::string_view name) {
  store::Queries* reader = queries();
  if (!reader) return {};
  auto rows = reader->secrets(name);
  if (rows) return *std::move(rows);
  complain(name, on_one_line(rows.error()));
  return {};
}

bool KeyRing::find_reference(std::string_view name, Found& found) const {
  const auto reference = std::ranges::find_if(
      parts_.references, [&](const SecretReference& one) { return one.name == name; });
  if (reference == parts_.references.end()) return false;
  found.values.push_back(read_reference(*reference));
  found.views.push_back(view_of(name, place_of(*reference), found.values.back()));
  return true;
}

bool KeyRing::find_stored(std::string_view name, Found& found) {
  const auto rows = stored(name);
  if (rows.empty()) return false;
  const auto key = find_seal_key(parts_.state);
  for (const store::SecretRow& row : rows) {
    auto value = key && *key ? unseal(**key, label_of(row.name, row.no), row.sealed) : std::nullopt;
    if (!value)
      complain(name, key ? "it was sealed with another key than this WEFT_KEY or secret.key; put "
                           "that one back, or set the secret again"
                         : on_one_line(key.error()));
    SecretView view = view_of(name, "store", value.value_or(""));
    view.number = row.no;
    view.hint = row.hint;
    view.created_at = row.created_at;
    found.views.push_back(std::move(view));
    found.values.push_back(value.value_or(""));
  }
  return true;
}

KeyRing::Found KeyRing::find(std::string_view name) {
  Found found;
  if (find_reference(name, found) || find_stored(name, found)) return found;
  const std::string variable = variable_of(name);
  found.values.push_back(environment_variable(variable.c_str()));
  found.views.push_back(view_of(name, "environment " + variable, found.values.back()));
  return found;
}

void KeyRing::complain(std::string_view name, const std::string& why) {
  std::string& last = complained_[std::string(name)];
  if (std::exchange(last, why) != why && parts_.log)
    parts_.log->error("a secret cannot be read", {{"secret", name}, {"reason", why}});
}

// ---------------------------------------------------------------- giving

std::optional<std::string> KeyRing::get(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const Timestamp now = parts_.now();
  std::optional<std::string> best;
  Timestamp best_rests_until{};
  for (std::string& value : find(name).values) {
    if (value.empty()) continue;
    const auto rest = resting_until_.find({std::string(name), value});
    const Timestamp until = rest == resting_until_.end() ? Timestamp{} : rest->second;
    if (until <= now) return std::move(value);
    if (best && until >= best_rests_until) continue;
    best = std::move(value);
    best_rests_until = until;
  }
  return best;  // all rest: the one that is refused for the shortest time
}

bool KeyRing::refuse(std::string_view name, std::string_view value, Duration rest) {
  const std::lock_guard lock(mutex_);
  const Timestamp now = parts_.now();
  resting_until_.insert_or_assign({std::string(name), std::string(value)}, now + rest);
  const auto values = find(name).values;
  return std::ranges::any_of(values, [&](const std::string& other) {
    if (other.empty()) return false;
    const auto resting = resting_until_.find({std::string(name), other});
    return resting == resting_until_.end() || resting->second <= now;
  });
}

// ---------------------------------------------------------------- what people see

std::vector<SecretView> KeyRing::describe(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return find(name).views;
}

std::vector<std::string> KeyRing::names() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const SecretReference& reference : parts_.references) names.push_back(reference.name);
  for (store::SecretRow& row : stored("")) names.push_back(std::move(row.name));
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

// ---------------------------------------------------------------- keeping

result<> keep_secret(store::Client& client, store::Queries& reader,
                     const std::filesystem::path& state, std::string_view name,
                     std::string_view value, SecretPlace place, Timestamp now) {
  const auto rows = reader.secrets(name);
  if (!rows) return rows.error();
  const auto key = make_seal_key(state);
  if (!key) return key.error();
  store::SecretRow row;
  row.name = name;
  row.no = 1;
  if (!rows->empty() && place == SecretPlace::last) row.no = rows->back().no + 1;
  if (!rows->empty() && place == SecretPlace::first) row.no = rows->front().no - 1;
  SealNonce nonce{};
  randombytes_buf(nonce.data(), nonce.size());
  row.sealed = seal(*key, nonce, label_of(name, row.no), value);
  row.hint = hint_of(value);
  row.created_at = now;
  return client.put_secret(row, place == SecretPlace::only);
}

}  // namespace weft::shell

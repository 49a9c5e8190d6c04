// SPDX-License-Identifier: Apache-2.0
#include "observe/redactor.hpp"

#include <algorithm>
#include <mutex>

namespace weft::observe {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

// Everything but the unreserved characters of RFC 3986 escaped.
std::string url_form(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view{"-._~"}.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += {'%', hex_digits[byte >> 4], hex_digits[byte & 15]};
    }
  }
  return out;
}

std::string json_form(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// RFC 4648 section 4 without the padding, so that it is also found at the head of a longer text.
std::string base64_form(std::string_view value) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : value) {
    bits = (bits << 8 | static_cast<unsigned char>(c)) & 0xFFFFU;
    held += 8;
    for (; held >= 6; held -= 6) out += alphabet[bits >> (held - 6) & 63U];
  }
  if (held > 0) out += alphabet[bits << (6 - held) & 63U];
  return out;
}

}  // namespace

void Redactor::add(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  const std::string replacement = "{secret:" + std::string(name) + "}";
  const std::unique_lock lock(mutex_);
  for (std::string form :
       {std::string(value), json_form(value), url_form(value), base64_form(value)}) {
    const bool known =
        std::ranges::any_of(secrets_, [&](const Secret& secret) { return secret.value == form; });
    if (known) continue;
    first_bytes_[static_cast<unsigned char>(form.front())] = true;
    secrets_.push_back({std::move(form), replacement});
  }
  std::ranges::stable_sort(
      secrets_, [](const Secret& a, const Secret& b) { return a.value.size() > b.value.size(); });
}

const Redactor::Secret* Redactor::secret_at(std::string_view text) const noexcept {
  if (!first_bytes_[static_cast<unsigned char>(text.front())]) return nullptr;
  const auto found = std::ranges::find_if(
      secrets_, [&](const Secret& secret) { return text.starts_with(secret.value); });
  return found == secrets_.end() ? nullptr : &*found;
}

std::string Redactor::redact(std::string_view text) const {
  const std::shared_lock lock(mutex_);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (const Secret* secret = secret_at(text)) {
      out += secret->replacement;
      text.remove_prefix(secret->value.size());
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace weft::observe

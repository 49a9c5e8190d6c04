// SPDX-License-Identifier: Apache-2.0
// weft/testing/records.hpp - what a test gives to the fake host, and what it finds there
// afterwards.
#pragma once

#include <weft/plugin/values.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::testing {

namespace detail {
struct tenant;
}

// Content of the fake store.
struct stored {
  weft_id id = 0;
  std::string path = {};
  std::string media_type = {};
  std::string digest = {};  // stands for the SHA-256: 64 hex digits made of the content
  std::uint64_t length = 0;

  std::string bytes() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

// A task to submit. Inputs come from fake_host::store.
struct task_spec {
  std::string operation;
  nlohmann::json params = nlohmann::json::object();
  nlohmann::json options = nlohmann::json::object();
  std::vector<std::pair<std::string, stored>> inputs = {};
  std::string key = "00000000-0000-7000-8000-000000000001";
  std::uint32_t attempt = 1;
  std::int64_t deadline_ms = 0;
  std::int64_t budget_micros = -1;
  std::string label = "task";
};

struct output_record {
  std::string name;
  stored content;
  nlohmann::json meta;
};

struct progress_record {
  int permille;
  std::string stage;
};

// All that was said about one job or call.
struct job_record {
  static constexpr weft_status unfinished = -1;
  static constexpr weft_status interrupted = 66;  // by a crash: said by no plugin

  weft_id id = 0;
  const detail::tenant* at = nullptr;  // the instance it was given to
  task_spec spec = {};
  bool on_worker = false;  // of an executor: it ends without the agenda
  bool cancelled = false;
  std::int64_t cancelled_at_ms = 0;
  std::vector<progress_record> progress = {};
  std::vector<std::string> unsettled_tokens = {};  // said, not yet durable
  std::vector<std::string> tokens = {};            // durable, oldest first
  std::vector<output_record> outputs = {};
  std::vector<std::pair<std::string, std::string>> previews = {};  // media type and bytes

  weft_status status = unfinished;
  std::string message = {};
  std::uint32_t retry_after_ms = 0;
  nlohmann::json result = nlohmann::json::object();
  std::int64_t cost_micros = 0;
  std::uint32_t cost_basis = WEFT_COST_UNKNOWN;
  std::string currency = {};
  weft::usage used = {};
};

struct log_record {
  std::int32_t level;
  weft_id about;
  std::string text;
  nlohmann::json fields;
};

// A request as it would have gone out: secrets filled in, parts read and encoded.
struct http_call {
  std::string method, url, body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  struct form_part {
    std::string name, bytes, media_type;
  };
  std::vector<form_part> form = {};
  bool buys = false;
  bool public_only = false;
  weft_id job = 0;

  std::string header(std::string_view name) const {
    for (const auto& [has, value] : headers)
      if (has == name) return value;
    return {};
  }
};

// What the fake network answers. `failure` other than WEFT_OK: no answer, but this status.
struct http_answer {
  std::uint32_t status = 200;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  weft_status failure = WEFT_OK;
  std::uint32_t delay_ms = 0;
  std::uint32_t retry_after_ms = 0;
};
using http_handler = std::function<http_answer(const http_call&)>;

namespace detail {

// 64 hex digits that depend on every byte (four FNV-1a hashes): enough to tell contents apart in a
// test.
inline std::string digest_of(std::string_view bytes) {
  std::string hex;
  for (std::uint64_t lane = 0; lane < 4; ++lane) {
    std::uint64_t hash = 14695981039346656037u ^ lane;
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211u;
    for (int shift = 60; shift >= 0; shift -= 4) hex += "0123456789abcdef"[(hash >> shift) & 15];
  }
  return hex;
}

// RFC 4648, section 4.
inline constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

inline std::string base64_encode(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < have ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= have ? base64_alphabet[(group >> (18 - 6 * i)) & 63] : '=';
  }
  return text;
}

inline std::string base64_decode(std::string_view text) {
  std::string bytes;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char letter : text.substr(0, text.find('='))) {
    const std::size_t value = base64_alphabet.find(letter);
    if (value == std::string_view::npos) throw error(WEFT_BAD_INPUT, "not base64");
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((group >> bits) & 0xff);
  }
  return bytes;
}

inline std::string extension_of(std::string_view media_type) {
  const std::size_t slash = media_type.find('/');
  if (slash == std::string_view::npos) return "";
  const std::string_view subtype = media_type.substr(slash + 1);
  return "." + std::string(subtype == "jpeg" ? "jpg" : subtype == "plain" ? "txt" : subtype);
}

}  // namespace detail
}  // namespace weft::testing

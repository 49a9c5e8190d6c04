// SPDX-License-Identifier: Apache-2.0
#include "net/resume.hpp"

#include <charconv>
#include <string_view>

namespace weft::net {
namespace {

std::string_view value_of(const Headers& headers, std::string_view name) {
  const std::string* value = find_header(headers, name);
  return value ? std::string_view(*value) : std::string_view();
}

// Takes the number off the front of a text. Nothing: there is none.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return number;
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

}  // namespace

std::optional<Resume> Resume::of(int status, const Headers& headers) {
  const std::string_view tag = value_of(headers, "ETag"),
                         encoding = value_of(headers, "Content-Encoding");
  if (status != 200 || !tag.starts_with('"')) return std::nullopt;  // W/"..." is a weak one
  if (!encoding.empty() && encoding != "identity") return std::nullopt;
  if (!same_header_name(value_of(headers, "Accept-Ranges"), "bytes")) return std::nullopt;
  Resume resume;
  resume.tag_ = tag;
  std::string_view length = value_of(headers, "Content-Length");
  resume.total_bytes_ = take_number(length);
  return resume;
}

Headers Resume::range_from(std::uint64_t first_byte) const {
  return {{"Range", "bytes=" + std::to_string(first_byte) + "-"}, {"If-Range", tag_}};
}

bool Resume::goes_on(int status, const Headers& headers, std::uint64_t first_byte) const {
  if (status != 206) return false;
  const std::string_view tag = value_of(headers, "ETag");
  if (!tag.empty() && tag != tag_) return false;
  std::string_view range = value_of(headers, "Content-Range");  // bytes FIRST-LAST/TOTAL
  if (!take_word(range, "bytes ") || take_number(range) != first_byte || !take_word(range, "-"))
    return false;
  if (!take_number(range) || !take_word(range, "/")) return false;
  return range == "*" || !total_bytes_ || take_number(range) == total_bytes_;
}

}  // namespace weft::net

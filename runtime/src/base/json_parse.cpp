// SPDX-License-Identifier: Apache-2.0
#include "base/json_parse.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.hpp"

namespace weft {
namespace {

using boost::system::error_code;

constexpr std::size_t depth_at_most = 64;

// Boost.JSON's own parser makes integers above int64 unsigned or double, and rounds one in six
// numbers of full length a digit off. The runtime's integers are int64, and a number is the nearest
// there is: what a person wrote is not changed without a word, and reads the same in TOML.
class Builder {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  explicit Builder(json::storage_ptr storage) : storage_(std::move(storage)) {}
  json::value release() { return stack_.release(); }
  // Why the builder refused the number at which parsing stopped; "" if it refused none.
  const std::string& refusal() const noexcept { return refusal_; }

  bool on_document_begin(error_code&) {
    stack_.reset(storage_);
    return true;
  }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t count, error_code&) {
    stack_.push_object(count);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t count, error_code&) {
    stack_.push_array(count);
    return true;
  }
  bool on_key_part(std::string_view part, std::size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_key(std::string_view part, std::size_t, error_code&) {
    stack_.push_key(part);
    return true;
  }
  bool on_string_part(std::string_view part, std::size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(std::string_view part, std::size_t, error_code&) {
    stack_.push_string(part);
    return true;
  }
  bool on_number_part(std::string_view part, error_code&) {
    number_ += part;
    return true;
  }
  bool on_int64(std::int64_t number, std::string_view, error_code&) {
    number_.clear();
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t, std::string_view rest, error_code& error) {
    return refuse(rest, "does not fit into 64 signed bits", error);
  }
  bool on_double(double about, std::string_view rest, error_code& error) {
    if ((number_ + std::string(rest)).find_first_of(".eE") == std::string::npos)
      return refuse(rest, "does not fit into 64 signed bits", error);
    number_ += rest;
    double number = 0;
    const auto [end, problem] =
        std::from_chars(number_.data(), number_.data() + number_.size(), number);
    if (problem == std::errc::result_out_of_range && std::abs(about) > 1)
      return refuse({}, "is larger than any that can be held", error);
    number_.clear();
    stack_.push_double(number);
    return true;
  }
  bool on_bool(bool truth, error_code&) {
    stack_.push_bool(truth);
    return true;
  }
  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(std::string_view, error_code&) { return true; }
  bool on_comment(std::string_view, error_code&) { return true; }

 private:
  bool refuse(std::string_view rest, std::string_view why, error_code& error) {
    refusal_ = "the number " + excerpt(number_ + std::string(rest), 40) + " " + std::string(why);
    error = json::error::not_number;
    return false;
  }

  json::storage_ptr storage_;
  json::value_stack stack_;
  std::string number_;  // as far as it was told in parts
  std::string refusal_;
};

}  // namespace

result<json::value> parse_json(std::string_view text, std::string_view file) {
  return parse_json_into({}, text, file);
}

result<json::value> parse_json_into(json::storage_ptr storage, std::string_view text,
                                    std::string_view file) {
  json::parse_options options;
  options.max_depth = depth_at_most;
  json::basic_parser<Builder> parser(options, std::move(storage));
  error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  const auto fail = [&](std::size_t offset, std::string message) {
    return invalid(file.empty() ? "JSON" : std::string(file),
                   {Diagnostic{position_at(text, offset, file), std::move(message), {}, false}});
  };
  if (const std::string& refusal = parser.handler().refusal(); !refusal.empty())
    return fail(used, refusal);
  if (error) return fail(used, "not valid JSON: " + error.message());
  if (used != text.size()) return fail(used, "not valid JSON: more text after the value");
  if (!is_utf8(text)) return fail(0, "the text is not UTF-8");
  return parser.handler().release();
}

}  // namespace weft

// SPDX-License-Identifier: Apache-2.0
// URLs, redirects and the headers of answers.
#include "net/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <vector>

#include "base/text.hpp"
#include "net/http.hpp"
#include "target.hpp"

namespace weft::fuzz {
namespace {

using namespace net;

// Stands in the input as one byte, so that it comes at all places of a URL.
constexpr char secret_mark = '\x01';
constexpr std::string_view secret = "hunter2secret";

std::string with_secret(std::string_view text) {
  std::string filled;
  for (const char c : text) filled += c == secret_mark ? std::string(secret) : std::string(1, c);
  return filled;
}

// Whether the secret stands in one of these parts of a URL, as curl sees them.
bool is_secret_in(const std::string& url, std::initializer_list<CURLUPart> parts) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> handle(curl_url(), &curl_url_cleanup);
  // The path as it was written: what "/../" takes out of it is shown all the same.
  if (curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK)
    return false;
  for (const CURLUPart part : parts) {
    char* text = nullptr;
    if (curl_url_get(handle.get(), part, &text, 0) != CURLUE_OK) continue;
    const std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
    if (std::string_view(text).find(secret) != std::string_view::npos) return true;
  }
  return false;
}

void check_printable(std::string_view input) {
  const std::string url = with_secret(input);
  const std::string shown = printable_url(url);
  expect(is_utf8(shown), "what is shown of a URL is UTF-8");
  expect(shown.find_first_of("?#") == shown.npos, "no query and no fragment is shown");
  if (url.find('\0') != url.npos) return;  // no URL at all
  const bool may_be_credential = is_secret_in(
      url,
      {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT});
  // Who writes it into the path as well has it shown.
  if (may_be_credential && !is_secret_in(url, {CURLUPART_HOST, CURLUPART_PATH}))
    expect(shown.find(secret) == shown.npos, "what may be a credential is not shown");
}

void check_url(const std::string& base_text, const std::string& location) {
  const auto base = parse_url(base_text);
  expect(!base || base_text.find('\0') == base_text.npos, "a URL holds no NUL");
  if (!base) return expect(!base.error().what.empty(), "a fault says what it is");
  expect(base->origin.starts_with("http://") || base->origin.starts_with("https://"),
         "a URL is of http or https");
  const auto again = parse_url(base->text);
  expect(again && again->text == base->text && again->origin == base->origin,
         "a URL that was read reads to the same");
  const auto target = resolve_url(*base, location);
  if (!target) return expect(!target.error().what.empty(), "a fault says what it is");
  const auto reread = parse_url(target->text);
  expect(reread && reread->origin == target->origin, "where a redirect points can be read");
}

void check_headers(const std::vector<std::string>& lines) {
  Headers headers;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    headers.push_back({line.substr(0, colon), line.substr(colon + 1)});
    expect(find_header(headers, headers.back().name) != nullptr, "a header is found by its name");
  }
  const auto wait = retry_after(headers, from_unix_ms(1'800'000'000'000));
  expect(!wait || wait->count() >= 0, "nobody waits for the past");
}

}  // namespace

void url(std::string_view input) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin <= input.size();) {
    const std::size_t end = std::min(input.find('\n', begin), input.size());
    lines.emplace_back(input.substr(begin, end - begin));
    begin = end + 1;
  }
  check_printable(lines.front());
  check_url(lines.front(), lines.size() > 1 ? lines[1] : "");
  check_headers(lines);
}

}  // namespace weft::fuzz

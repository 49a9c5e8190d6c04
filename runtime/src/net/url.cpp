// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <curl/curl.h>

#include <memory>

namespace weft::net {
namespace {

using UrlHandle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part_of(CURLU* handle, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(handle, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

UrlFault fault_of(CURLUcode code) {
  if (code == CURLUE_USER_NOT_ALLOWED) {
    return {"has user-info in it; put credentials in a secret header"};
  }
  return {std::string("cannot be used: ") + curl_url_strerror(code)};
}

// curl would take what stands before it for all of the URL.
bool holds_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}
UrlFault nul_fault() {
  return {"holds a NUL character"};
}

boost::system::result<Url, UrlFault> read(CURLU* handle) {
  const std::string scheme = part_of(handle, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return UrlFault{"is not an http or https URL"};
  std::string origin = scheme + "://" + lower(part_of(handle, CURLUPART_HOST)) + ":" +
                       part_of(handle, CURLUPART_PORT);
  return Url{part_of(handle, CURLUPART_URL), std::move(origin)};
}

}  // namespace

boost::system::result<Url, UrlFault> parse_url(const std::string& text) {
  if (holds_nul(text)) return nul_fault();
  const UrlHandle handle(curl_url(), &curl_url_cleanup);
  const CURLUcode code =
      curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER);
  if (code != CURLUE_OK) return fault_of(code);
  return read(handle.get());
}

boost::system::result<Url, UrlFault> resolve_url(const Url& base, const std::string& location) {
  if (holds_nul(location)) return nul_fault();
  const UrlHandle handle(curl_url(), &curl_url_cleanup);
  CURLUcode code = curl_url_set(handle.get(), CURLUPART_URL, base.text.c_str(), 0);
  if (code == CURLUE_OK) {
    code = curl_url_set(handle.get(), CURLUPART_URL, location.c_str(),
                        CURLU_DISALLOW_USER | CURLU_URLENCODE);
  }
  if (code != CURLUE_OK) return fault_of(code);
  return read(handle.get());
}

}  // namespace weft::net

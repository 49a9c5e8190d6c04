// SPDX-License-Identifier: Apache-2.0
#include "asking.hpp"

#include <curl/curl.h>

#include <memory>
#include <stdexcept>

namespace weft::testing {
namespace {

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(bytes, size * count);
  return size * count;
}

}  // namespace

std::string ask(const std::string& url, const std::optional<std::string>& post) {
  const std::unique_ptr<CURL, void (*)(CURL*)> request(curl_easy_init(), curl_easy_cleanup);
  std::string text;
  curl_easy_setopt(request.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(request.get(), CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(request.get(), CURLOPT_WRITEDATA, &text);
  curl_easy_setopt(request.get(), CURLOPT_TIMEOUT, 10L);
  if (post) curl_easy_setopt(request.get(), CURLOPT_COPYPOSTFIELDS, post->c_str());
  const CURLcode done = curl_easy_perform(request.get());
  if (done != CURLE_OK) throw std::runtime_error(url + ": " + curl_easy_strerror(done));
  return text;
}

}  // namespace weft::testing

// SPDX-License-Identifier: Apache-2.0
// The sending half of a transfer: method, headers and body as options of an easy handle.
#pragma once
#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/body_source.hpp"
#include "net/http_client.hpp"

namespace weft::net {

// curl keeps pointers into it: it lives, at one address, as long as the easy handle uses it.
class CurlRequest {
 public:
  CurlRequest(CURL* easy, std::string method, Headers headers);

  // Checks everything, opens files and sets the options. What is wrong, or "".
  std::string apply(std::variant<std::string, FileSlice, Form> body);
  // Takes off what must not reach another origin.
  void drop_secrets();
  // What is sent beside the request's own headers from now on.
  void add_headers(Headers more);

  const std::string& method() const noexcept { return method_; }
  // GET or HEAD without a body: may be sent on to where a redirect points.
  bool may_follow() const noexcept {
    return (method_ == "GET" || method_ == "HEAD") && readers_.empty();
  }
  // When curl last took bytes of the body.
  std::chrono::steady_clock::time_point last_read() const noexcept { return last_read_; }
  // curl has taken all of the body. What it has not taken was never sent; what it has it may still
  // hold.
  bool is_read_whole() const noexcept {
    return std::ranges::all_of(readers_,
                               [](const auto& reader) { return reader->source.is_at_end(); });
  }
  // A file could not be read on.
  bool read_failed() const noexcept { return read_failed_; }

 private:
  struct Reader {
    BodySource source;
    CurlRequest& request;
  };
  using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
  using Mime = std::unique_ptr<curl_mime, decltype(&curl_mime_free)>;

  static std::size_t on_read(char* into, std::size_t size, std::size_t count, void* reader);
  std::string fault() const;
  std::string apply_content(Content content);
  std::string apply_form(Form form);
  std::string add_part(FormPart part);
  std::string add_reader(Content content);
  void apply_method(bool with_body);
  void apply_headers();

  CURL* easy_;
  std::string method_;
  Headers headers_;
  Headers more_;
  bool plain_body_ = false;
  HeaderList list_{nullptr, &curl_slist_free_all};
  Mime mime_{nullptr, &curl_mime_free};
  std::vector<std::unique_ptr<Reader>> readers_;
  std::chrono::steady_clock::time_point last_read_{};
  bool read_failed_ = false;
};

}  // namespace weft::net

// SPDX-License-Identifier: Apache-2.0
#include "asking.hpp"

#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>

namespace weft::comfy_fake {
namespace {

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

}  // namespace

Catalogue read_catalogue(const std::string& file) {
  std::ifstream stream(file);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return Catalogue(json::parse(text).as_object());  // seeds reach beyond int64
}

net::ServerRequest make_request(std::string method, const std::string& target, std::string body,
                                net::Headers headers) {
  const auto mark = target.find('?');
  net::ServerRequest request{
      std::move(method),  target,         decoded(target.substr(0, mark)), {},
      std::move(headers), std::move(body)};
  if (mark == std::string::npos) return request;
  const std::string whole = target.substr(mark + 1);
  for (std::size_t at = 0; at <= whole.size();) {
    const auto end = std::min(whole.find('&', at), whole.size());
    const std::string pair = whole.substr(at, end - at);
    const auto equals = std::min(pair.find('='), pair.size());
    request.query.emplace_back(decoded(pair.substr(0, equals)),
                               decoded(pair.substr(std::min(equals + 1, pair.size()))));
    at = end + 1;
  }
  return request;
}

}  // namespace weft::comfy_fake

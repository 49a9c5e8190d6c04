// SPDX-License-Identifier: Apache-2.0
#include <boost/json/serialize.hpp>

#include "families.hpp"

namespace weft::cloud_fake {

std::string Asked::text(std::string_view member) const {
  const json::value* value = find_member(body, member);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

net::ServerResponse tell(int status, const json::object& body) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(body)};
}

std::string picture_base64() {
  return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
         "rkJggg==";
}

net::ServerResponse picture() {
  static constexpr unsigned char bytes[] = {
      0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
      0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00,
      0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78,
      0xda, 0x63, 0x64, 0x60, 0xf8, 0x5f, 0x0f, 0x00, 0x02, 0x87, 0x01, 0x80, 0xeb, 0x47,
      0xba, 0x92, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
  return {200,
          {{"Content-Type", "image/png"}},
          std::string(reinterpret_cast<const char*>(bytes), sizeof bytes)};
}

std::string file_url(const Asked& asked, const Job& job) {
  const std::string& where = asked.book.files_url.empty() ? asked.url : asked.book.files_url;
  return where + "/files/" + job.id + (job.kind == "image" ? ".png" : ".mp4");
}

}  // namespace weft::cloud_fake

// SPDX-License-Identifier: Apache-2.0
#include "samples.hpp"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace testing_plugin {
namespace {

constexpr std::size_t most_video_bytes = 8 << 20;

void put_u32(std::string& to, std::uint64_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>((value >> shift) & 0xffU);
}

const Bytef* bytes_of(const std::string& text) {
  return reinterpret_cast<const Bytef*>(text.data());
}

// Length, type, data, checksum of type and data (PNG specification, section 5.3).
void put_chunk(std::string& to, const std::string& type, const std::string& data) {
  put_u32(to, data.size());
  const std::string checked = type + data;
  to += checked;
  put_u32(to, ::crc32(0, bytes_of(checked), static_cast<uInt>(checked.size())));
}

std::string deflated(const std::string& data) {
  uLongf size = ::compressBound(static_cast<uLong>(data.size()));
  std::string packed(size, '\0');
  if (::compress(reinterpret_cast<Bytef*>(packed.data()), &size, bytes_of(data),
                 static_cast<uLong>(data.size())) != Z_OK) {
    throw std::runtime_error("zlib cannot compress a sample picture");
  }
  packed.resize(size);
  return packed;
}

}  // namespace

std::uint64_t seed_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

std::string sample_png(int width, int height, std::uint64_t seed) {
  std::string header;
  put_u32(header, static_cast<std::uint64_t>(width));
  put_u32(header, static_cast<std::uint64_t>(height));
  header += std::string("\x01\x03\x00\x00\x00", 5);  // depth 1, palette, and the only methods
  std::string colour;
  for (int shift = 0; shift < 24; shift += 8) colour += static_cast<char>((seed >> shift) & 0xffU);
  const auto row_bytes = 1 + (static_cast<std::size_t>(width) + 7) / 8;
  std::string png = "\x89PNG\r\n\x1a\n";
  put_chunk(png, "IHDR", header);
  put_chunk(png, "PLTE", colour);
  put_chunk(png, "IDAT", deflated(std::string(row_bytes * static_cast<std::size_t>(height), '\0')));
  put_chunk(png, "IEND", "");
  return png;
}

std::string sample_video(int width, int height, double fps, double seconds) {
  const auto luma = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const auto chroma =
      static_cast<std::size_t>((width + 1) / 2) * static_cast<std::size_t>((height + 1) / 2);
  const auto asked = static_cast<std::size_t>(std::max(1L, std::lround(fps * seconds)));
  const std::size_t frames =
      std::clamp<std::size_t>(most_video_bytes / (luma + 2 * chroma), 1, asked);
  std::string video = "YUV4MPEG2 W" + std::to_string(width) + " H" + std::to_string(height) + " F" +
                      std::to_string(std::lround(fps * 1000)) + ":1000 Ip A1:1 C420jpeg\n";
  for (std::size_t frame = 0; frame < frames; ++frame) {
    video += "FRAME\n";
    video.append(luma, static_cast<char>(16 + 200 * frame / frames));
    video.append(2 * chroma, static_cast<char>(0x80));
  }
  return video;
}

}  // namespace testing_plugin

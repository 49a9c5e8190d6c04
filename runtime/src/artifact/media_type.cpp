// SPDX-License-Identifier: Apache-2.0
#include "artifact/media_type.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"

namespace weft::artifact {
namespace {

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  std::string_view media_type;
};

using namespace std::string_view_literals;
constexpr std::array signatures{
    Signature{0, "\x89PNG\r\n\x1a\n"sv, "image/png"},
    Signature{0, "\xff\xd8\xff"sv, "image/jpeg"},
    Signature{0, "GIF87a"sv, "image/gif"},
    Signature{0, "GIF89a"sv, "image/gif"},
    Signature{0, "%PDF-"sv, "application/pdf"},
    Signature{0, "OggS\0"sv, "application/ogg"},
    Signature{0, "fLaC"sv, "audio/flac"},
    Signature{0, "ID3"sv, "audio/mpeg"},
    Signature{0, "PK\x03\x04"sv, "application/zip"},
    Signature{0, "\x1f\x8b\x08"sv, "application/gzip"},
};

struct Extension {
  std::string_view extension;
  std::string_view media_type;
};
// The first extension of a media type is the one extension_of() gives.
constexpr std::array extensions{
    Extension{".png", "image/png"},
    Extension{".jpg", "image/jpeg"},
    Extension{".jpeg", "image/jpeg"},
    Extension{".webp", "image/webp"},
    Extension{".gif", "image/gif"},
    Extension{".avif", "image/avif"},
    Extension{".heic", "image/heic"},
    Extension{".svg", "image/svg+xml"},
    Extension{".mp4", "video/mp4"},
    Extension{".m4v", "video/mp4"},
    Extension{".mov", "video/quicktime"},
    Extension{".webm", "video/webm"},
    Extension{".mkv", "video/x-matroska"},
    Extension{".avi", "video/x-msvideo"},
    Extension{".wav", "audio/wav"},
    Extension{".mp3", "audio/mpeg"},
    Extension{".m4a", "audio/mp4"},
    Extension{".flac", "audio/flac"},
    Extension{".ogg", "application/ogg"},
    Extension{".json", "application/json"},
    Extension{".txt", "text/plain"},
    Extension{".md", "text/markdown"},
    Extension{".srt", "application/x-subrip"},
    Extension{".vtt", "text/vtt"},
    Extension{".csv", "text/csv"},
    Extension{".html", "text/html"},
    Extension{".toml", "application/toml"},
    Extension{".pdf", "application/pdf"},
    Extension{".zip", "application/zip"},
    Extension{".gz", "application/gzip"},
};

bool has(std::string_view text, std::size_t offset, std::string_view bytes) noexcept {
  return text.size() >= offset + bytes.size() && text.substr(offset, bytes.size()) == bytes;
}

// "RIFF", a length, and what is in it.
std::string_view riff_type(std::string_view text) noexcept {
  if (!has(text, 0, "RIFF")) return {};
  if (has(text, 8, "WEBP")) return "image/webp";
  if (has(text, 8, "WAVE")) return "audio/wav";
  if (has(text, 8, "AVI ")) return "video/x-msvideo";
  return {};
}

// A box's length, "ftyp", and the major brand.
std::string_view iso_media_type(std::string_view text) noexcept {
  if (!has(text, 4, "ftyp")) return {};
  if (has(text, 8, "qt  ")) return "video/quicktime";
  if (has(text, 8, "avif") || has(text, 8, "avis")) return "image/avif";
  if (has(text, 8, "heic") || has(text, 8, "heix") || has(text, 8, "mif1")) return "image/heic";
  if (has(text, 8, "M4A ")) return "audio/mp4";
  return "video/mp4";
}

// The EBML header names its document type in element 0x4282, whose length is one byte.
std::string_view ebml_type(std::string_view text) noexcept {
  if (!has(text, 0, "\x1a\x45\xdf\xa3"sv)) return {};
  const std::size_t element = text.substr(0, 64).find("\x42\x82"sv);
  return element != std::string_view::npos && has(text, element + 3, "webm") ? "video/webm"
                                                                             : "video/x-matroska";
}

// An MPEG audio frame, layer III, without a tag before it: eleven ones, then version and layer.
bool is_mp3_frame(std::string_view text) noexcept {
  if (text.size() < 3 || static_cast<unsigned char>(text[0]) != 0xff) return false;
  const auto second = static_cast<unsigned char>(text[1]);
  const auto third = static_cast<unsigned char>(text[2]);
  const bool reserved_version = (second & 0x18) == 0x08;
  const bool layer_3 = (second & 0x06) == 0x02;
  const bool bad_rate = (third & 0xf0) == 0xf0 || (third & 0x0c) == 0x0c;
  return (second & 0xe0) == 0xe0 && !reserved_version && layer_3 && !bad_rate;
}

std::string_view by_signature(std::string_view text) noexcept {
  for (const Signature& signature : signatures)
    if (has(text, signature.offset, signature.bytes)) return signature.media_type;
  for (const auto detect : {riff_type, iso_media_type, ebml_type})
    if (const std::string_view found = detect(text); !found.empty()) return found;
  return is_mp3_frame(text) ? "audio/mpeg" : std::string_view();
}

std::string_view by_extension(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return {};
  std::string extension(file_name.substr(dot));
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Extension& known : extensions)
    if (known.extension == extension) return known.media_type;
  return {};
}

// The text without a character that is cut at its end.
std::string_view without_cut_character(std::string_view text) noexcept {
  for (std::size_t cut = 1; cut < 4 && cut <= text.size(); ++cut) {
    const auto byte = static_cast<unsigned char>(text[text.size() - cut]);
    const bool leads = byte >= 0xc2 && byte < 0xf5;
    if (leads) return text.substr(0, text.size() - cut);
  }
  return text;
}

// Whether these may be the first bytes of a text.
bool is_text(std::string_view text) noexcept {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f')
      return false;
  return is_utf8(text) || is_utf8(without_cut_character(text));
}

// A media type for bytes that are text, whatever kind of text it is.
bool is_text_type(std::string_view media_type) noexcept {
  return media_type.starts_with("text/") || media_type == "application/json" ||
         media_type == "application/toml" || media_type == "application/x-subrip" ||
         media_type == "image/svg+xml";
}

std::string_view text_type(std::string_view text, std::string_view named) noexcept {
  if (is_text_type(named)) return named;
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return "text/plain";
  return text[start] == '{' || text[start] == '[' ? "application/json" : "text/plain";
}

}  // namespace

std::string sniff_media_type(std::span<const std::byte> head, std::string_view file_name) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  if (const std::string_view found = by_signature(text); !found.empty()) return std::string(found);
  const std::string_view named = by_extension(file_name);
  if (is_text(text) && (!text.empty() || is_text_type(named)))
    return std::string(text_type(text, named));
  // Bytes that are no text, whatever the name says.
  return named.empty() || is_text_type(named) ? "application/octet-stream" : std::string(named);
}

std::string_view extension_of(std::string_view media_type) noexcept {
  for (const Extension& known : extensions)
    if (known.media_type == media_type) return known.extension;
  return ".bin";
}

}  // namespace weft::artifact

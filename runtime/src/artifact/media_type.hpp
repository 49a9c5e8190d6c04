// SPDX-License-Identifier: Apache-2.0
// What kind of media some bytes are.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace weft::artifact {

// By the bytes a file begins with (4 KiB are plenty), and where they leave it open, by the
// extension of `file_name` ("" when there is none). "application/octet-stream" when neither tells.
// Signatures: WHATWG MIME Sniffing, section 6; ISO 14496-12 (ftyp); EBML (RFC 8794).
std::string sniff_media_type(std::span<const std::byte> head, std::string_view file_name);

// ".png" for "image/png"; ".bin" for a media type it does not know.
std::string_view extension_of(std::string_view media_type) noexcept;

}  // namespace weft::artifact

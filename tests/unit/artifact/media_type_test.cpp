// SPDX-License-Identifier: Apache-2.0
#include "artifact/media_type.hpp"

#include "catch.hpp"

using weft::artifact::extension_of;
using weft::artifact::sniff_media_type;
using namespace std::string_view_literals;

namespace {

std::string sniff(std::string_view head, std::string_view name = "") {
  return sniff_media_type(std::as_bytes(std::span(head)), name);
}

}  // namespace

TEST_CASE("media are known by their first bytes") {
  CHECK(sniff("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv) == "image/png");
  CHECK(sniff("\xff\xd8\xff\xe0\0\x10JFIF"sv) == "image/jpeg");
  CHECK(sniff("RIFF\x24\0\0\0WEBPVP8 "sv) == "image/webp");
  CHECK(sniff("GIF89a\1\0\1\0"sv) == "image/gif");
  CHECK(sniff("\0\0\0\x20"
              "ftypisom\0\0\2\0"sv) == "video/mp4");
  CHECK(sniff("\0\0\0\x14"
              "ftypqt  \0\0\0\0"sv) == "video/quicktime");
  CHECK(sniff("\0\0\0\x1c"
              "ftypavif"sv) == "image/avif");
  CHECK(sniff("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm"sv) == "video/webm");
  CHECK(sniff("\x1a\x45\xdf\xa3\xa3\x42\x86\x81\1\x42\x82\x88matroska"sv) == "video/x-matroska");
  CHECK(sniff("RIFF\x24\0\0\0WAVEfmt "sv) == "audio/wav");
  CHECK(sniff("ID3\4\0"sv) == "audio/mpeg");
  CHECK(sniff("\xff\xfb\x90\x64"sv) == "audio/mpeg");
}

TEST_CASE("the bytes are believed before the name") {
  CHECK(sniff("\x89PNG\r\n\x1a\n"sv, "photo.jpg") == "image/png");
  CHECK(sniff("\0\1\2\3"sv, "notes.txt") == "application/octet-stream");
  CHECK(sniff("<html>an error page</html>", "film.mp4") == "text/plain");
}

TEST_CASE("the name tells what kind of text a text is") {
  CHECK(sniff("# Title\n", "README.md") == "text/markdown");
  CHECK(sniff("a,b\n1,2\n", "table.CSV") == "text/csv");
  CHECK(sniff("1\n00:00:01,000 --> 00:00:02,000\n", "film.srt") == "application/x-subrip");
}

TEST_CASE("text without a telling name is JSON when it begins like it") {
  CHECK(sniff(" \n{\"a\": 1}") == "application/json");
  CHECK(sniff("[1, 2]", "answer") == "application/json");
  CHECK(sniff("a prompt", "prompt") == "text/plain");
  CHECK(sniff("{curly}", "prompt.txt") == "text/plain");
}

TEST_CASE("text may be cut within a character") {
  const std::string_view umlaut = "f\xc3\xbcr";
  CHECK(sniff(umlaut.substr(0, 2)) == "text/plain");
  CHECK(sniff("\xc3\xc3\xc3\xc3\xc3\xc3"sv) == "application/octet-stream");
}

TEST_CASE("where the bytes tell nothing, the name does") {
  CHECK(sniff("") == "application/octet-stream");
  CHECK(sniff("", "empty.txt") == "text/plain");
  CHECK(sniff("", "empty.png") == "image/png");
  CHECK(sniff("\xff"sv) == "application/octet-stream");
  CHECK(sniff("\x89PN"sv) == "application/octet-stream");
  CHECK(sniff("RIFF") == "text/plain");
}

TEST_CASE("bytes that are unknown are taken by the name") {
  CHECK(sniff("\0\0\1\xba"sv, "old.avi") == "video/x-msvideo");
  CHECK(sniff("\0\0\1\xba"sv, "no_extension") == "application/octet-stream");
}

TEST_CASE("a media type has one extension") {
  CHECK(extension_of("image/jpeg") == ".jpg");
  CHECK(extension_of("video/mp4") == ".mp4");
  CHECK(extension_of("image/x-unheard-of") == ".bin");
}

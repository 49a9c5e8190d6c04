// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <algorithm>

#include "print_result.hpp"

using namespace weft;

namespace {

const std::vector<std::string> operations{"image.generate", "image.edit", "video.generate"};

}  // namespace

TEST_CASE("a slip of the pen finds the word that was meant") {
  CHECK(nearest("image.generat", operations) == "image.generate");
  CHECK(nearest("imgae.generate", operations) == "image.generate");
  CHECK(nearest("image.edti", operations) == "image.edit");
}

TEST_CASE("another word is not taken for a slip") {
  CHECK(nearest("audio.transcribe", operations).empty());
  CHECK(nearest("x", std::vector<std::string>{"y"}).empty());
  CHECK(nearest("", operations).empty());
}

TEST_CASE("a suggestion names the near word, or else what is known, or nothing") {
  CHECK(suggest("image.edt", operations) == "did you mean 'image.edit'?");
  CHECK(suggest("audio.mix", operations) == "known: image.generate, image.edit, video.generate");
  CHECK(suggest("anything", {}).empty());
}

TEST_CASE("a long list of known words is cut after eight") {
  const std::vector<std::string> many(20, "aaaaaaaaaaaaaaaa");
  const std::string text = suggest("zz", many);
  CHECK(text.ends_with(", …"));
  CHECK(std::count(text.begin(), text.end(), ',') == 8);
}

TEST_CASE("an excerpt never cuts a character in two") {
  CHECK(excerpt("aé", 2) == "a…");
  CHECK(excerpt("aé", 3) == "aé");
  CHECK(excerpt("日本語", 7) == "日本…");
  CHECK(excerpt("", 0).empty());
}

TEST_CASE("an excerpt is safe on a terminal") {
  CHECK(excerpt("\x1b[31mred\x7f") == "�[31mred�");
  CHECK(excerpt("one\n\ttwo") == "one\n\ttwo");
  CHECK(is_utf8(excerpt("\xff\xc3(\xe2\x82")));
}

TEST_CASE("UTF-8 is what RFC 3629 allows") {
  CHECK(is_utf8("plain, é, 日本語, 😀"));
  CHECK(is_utf8(""));
  for (const char* bad : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xc3", "\xe2\x82"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("sizes are counted in powers of 1024") {
  CHECK(parse_size("512").value() == 512);
  CHECK(parse_size("16KiB").value() == 16'384);
  CHECK(parse_size("16MiB").value() == 16'777'216);
  CHECK(parse_size("2GiB").value() == 2'147'483'648);
}

TEST_CASE("what is no size, or none that a file can have, is refused") {
  for (const char* bad :
       {"", "KiB", "16MB", "1.5MiB", "-1", "16 MiB", "9223372036854775808", "8589934592GiB"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_size(bad));
  }
}

TEST_CASE("sizes are shown in the largest unit that is full") {
  CHECK(size_to_string(0) == "0 B");
  CHECK(size_to_string(1023) == "1023 B");
  CHECK(size_to_string(16'384) == "16 KiB");
  CHECK(size_to_string(1'572'864) == "1.5 MiB");
}

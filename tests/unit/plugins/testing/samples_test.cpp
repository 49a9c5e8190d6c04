// SPDX-License-Identifier: Apache-2.0
#include "samples.hpp"

#include "behaviour.hpp"
#include "catch.hpp"

namespace testing_plugin {
namespace {

TEST_CASE("a sample picture is a small PNG with its size in the header, coloured by its seed") {
  const std::string png = sample_png(160, 90, seed_of("a heron"));
  CHECK(png.substr(0, 8) == "\x89PNG\r\n\x1a\n");
  CHECK(png.substr(16, 8) == std::string("\0\0\0\xa0\0\0\0\x5a", 8));
  CHECK(png.size() < 400);
  CHECK(png == sample_png(160, 90, seed_of("a heron")));
  CHECK(png != sample_png(160, 90, seed_of("a hare")));
}

TEST_CASE("a sample video has as many frames as its length asks for") {
  const std::string video = sample_video(16, 8, 12, 0.5);
  CHECK(video.starts_with("YUV4MPEG2 W16 H8 F12000:1000"));
  const std::size_t header = video.find('\n') + 1;
  CHECK(video.size() - header == 6 * (6 + 16 * 8 * 3 / 2));
}

TEST_CASE("a sample video ends before it grows large") {
  CHECK(sample_video(1920, 1080, 60, 600).size() < 9 << 20);
}

TEST_CASE("what the service is configured to do wins over what a task asks for") {
  const Behaviour b = read_behaviour({{"delay_ms", 5}, {"polls", 3}}, {{"delay_ms", 9}});
  CHECK(b.delay_ms == 9);
  CHECK(b.polls == 3);
}

TEST_CASE("an outcome that does not exist is bad input, with the ones that do") {
  CHECK_THROWS_WITH(read_behaviour({{"fail", "tired"}}, nlohmann::json::object()),
                    Catch::Contains("'tired'") && Catch::Contains("rate_limited"));
}

TEST_CASE("only what the job server knows is sent to it") {
  const Behaviour b = read_behaviour({{"delay_ms", 5}, {"defect", "throws"}, {"answer", "none"}},
                                     nlohmann::json::object());
  CHECK(b.remote == nlohmann::json{{"delay_ms", 5}, {"answer", "none"}});
}

}  // namespace
}  // namespace testing_plugin

// SPDX-License-Identifier: Apache-2.0
// Small media that are valid, so that whatever comes behind a test service in a pipeline can read
// them. Equal arguments give equal bytes.
#pragma once
#include <cstdint>
#include <string>

namespace testing_plugin {

// One colour, chosen by `seed`; PNG with a palette of one entry.
std::string sample_png(int width, int height, std::uint64_t seed);

// A grey that brightens from frame to frame; YUV4MPEG2 (`man yuv4mpeg`), which needs no encoder.
// Uncompressed, so it ends early where it would grow over 8 MiB.
std::string sample_video(int width, int height, double fps, double seconds);

// FNV-1a, 64 bits.
std::uint64_t seed_of(std::string_view text);

}  // namespace testing_plugin

// SPDX-License-Identifier: Apache-2.0
// Rows of pixels from a drawing, and PNG from rows of pixels: each a little at a time, so that the
// work can be cut into slices.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "drawing.hpp"

namespace storyboard {

// Rows [first_row, first_row + rows) of `drawing` as packed RGB, 3 bytes a pixel, no padding.
// Throws std::runtime_error when cairo cannot (out of memory, in practice).
std::vector<std::uint8_t> rasterise(const Drawing& drawing, int first_row, int rows);

// Encodes one 8-bit RGB picture. Equal pixels give equal bytes: no time, no text.
class PngEncoder {
 public:
  PngEncoder(int width, int height);
  ~PngEncoder();
  PngEncoder(const PngEncoder&) = delete;
  PngEncoder& operator=(const PngEncoder&) = delete;

  // The next rows, whole ones, as `rasterise` makes them. Returns the bytes of the file that are
  // ready now; with the last row, all that is left.
  std::string add_rows(std::span<const std::uint8_t> pixels);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  std::size_t row_bytes_;
  int rows_left_;
};

}  // namespace storyboard

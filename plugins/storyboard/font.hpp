// SPDX-License-Identifier: Apache-2.0
// A font file: shaping (ligatures, kerning, marks, right-to-left scripts) and outlines by HarfBuzz.
// No fontconfig and no pango: they start threads, which a plugin must not.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "drawing.hpp"

struct hb_font_t;

namespace storyboard {

// Text with its glyphs chosen and placed; lengths in em, so it serves every size.
struct ShapedText {
  struct Glyph {
    std::uint32_t id;
    double x, y;  // of its origin, from the start of the baseline; y grows upwards
  };
  std::vector<Glyph> glyphs;
  double width_em = 0;
  bool right_to_left = false;
};

class Font {
 public:
  // Throws std::runtime_error that names the file.
  explicit Font(const std::string& path);

  // A piece of one script; a character that the font lacks becomes its box.
  ShapedText shape(std::string_view utf8) const;
  // Adds the outlines of `text`, its baseline starting at `origin`.
  void trace(const ShapedText& text, Point origin, double size_px, Path& path) const;

 private:
  struct Destroy {
    void operator()(hb_font_t* font) const noexcept;
  };
  std::unique_ptr<hb_font_t, Destroy> font_;
  double units_per_em_ = 1000;
};

}  // namespace storyboard

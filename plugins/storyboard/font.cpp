// SPDX-License-Identifier: Apache-2.0
#include "font.hpp"

#include <hb-ot.h>
#include <hb.h>

#include <stdexcept>

namespace storyboard {
namespace {

struct Release {
  void operator()(hb_blob_t* blob) const noexcept { hb_blob_destroy(blob); }
  void operator()(hb_face_t* face) const noexcept { hb_face_destroy(face); }
  void operator()(hb_buffer_t* buffer) const noexcept { hb_buffer_destroy(buffer); }
  void operator()(hb_draw_funcs_t* functions) const noexcept { hb_draw_funcs_destroy(functions); }
};

// Where the outline of one glyph goes: scaled, moved, and turned over, since fonts point y upwards.
struct Pen {
  Path& path;
  Point origin;
  double scale;

  Point at(float x, float y) const {
    return {origin.x + static_cast<double>(x) * scale, origin.y - static_cast<double>(y) * scale};
  }
};
Pen& pen(void* data) {
  return *static_cast<Pen*>(data);
}

// hb_draw raises quadratics to cubics itself when no function for them is set.
hb_draw_funcs_t* make_draw_functions() {
  hb_draw_funcs_t* functions = hb_draw_funcs_create();
  hb_draw_funcs_set_move_to_func(
      functions,
      [](hb_draw_funcs_t*, void* data, hb_draw_state_t*, float x, float y, void*) {
        pen(data).path.move_to(pen(data).at(x, y));
      },
      nullptr, nullptr);
  hb_draw_funcs_set_line_to_func(
      functions,
      [](hb_draw_funcs_t*, void* data, hb_draw_state_t*, float x, float y, void*) {
        pen(data).path.line_to(pen(data).at(x, y));
      },
      nullptr, nullptr);
  hb_draw_funcs_set_cubic_to_func(
      functions,
      [](hb_draw_funcs_t*, void* data, hb_draw_state_t*, float x1, float y1, float x2, float y2,
         float x, float y, void*) {
        const Pen& p = pen(data);
        p.path.curve_to(p.at(x1, y1), p.at(x2, y2), p.at(x, y));
      },
      nullptr, nullptr);
  hb_draw_funcs_set_close_path_func(
      functions,
      [](hb_draw_funcs_t*, void* data, hb_draw_state_t*, void*) { pen(data).path.close(); },
      nullptr, nullptr);
  return functions;
}

}  // namespace

void Font::Destroy::operator()(hb_font_t* font) const noexcept {
  hb_font_destroy(font);
}

Font::Font(const std::string& path) {
  const std::unique_ptr<hb_blob_t, Release> blob(hb_blob_create_from_file_or_fail(path.c_str()));
  if (!blob) throw std::runtime_error("the font " + path + " cannot be read");
  const std::unique_ptr<hb_face_t, Release> face(hb_face_create(blob.get(), 0));
  if (hb_face_get_glyph_count(face.get()) == 0) {
    throw std::runtime_error(path + " is not a TrueType or OpenType font");
  }
  units_per_em_ = hb_face_get_upem(face.get());
  font_.reset(hb_font_create(face.get()));
}

ShapedText Font::shape(std::string_view utf8) const {
  const std::unique_ptr<hb_buffer_t, Release> buffer(hb_buffer_create());
  hb_buffer_add_utf8(buffer.get(), utf8.data(), static_cast<int>(utf8.size()), 0, -1);
  // Said here, lest HarfBuzz ask the locale: a frame must not depend on where it was drawn.
  hb_buffer_set_language(buffer.get(), hb_language_from_string("en", -1));
  hb_buffer_guess_segment_properties(buffer.get());
  hb_shape(font_.get(), buffer.get(), nullptr, 0);

  unsigned int count = 0;
  const hb_glyph_info_t* infos = hb_buffer_get_glyph_infos(buffer.get(), &count);
  const hb_glyph_position_t* places = hb_buffer_get_glyph_positions(buffer.get(), &count);
  ShapedText text;
  text.right_to_left = hb_buffer_get_direction(buffer.get()) == HB_DIRECTION_RTL;
  text.glyphs.reserve(count);
  for (unsigned int i = 0; i < count; ++i) {
    text.glyphs.push_back({infos[i].codepoint, text.width_em + places[i].x_offset / units_per_em_,
                           places[i].y_offset / units_per_em_});
    text.width_em += places[i].x_advance / units_per_em_;
  }
  return text;
}

void Font::trace(const ShapedText& text, Point origin, double size_px, Path& path) const {
  const std::unique_ptr<hb_draw_funcs_t, Release> functions(make_draw_functions());
  for (const auto& glyph : text.glyphs) {
    Pen pen{path,
            {origin.x + glyph.x * size_px, origin.y - glyph.y * size_px},
            size_px / units_per_em_};
    hb_font_get_glyph_shape(font_.get(), glyph.id, functions.get(), &pen);
  }
}

}  // namespace storyboard

// SPDX-License-Identifier: Apache-2.0
#include "raster.hpp"

#include <cairo.h>
#include <png.h>

#include <new>
#include <stdexcept>
#include <utility>

namespace storyboard {
namespace {

struct Destroy {
  void operator()(cairo_surface_t* surface) const noexcept { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const noexcept { cairo_destroy(context); }
  void operator()(cairo_pattern_t* pattern) const noexcept { cairo_pattern_destroy(pattern); }
};
using Surface = std::unique_ptr<cairo_surface_t, Destroy>;
using Context = std::unique_ptr<cairo_t, Destroy>;
using Pattern = std::unique_ptr<cairo_pattern_t, Destroy>;

void trace(cairo_t* context, const Path& path) {
  cairo_new_path(context);
  for (const auto& [verb, p] : path.segments()) {
    switch (verb) {
      case Path::Verb::move:
        cairo_move_to(context, p[0].x, p[0].y);
        break;
      case Path::Verb::line:
        cairo_line_to(context, p[0].x, p[0].y);
        break;
      case Path::Verb::curve:
        cairo_curve_to(context, p[0].x, p[0].y, p[1].x, p[1].y, p[2].x, p[2].y);
        break;
      case Path::Verb::close:
        cairo_close_path(context);
        break;
    }
  }
}

Pattern with_stops(cairo_pattern_t* pattern, const std::vector<Stop>& stops) {
  for (const auto& [at, c] : stops) {
    cairo_pattern_add_color_stop_rgba(pattern, at, c.red, c.green, c.blue, c.alpha);
  }
  return Pattern(pattern);
}

struct PatternOf {
  Pattern operator()(const Colour& c) const {
    return Pattern(cairo_pattern_create_rgba(c.red, c.green, c.blue, c.alpha));
  }
  Pattern operator()(const LinearGradient& g) const {
    return with_stops(cairo_pattern_create_linear(g.from.x, g.from.y, g.to.x, g.to.y), g.stops);
  }
  Pattern operator()(const RadialGradient& g) const {
    return with_stops(
        cairo_pattern_create_radial(g.centre.x, g.centre.y, 0, g.centre.x, g.centre.y, g.radius),
        g.stops);
  }
};

// Cairo's RGB24 keeps a pixel in a native 32-bit word, 0x00RRGGBB.
std::vector<std::uint8_t> packed_rgb(cairo_surface_t* surface, int width, int rows) {
  cairo_surface_flush(surface);
  const unsigned char* data = cairo_image_surface_get_data(surface);
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface));
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(width) * static_cast<std::size_t>(rows) *
                                3);
  std::uint8_t* out = rgb.data();
  for (int row = 0; row < rows; ++row) {
    const auto* words =
        reinterpret_cast<const std::uint32_t*>(data + static_cast<std::size_t>(row) * stride);
    for (int x = 0; x < width; ++x, out += 3) {
      out[0] = static_cast<std::uint8_t>(words[x] >> 16U);
      out[1] = static_cast<std::uint8_t>(words[x] >> 8U);
      out[2] = static_cast<std::uint8_t>(words[x]);
    }
  }
  return rgb;
}

}  // namespace

std::vector<std::uint8_t> rasterise(const Drawing& drawing, int first_row, int rows) {
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, drawing.width, rows));
  const Context context(cairo_create(surface.get()));
  cairo_translate(context.get(), 0, -first_row);
  for (const Shape& shape : drawing.shapes) {
    if (shape.path.bottom() < first_row || shape.path.top() > first_row + rows) continue;
    trace(context.get(), shape.path);
    const Pattern pattern = std::visit(PatternOf{}, shape.paint);
    cairo_set_source(context.get(), pattern.get());
    cairo_fill(context.get());
  }
  if (const auto status = cairo_status(context.get()); status != CAIRO_STATUS_SUCCESS) {
    throw std::runtime_error(std::string("cairo: ") + cairo_status_to_string(status));
  }
  return packed_rgb(surface.get(), drawing.width, rows);
}

struct PngEncoder::Stream {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string bytes;

  ~Stream() { png_destroy_write_struct(&png, &info); }

  // libpng is compiled with unwind tables on Debian, and a callback that throws is what its manual
  // offers C++ in place of longjmp.
  [[noreturn]] static void fail(png_structp, png_const_charp message) {
    throw std::runtime_error(std::string("libpng: ") + message);
  }
  static void ignore(png_structp, png_const_charp) {}
  static void append(png_structp png, png_bytep data, png_size_t size) {
    static_cast<Stream*>(png_get_io_ptr(png))->bytes.append(reinterpret_cast<char*>(data), size);
  }
  static void flush(png_structp) {}
};

PngEncoder::PngEncoder(int width, int height)
    : stream_(std::make_unique<Stream>()),
      row_bytes_(static_cast<std::size_t>(width) * 3),
      rows_left_(height) {
  auto& s = *stream_;
  s.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, Stream::fail, Stream::ignore);
  if (s.png != nullptr) s.info = png_create_info_struct(s.png);
  if (s.info == nullptr) throw std::bad_alloc();
  png_set_write_fn(s.png, &s, Stream::append, Stream::flush);
  png_set_IHDR(s.png, s.info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), 8,
               PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  // Gradients and flat areas differ little from the row above; one filter and a low level keep a
  // slice short and the file small.
  png_set_filter(s.png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
  png_set_compression_level(s.png, 3);
  png_write_info(s.png, s.info);
}

PngEncoder::~PngEncoder() = default;

std::string PngEncoder::add_rows(std::span<const std::uint8_t> pixels) {
  for (std::size_t at = 0; at < pixels.size(); at += row_bytes_, --rows_left_) {
    png_write_row(stream_->png, pixels.data() + at);
  }
  if (rows_left_ == 0) png_write_end(stream_->png, stream_->info);
  return std::exchange(stream_->bytes, {});
}

}  // namespace storyboard

// SPDX-License-Identifier: Apache-2.0
#include "frame.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "paragraph.hpp"
#include "scene.hpp"

namespace storyboard {
namespace {

// SMPTE ST 2046-1: the parts of a frame that every screen shows, per side and axis.
constexpr double action_safe = 0.93, title_safe = 0.90;
constexpr double smallest_font_px = 9;  // below it strokes are thinner than half a pixel

struct Overlay {
  Drawing& drawing;
  const Fonts& fonts;
  double width, height;
  double text_px;  // the size of small text; the caption is set in about twice that
  double margin_x, margin_y;
};

void fill_rectangle(Drawing& drawing, double left, double top, double width, double height,
                    Paint paint) {
  Path path;
  path.add_rectangle(left, top, width, height);
  drawing.fill(std::move(path), std::move(paint));
}

// Darkens the edges a little and the foot of the frame more, so that the caption reads on any
// scene.
void add_scrims(Overlay& overlay, double caption_top) {
  const double w = overlay.width, h = overlay.height;
  const Point middle{w / 2, h * 0.45};
  fill_rectangle(
      overlay.drawing, 0, 0, w, h,
      RadialGradient{
          middle, std::hypot(w, h) * 0.62, {{0, rgb(0, 0)}, {0.6, rgb(0, 0)}, {1, rgb(0, 0.38)}}});
  const double head = h * 0.16;  // behind the shot's number and the facts
  fill_rectangle(overlay.drawing, 0, 0, w, head,
                 LinearGradient{{0, 0}, {0, head}, {{0, rgb(0, 0.34)}, {1, rgb(0, 0)}}});
  const double start = std::max(0.0, caption_top - (h - caption_top) * 0.7);
  fill_rectangle(
      overlay.drawing, 0, start, w, h - start,
      LinearGradient{{0, start},
                     {0, h},
                     {{0, rgb(0, 0)}, {0.42, rgb(0x05060A, 0.5)}, {1, rgb(0x05060A, 0.82)}}});
}

// Four corners of a safe area: quieter than a whole rectangle, and they say the same.
void add_corners(Overlay& overlay, double part, double length, double thickness, Colour colour) {
  const double left = std::round(overlay.width * (1 - part) / 2);
  const double top = std::round(overlay.height * (1 - part) / 2);
  Path path;
  for (const bool right : {false, true}) {
    for (const bool low : {false, true}) {
      const double x = right ? overlay.width - left : left;
      const double y = low ? overlay.height - top : top;
      path.add_rectangle(right ? x - length : x, low ? y - thickness : y, length, thickness);
      path.add_rectangle(right ? x - thickness : x, low ? y - length : y, thickness, length);
    }
  }
  overlay.drawing.fill(std::move(path), colour);
}

void add_guides(Overlay& overlay) {
  const double shorter = std::min(overlay.width, overlay.height);
  const double thickness = std::max(1.0, std::round(shorter / 640));
  const Colour quiet = rgb(0xFFFFFF, 0.16);
  Path thirds;
  for (const double part : {1.0 / 3, 2.0 / 3}) {
    thirds.add_rectangle(std::round(overlay.width * part), 0, thickness, overlay.height);
    thirds.add_rectangle(0, std::round(overlay.height * part), overlay.width, thickness);
  }
  overlay.drawing.fill(std::move(thirds), rgb(0xFFFFFF, 0.10));
  add_corners(overlay, action_safe, shorter * 0.05, thickness, rgb(0xFFFFFF, 0.55));
  add_corners(overlay, title_safe, shorter * 0.025, thickness, quiet);
}

void add_line(Overlay& overlay, const Font& font, const ShapedText& text, Point origin, double size,
              Colour colour) {
  Path shadow, path;
  const double drop = std::max(size * 0.05, 0.6);
  font.trace(text, {origin.x + drop * 0.4, origin.y + drop}, size, shadow);
  font.trace(text, origin, size, path);
  overlay.drawing.fill(std::move(shadow), rgb(0, 0.5));
  overlay.drawing.fill(std::move(path), colour);
}

// Sets the prompt along the lower title-safe edge; returns the row where it begins.
Caption set_prompt(const Overlay& overlay, std::string_view prompt) {
  const double largest = std::max(overlay.text_px * 2.1, smallest_font_px);
  CaptionBox box;
  box.largest_px = largest;
  box.smallest_px = std::max(largest * 0.62, smallest_font_px);
  box.width_px = std::min(overlay.width - 2 * overlay.margin_x, largest * 34);
  box.height_px = overlay.height * (overlay.height > overlay.width ? 0.2 : 0.27);
  return set_caption(overlay.fonts.text, prompt, box);
}

void add_badge(Overlay& overlay, std::string_view shot) {
  const double size = std::max(overlay.text_px * 1.25, smallest_font_px);
  const ShapedText word = overlay.fonts.text.shape("SHOT");
  const ShapedText number = overlay.fonts.bold.shape(shot);
  const bool roomy = overlay.height >= 160;
  const double word_px = size * 0.62, gap = size * 0.42, pad = size * 0.55;
  const double word_width = roomy ? word.width_em * word_px + gap : 0;
  const double width = word_width + number.width_em * size + 2 * pad;
  if (width > overlay.width - 2 * overlay.margin_x) return;
  const double height = size * 1.62, left = overlay.margin_x, top = overlay.margin_y;
  Path plate;
  plate.add_rounded_rectangle(left, top, width, height, size * 0.3);
  overlay.drawing.fill(std::move(plate), rgb(0x0B0D14, 0.62));
  const double baseline = top + height / 2 + size * 0.36;
  Path text, figure;
  if (roomy) overlay.fonts.text.trace(word, {left + pad, baseline}, word_px, text);
  overlay.fonts.bold.trace(number, {left + pad + word_width, baseline}, size, figure);
  overlay.drawing.fill(std::move(text), rgb(0xFFFFFF, 0.72));
  overlay.drawing.fill(std::move(figure), rgb(0xFFD166));
}

// Size and seed, small, at the upper right.
void add_facts(Overlay& overlay, const FrameRequest& request) {
  if (overlay.width < 480 || overlay.height < 160) return;
  const double size = std::max(overlay.text_px * 0.72, smallest_font_px);
  const ShapedText text = overlay.fonts.text.shape(std::to_string(request.width) + " \u00d7 " +
                                                   std::to_string(request.height) + "   seed " +
                                                   std::to_string(request.seed));
  const double left = overlay.width - overlay.margin_x - text.width_em * size;
  if (left < overlay.width / 2) return;
  add_line(overlay, overlay.fonts.text, text, {left, overlay.margin_y + overlay.text_px * 1.35},
           size, rgb(0xFFFFFF, 0.85));
}

}  // namespace

Drawing compose_frame(const FrameRequest& request, const Fonts& fonts) {
  Drawing drawing{request.width, request.height, {}};
  const std::string words = request.prompt + " " + request.style;
  compose_scene(read_scene(words, request.seed), drawing);
  const double width = request.width, height = request.height;
  // Small text as a part of the frame's size: a strip counts by its height, a tower by its width.
  const double text_px = std::min({std::sqrt(width * height) / 60, height / 12, width / 16});
  Overlay overlay{drawing,
                  fonts,
                  width,
                  height,
                  text_px,
                  width * (1 - title_safe) / 2 + text_px * 0.6,
                  height * (1 - title_safe) / 2 + text_px * 0.6};
  // A strip has little height and a tower little width: neither margin may eat the frame.
  overlay.margin_x = std::min(overlay.margin_x, overlay.text_px * 5);
  overlay.margin_y = std::min(overlay.margin_y, overlay.text_px * 4);

  const Caption caption = set_prompt(overlay, request.prompt);
  const double last = height - overlay.margin_y - caption.size_px * 0.25;
  const double first = last - caption.leading_px * (static_cast<double>(caption.lines.size()) - 1);
  add_scrims(overlay, first - caption.size_px);
  if (request.guides && std::min(width, height) >= 120) add_guides(overlay);
  for (std::size_t i = 0; i < caption.lines.size(); ++i) {
    add_line(overlay, fonts.text, caption.lines[i],
             {overlay.margin_x, first + caption.leading_px * static_cast<double>(i)},
             caption.size_px, rgb(0xFFFFFF, 0.96));
  }
  if (!request.shot.empty()) add_badge(overlay, request.shot);
  add_facts(overlay, request);
  return drawing;
}

std::string shot_of_label(std::string_view label) {
  std::string shot;
  for (auto open = label.find('['); open != std::string_view::npos;
       open = label.find('[', open + 1)) {
    unsigned index = 0;
    const char* begin = label.data() + open + 1;
    const auto [end, error] = std::from_chars(begin, label.data() + label.size(), index);
    if (error != std::errc{}) continue;
    shot += (shot.empty() ? "" : ".") + std::to_string(index + 1);
  }
  return shot;
}

}  // namespace storyboard

// SPDX-License-Identifier: Apache-2.0
#include "palette.hpp"

#include <array>

#include "random.hpp"

namespace storyboard {
namespace {

constexpr int palettes_per_hour = 3;

// zenith, middle, horizon, light, far ground, near ground
using Hexes = std::array<std::uint32_t, 6>;
constexpr std::array<std::array<Hexes, palettes_per_hour>, 4> palettes = {{
    {{{0x3F5C8C, 0xC79AA6, 0xFFDFC0, 0xFFF4DC, 0xBFA0AE, 0x252A44},  // dawn
      {0x5A86B5, 0xB7C9DE, 0xFFE6CC, 0xFFF7E4, 0xA3B2CC, 0x1F3048},
      {0x4A4E86, 0xD38CA0, 0xFFD3A8, 0xFFEFD0, 0xB486A0, 0x241F3D}}},
    {{{0x2C7FC0, 0x7FBDE4, 0xE4F4F4, 0xFFFDF0, 0xA2C8CC, 0x17423A},  // day
      {0x3B8FA8, 0x93CFCB, 0xFBF4DA, 0xFFFAE6, 0xB2CDB0, 0x2C4426},
      {0x4C78B8, 0xA6C6E8, 0xF8EEE2, 0xFFFBF0, 0xA9BAD2, 0x25395A}}},
    {{{0x2A1B4E, 0xA83E6C, 0xFFB65E, 0xFFE8B0, 0x92507A, 0x140C28},  // dusk
      {0x16305C, 0xDF6A5E, 0xFFCF80, 0xFFEDBE, 0x9A5A66, 0x141530},
      {0x40204C, 0xD24E5E, 0xF9AE78, 0xFFE3BC, 0x8C4360, 0x1B0D24}}},
    {{{0x050A1E, 0x12274F, 0x35588A, 0xF6F1DC, 0x2A446E, 0x04070F},  // night
      {0x0A0A26, 0x2B1D54, 0x66448A, 0xF3E9F2, 0x432F6A, 0x060512},
      {0x03141C, 0x0C3D49, 0x32807E, 0xEEF5E4, 0x205A60, 0x02080C}}},
}};

Palette from_hexes(const Hexes& hex) {
  return {rgb(hex[0]), rgb(hex[1]), rgb(hex[2]), rgb(hex[3]), rgb(hex[4]), rgb(hex[5])};
}

// What a place adds to its ground: a colour, and how much of it.
struct Tint {
  std::uint32_t hex;
  double amount;
};

Tint tint_of(Place place) {
  switch (place) {
    case Place::desert:
      return {0xC8763C, 0.72};
    case Place::forest:
      return {0x1F4A38, 0.35};
    case Place::sea:
      return {0x1C4F72, 0.3};
    default:
      return {0, 0};
  }
}

void tint_ground(Palette& palette, Tint tint, Hour hour) {
  // The tint is lit as the ground is: at night a desert is dark, too.
  const double lit = hour == Hour::night ? 0.35 : hour == Hour::day ? 1.0 : 0.75;
  const Colour colour = mix(rgb(0), rgb(tint.hex), lit);
  palette.far = mix(palette.far, colour, tint.amount);
  palette.near = mix(palette.near, mix(rgb(0), colour, 0.45), tint.amount);
}

void veil_sky(Palette& palette, Colour veil, double amount) {
  palette.sky_top = mix(palette.sky_top, veil, amount);
  palette.sky_middle = mix(palette.sky_middle, veil, amount);
  palette.sky_low = mix(palette.sky_low, veil, amount * 0.7);
}

}  // namespace

Palette choose_palette(const Scene& scene) {
  Random random(scene.seed ^ hash("palette"));
  const auto& of_hour = palettes[static_cast<std::size_t>(scene.hour)];
  Palette palette = from_hexes(of_hour[static_cast<std::size_t>(random.index(palettes_per_hour))]);
  tint_ground(palette, tint_of(scene.place), scene.hour);
  const Colour grey =
      mix(palette.sky_middle, rgb(scene.hour == Hour::night ? 0x2A3240 : 0x8C98A6), 0.6);
  if (scene.weather == Weather::rain) veil_sky(palette, grey, 0.65);
  if (scene.weather == Weather::fog) {
    veil_sky(palette, palette.sky_low, 0.45);
    palette.far = mix(palette.far, palette.sky_low, 0.6);
  }
  if (scene.weather == Weather::snow) {
    veil_sky(palette, grey, 0.35);
    const Colour snow =
        mix(rgb(0xF4F8FF), palette.sky_middle, scene.hour == Hour::day ? 0.15 : 0.5);
    palette.far = mix(palette.far, snow, 0.6);
    palette.near = mix(palette.near, snow, 0.3);
  }
  return palette;
}

}  // namespace storyboard

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "frame.hpp"

inline const storyboard::Fonts& test_fonts() {
  static const storyboard::Fonts fonts{
      storyboard::Font("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
      storyboard::Font("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf")};
  return fonts;
}

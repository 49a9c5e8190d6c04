// SPDX-License-Identifier: Apache-2.0
#include "scene.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "random.hpp"
#include "staging.hpp"

namespace storyboard {
namespace {

// One word of a prompt and what it says. Words stand in lower case, in the singular.
template <class Meaning>
struct Hint {
  std::string_view word;
  Meaning meaning;
};

constexpr std::array hour_hints = std::to_array<Hint<Hour>>({
    {"dawn", Hour::dawn},      {"sunrise", Hour::dawn}, {"morning", Hour::dawn},
    {"day", Hour::day},        {"noon", Hour::day},     {"midday", Hour::day},
    {"afternoon", Hour::day},  {"sunny", Hour::day},    {"daylight", Hour::day},
    {"dusk", Hour::dusk},      {"sunset", Hour::dusk},  {"evening", Hour::dusk},
    {"twilight", Hour::dusk},  {"golden", Hour::dusk},  {"night", Hour::night},
    {"midnight", Hour::night}, {"moon", Hour::night},   {"moonlight", Hour::night},
    {"moonlit", Hour::night},  {"star", Hour::night},   {"neon", Hour::night},
});

constexpr std::array place_hints = std::to_array<Hint<Place>>({
    {"hill", Place::hills},
    {"meadow", Place::hills},
    {"field", Place::hills},
    {"valley", Place::hills},
    {"village", Place::hills},
    {"farm", Place::hills},
    {"mountain", Place::mountains},
    {"peak", Place::mountains},
    {"alps", Place::mountains},
    {"cliff", Place::mountains},
    {"glacier", Place::mountains},
    {"volcano", Place::mountains},
    {"sea", Place::sea},
    {"ocean", Place::sea},
    {"beach", Place::sea},
    {"lake", Place::sea},
    {"coast", Place::sea},
    {"harbour", Place::sea},
    {"harbor", Place::sea},
    {"boat", Place::sea},
    {"ship", Place::sea},
    {"lighthouse", Place::sea},
    {"island", Place::sea},
    {"wave", Place::sea},
    {"river", Place::sea},
    {"city", Place::city},
    {"street", Place::city},
    {"skyline", Place::city},
    {"town", Place::city},
    {"rooftop", Place::city},
    {"alley", Place::city},
    {"neon", Place::city},
    {"skyscraper", Place::city},
    {"downtown", Place::city},
    {"forest", Place::forest},
    {"wood", Place::forest},
    {"jungle", Place::forest},
    {"tree", Place::forest},
    {"pine", Place::forest},
    {"garden", Place::forest},
    {"desert", Place::desert},
    {"dune", Place::desert},
    {"canyon", Place::desert},
    {"sand", Place::desert},
    {"mars", Place::desert},
    {"space", Place::space},
    {"planet", Place::space},
    {"galaxy", Place::space},
    {"spaceship", Place::space},
    {"orbit", Place::space},
    {"astronaut", Place::space},
    {"room", Place::room},
    {"kitchen", Place::room},
    {"office", Place::room},
    {"bedroom", Place::room},
    {"interior", Place::room},
    {"window", Place::room},
    {"corridor", Place::room},
    {"hallway", Place::room},
    {"cafe", Place::room},
    {"bar", Place::room},
    {"studio", Place::room},
    {"library", Place::room},
});

constexpr std::array weather_hints = std::to_array<Hint<Weather>>({
    {"rain", Weather::rain},
    {"rainy", Weather::rain},
    {"storm", Weather::rain},
    {"stormy", Weather::rain},
    {"wet", Weather::rain},
    {"snow", Weather::snow},
    {"snowy", Weather::snow},
    {"winter", Weather::snow},
    {"blizzard", Weather::snow},
    {"fog", Weather::fog},
    {"foggy", Weather::fog},
    {"mist", Weather::fog},
    {"misty", Weather::fog},
    {"haze", Weather::fog},
});

constexpr std::array framing_hints = std::to_array<Hint<Framing>>({
    {"wide", Framing::wide},
    {"establishing", Framing::wide},
    {"aerial", Framing::wide},
    {"panorama", Framing::wide},
    {"landscape", Framing::wide},
    {"medium", Framing::medium},
    {"cowboy", Framing::medium},
    {"closeup", Framing::close},
    {"close", Framing::close},
    {"portrait", Framing::close},
    {"face", Framing::close},
    {"eyes", Framing::close},
});

constexpr std::array figure_hints = std::to_array<Hint<int>>({
    {"man", 1},       {"woman", 1},     {"girl", 1},    {"boy", 1},     {"child", 1},
    {"person", 1},    {"hero", 1},      {"figure", 1},  {"she", 1},     {"he", 1},
    {"detective", 1}, {"astronaut", 1}, {"soldier", 1}, {"dancer", 1},  {"traveller", 1},
    {"traveler", 1},  {"wanderer", 1},  {"king", 1},    {"queen", 1},   {"robot", 1},
    {"captain", 1},   {"keeper", 1},    {"sailor", 1},  {"couple", 2},  {"two", 2},
    {"lovers", 2},    {"brothers", 2},  {"sisters", 2}, {"friends", 3}, {"children", 3},
    {"people", 3},    {"family", 3},    {"crowd", 3},   {"men", 3},     {"women", 3},
    {"three", 3},
});

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Calls `visit` with each word of ASCII letters in lower case; any other character parts words.
template <class Visit>
void for_each_word(std::string_view text, Visit visit) {
  std::string word;
  for (const char c : text) {
    if (is_letter(c)) {
      word += static_cast<char>(c | 0x20);
    } else if (!word.empty()) {
      visit(word), word.clear();
    }
  }
  if (!word.empty()) visit(word);
}

// The first word that says something decides; a plural counts as its singular.
template <class Meaning, std::size_t count>
std::optional<Meaning> find_hint(const std::array<Hint<Meaning>, count>& hints,
                                 std::string_view prompt) {
  std::optional<Meaning> found;
  for_each_word(prompt, [&](std::string_view word) {
    if (found) return;
    const auto plural = word.ends_with('s') ? word.substr(0, word.size() - 1) : word;
    for (const auto& hint : hints) {
      if (hint.word == word || hint.word == plural) found = hint.meaning;
    }
  });
  return found;
}

}  // namespace

Scene read_scene(std::string_view prompt, std::uint64_t seed) {
  Random random(hash(prompt) ^ Random(seed).next());
  // Drawn before the words are read, so that one word more changes only what it says.
  Scene scene;
  scene.hour = static_cast<Hour>(random.index(4));
  scene.place =
      static_cast<Place>(random.index(6));  // not space or a room: those need to be asked for
  scene.framing = random.chance(0.7) ? Framing::wide : Framing::medium;
  scene.seed = random.next();

  scene.hour = find_hint(hour_hints, prompt).value_or(scene.hour);
  scene.place = find_hint(place_hints, prompt).value_or(scene.place);
  scene.weather = find_hint(weather_hints, prompt).value_or(Weather::clear);
  scene.figures = find_hint(figure_hints, prompt).value_or(0);
  const auto framing = find_hint(framing_hints, prompt);
  scene.framing = framing.value_or(scene.framing);
  if (framing == Framing::close) scene.figures = std::max(scene.figures, 1);
  return scene;
}

void compose_scene(const Scene& scene, Drawing& drawing) {
  const double width = drawing.width, height = drawing.height;
  Stage stage{scene, drawing, choose_palette(scene),         Random(scene.seed),
              width, height,  std::min(height, width * 0.9), 0,
              {}};
  stage.horizon = height * stage.random.between(0.5, 0.62);
  // On a line of thirds; low at the ends of the day.
  const bool low = scene.hour == Hour::dawn || scene.hour == Hour::dusk;
  stage.light = {width * (stage.random.chance(0.5) ? 1.0 / 3 : 2.0 / 3),
                 stage.horizon - stage.unit * (low ? stage.random.between(0.04, 0.16)
                                                   : stage.random.between(0.22, 0.36))};
  if (scene.place == Place::space) {
    compose_space(stage);
  } else if (scene.place == Place::room) {
    compose_room(stage);
  } else {
    compose_sky(stage);
    compose_land(stage);
  }
  compose_figures(stage);
  if (scene.place != Place::space && scene.place != Place::room) compose_weather(stage);
}

}  // namespace storyboard

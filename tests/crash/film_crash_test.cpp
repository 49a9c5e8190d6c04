// SPDX-License-Identifier: Apache-2.0
// A film export that is killed at a commit, and carried on by `weft resume`.
#include <csignal>
#include <random>

#include "catch.hpp"
#include "crash_place.hpp"

namespace weft::testing {
namespace {

constexpr int shots = 6;
constexpr int tasks = 4 * shots + 1;

constexpr std::string_view film_definition = R"(
[pipeline]
name = "short_film"

[inputs]
shots = { type = "array", items = { type = "string" }, default = ["a", "b", "c", "d", "e", "f"] }

[tasks.keyframe]
for_each  = "inputs.shots"
operation = "image.generate"
params    = { prompt = "${item}", width = 80, height = 44 }

[tasks.video]
for_each  = "inputs.shots"
operation = "video.from_image"
inputs    = { image = "${tasks.keyframe[index].image}" }
params    = { seconds = 0.5, fps = 6 }

[tasks.large]
for_each  = "inputs.shots"
operation = "video.upscale"
inputs    = { video = "${tasks.video[index].video}" }
params    = { width = 160, height = 88 }

[tasks.smooth]
for_each  = "inputs.shots"
operation = "video.interpolate"
inputs    = { video = "${tasks.large[index].video}" }
params    = { fps = 12, method = "blend" }

[tasks.film]
operation = "video.concat"
inputs    = { clips = "${tasks.smooth.map(s, s.video)}" }

[outputs]
film = "${tasks.film.video}"
)";

// What an export that nobody disturbs gives.
struct Reference {
  std::uint64_t commits = 0;
  Film film;
  std::string digest;
};

Reference undisturbed() {
  const CrashPlace place;
  const std::string definition = place.write("film.toml", film_definition);
  const Finished lived = place.crash(definition, false, 0);
  INFO(lived.out << lived.err);
  REQUIRE(lived.exit_code == 0);
  const Finished saved = place.weft({"resume", crash_run, "-o", "film.mp4"});
  INFO(saved.out << saved.err);
  REQUIRE(saved.exit_code == 0);
  const auto file = place.folder() / "film.mp4";
  return {std::stoull(lived.out), probe(file, place.folder()), sha256_of(file)};
}

void check_recovery(const Reference& reference, bool after, std::uint64_t nth) {
  INFO("killed " << (after ? "after" : "before") << " commit " << nth << " of about "
                 << reference.commits);
  const CrashPlace place;
  const std::string definition = place.write("film.toml", film_definition);
  const Finished killed = place.crash(definition, after, nth);
  INFO(killed.out << killed.err);
  REQUIRE(killed.signal == SIGKILL);

  const Finished recovered = place.recover(definition, {"-o", "film.mp4"});
  INFO(recovered.out << recovered.err);
  REQUIRE(recovered.exit_code == 0);

  CHECK(place.accepted() == shots);
  CHECK(place.each_billed_once());
  const auto events = place.events(crash_run);
  CHECK(tasks_done_again(events).empty());
  for (const char* task : {"keyframe", "video", "large", "smooth"})
    for (int shot = 0; shot < shots; ++shot)
      CHECK(count_events(events, "task.succeeded", task + ("[" + std::to_string(shot) + "]")) == 1);
  CHECK(count_events(events, "task.succeeded", "film") == 1);
  CHECK(count_events(events, "task.failed") == 0);
  // Local work that the crash cut off starts again: at most one attempt for each of the two slots.
  // Only what the kill cut off began twice: at most every keyframe and one clip per slot.
  CHECK(count_events(events, "task.started") <= tasks + shots + 2);
  CHECK(count_events(events, "run.succeeded") == 1);
  for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].at("run_seq") == i + 1);

  const auto file = place.folder() / "film.mp4";
  CHECK(probe(file, place.folder()) == reference.film);
  CHECK(sha256_of(file) == reference.digest);
}

// Kills at `count` commits of the part [from, to) of an export.
void check_part(bool after, double from, double to, int count) {
  const Reference reference = undisturbed();
  CHECK(reference.film.codec == "h264");
  CHECK(reference.film.frames == std::int64_t{shots} * 6);
  std::mt19937_64 random(after ? 1 : 2);
  const auto commits = static_cast<double>(reference.commits);
  std::uniform_int_distribution<std::uint64_t> any(static_cast<std::uint64_t>(from * commits) + 1,
                                                   static_cast<std::uint64_t>(to * commits));
  for (int i = 0; i < count; ++i) check_recovery(reference, after, any(random));
}

// The last commits are left out: how many there are depends on how many results arrive together.
TEST_CASE(
    "A film killed before a commit of its first quarter is finished with nothing done twice") {
  check_part(false, 0, 0.2, 3);
}
TEST_CASE(
    "A film killed before a commit of its second quarter is finished with nothing done twice") {
  check_part(false, 0.2, 0.4, 3);
}
TEST_CASE(
    "A film killed before a commit of its third quarter is finished with nothing done twice") {
  check_part(false, 0.4, 0.6, 3);
}
TEST_CASE("A film killed before a commit of its last quarter is finished with nothing done twice") {
  check_part(false, 0.6, 0.8, 3);
}
TEST_CASE("A film killed after a commit of its first quarter is finished with nothing done twice") {
  check_part(true, 0, 0.2, 3);
}
TEST_CASE(
    "A film killed after a commit of its second quarter is finished with nothing done twice") {
  check_part(true, 0.2, 0.4, 3);
}
TEST_CASE("A film killed after a commit of its third quarter is finished with nothing done twice") {
  check_part(true, 0.4, 0.6, 3);
}
TEST_CASE("A film killed after a commit of its last quarter is finished with nothing done twice") {
  check_part(true, 0.6, 0.8, 3);
}

}  // namespace
}  // namespace weft::testing

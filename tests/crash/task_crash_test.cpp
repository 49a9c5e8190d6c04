// SPDX-License-Identifier: Apache-2.0
// One paid task, killed at each commit of its life.
#include "catch.hpp"
#include "crash_place.hpp"

namespace weft::testing {
namespace {

constexpr std::string_view picture_definition = R"(
[pipeline]
name = "one_picture"
[tasks.picture]
operation = "image.generate"
params    = { prompt = "a lighthouse", width = 64, height = 36 }
[outputs]
picture = "${tasks.picture.image}"
)";

// Of three that ask for the same, one is bought: the others take its result.
constexpr std::string_view equal_pictures = R"(
[pipeline]
name = "equal_pictures"
[tasks.picture]
for_each  = "[7, 7, 7]"
operation = "image.generate"
params    = { prompt = "a lighthouse", width = 64, height = 36, seed = "${item}" }
[outputs]
pictures = "${tasks.picture.map(p, p.image)}"
)";

// Kills before or after commit 1, 2, ... until a process lives through all of its commits.
void check_each_commit(bool after, std::string_view text = picture_definition) {
  for (std::uint64_t nth = 1;; ++nth) {
    INFO("killed " << (after ? "after" : "before") << " commit " << nth);
    const CrashPlace place;
    const std::string definition = place.write("picture.toml", text);
    const Finished killed = place.crash(definition, after, nth);
    INFO(killed.out << killed.err);
    CHECK(place.accepted() <= 1);
    if (killed.signal == 0) {
      CHECK(killed.exit_code == 0);
      CHECK(nth > 3);  // the submission, the intent, the token, the result
      return;
    }
    const Finished recovered = place.recover(definition);
    INFO(recovered.out << recovered.err);
    CHECK(recovered.exit_code == 0);
    CHECK(place.accepted() == 1);
    CHECK(place.each_billed_once());
    CHECK(tasks_done_again(place.events(crash_run)).empty());
  }
}

TEST_CASE("A paid task killed before any of its commits is bought once") {
  check_each_commit(false);
}
TEST_CASE("A paid task killed after any of its commits is bought once") {
  check_each_commit(true);
}

TEST_CASE("Of equal tasks one is bought, whichever commit the runtime is killed before") {
  check_each_commit(false, equal_pictures);
}
TEST_CASE("Of equal tasks one is bought, whichever commit the runtime is killed after") {
  check_each_commit(true, equal_pictures);
}

}  // namespace
}  // namespace weft::testing

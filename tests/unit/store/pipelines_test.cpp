// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "store_fixture.hpp"

using namespace weft;
using namespace weft::store;

namespace {

// A version of "film" that means something else for each count of shots.
struct Draft {
  std::shared_ptr<const Pipeline> pipeline;
  SavedPipeline row;
};
Draft draft(std::uint32_t shots, const std::string& source) {
  const auto pipeline = small_plan(shots)->root().pipeline;
  return {pipeline,
          {pipeline->name, 0, pipeline->hash, source, "toml", "ada", "for " + source, {}}};
}

}  // namespace

TEST_CASE("versions of a name are numbered, and equal meaning makes no new one") {
  StoreFixture fixture;
  const auto client = fixture.client();
  const auto save = [&](std::uint32_t shots, const std::string& source) {
    const Draft one = draft(shots, source);
    return client->save_pipeline(*one.pipeline, one.row).value();
  };
  CHECK(save(1, "first").version.number == 1);
  const auto again = save(1, "# first\n");
  CHECK(again.version.number == 1);
  CHECK(again.version.source == "first");
  CHECK_FALSE(again.is_new);
  const auto second = save(2, "second");
  CHECK(second.version.number == 2);
  CHECK(second.is_new);
  CHECK(save(1, "third").version.number == 3);  // what was before the newest is new again

  const auto reader = fixture.queries();
  const auto all = reader->saved_pipelines("film").value();
  REQUIRE(all.size() == 3);
  CHECK(all[0].source == "third");
  CHECK(all[2].message == "for first");
  CHECK(all[2].author == "ada");
  CHECK(reader->saved_pipelines("").value().size() == 3);
  CHECK(reader->saved_pipelines("poster").value().empty());
  CHECK(reader->saved_pipeline("film", 0).value().number == 3);
  CHECK(reader->saved_pipeline("film", 2).value().source == "second");
  CHECK(reader->pipeline(all[1].hash).value().hash == all[1].hash);
}

TEST_CASE("a version that is not there is told with what there is") {
  StoreFixture fixture;
  const Draft one = draft(1, "first");
  REQUIRE(fixture.client()->save_pipeline(*one.pipeline, one.row));
  const auto reader = fixture.queries();
  const auto number = reader->saved_pipeline("film", 7);
  REQUIRE(number.has_error());
  CHECK(number.error().kind == ErrorKind::not_found);
  CHECK(number.error().remedy.starts_with("the newest is 1"));
  const auto name = reader->saved_pipeline("flim", 0);
  REQUIRE(name.has_error());
  CHECK(name.error().remedy == "did you mean 'film'?");
}

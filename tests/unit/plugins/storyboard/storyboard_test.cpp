// SPDX-License-Identifier: Apache-2.0
#include <weft/testing.hpp>

#include "catch.hpp"

namespace {

using nlohmann::json;

const weft_entry& entry() {
  static const weft::testing::library opened(STORYBOARD_PLUGIN);
  return opened.entry();
}

std::uint32_t u32_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8U | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

TEST_CASE("storyboard answers image.generate with a PNG of the size asked for, for nothing") {
  weft::testing::fake_host host;
  auto service = host.create(entry(), "storyboard");
  auto job = service.submit(
      {.operation = "image.generate",
       .params = {{"prompt", "a heron"}, {"width", 320}, {"height", 180}, {"seed", 5}},
       .label = "keyframe[2]"});
  host.run_until_idle();
  REQUIRE(job.status() == WEFT_OK);
  const std::string png = job.output("image");
  CHECK(png.starts_with("\x89PNG"));
  CHECK(u32_at(png, 16) == 320);
  CHECK(u32_at(png, 20) == 180);
  CHECK(job.outputs()[0].content.media_type == "image/png");
  CHECK(job.outputs()[0].meta["seed"] == 5);
  CHECK(job.record().cost_basis == WEFT_COST_BILLED);
  CHECK(job.record().cost_micros == 0);
  CHECK(host.violations().empty());
}

TEST_CASE("storyboard draws in slices, and another job gets its turn in between") {
  weft::testing::fake_host host;
  auto service = host.create(entry(), "storyboard");
  auto large = service.submit({.operation = "image.generate",
                               .params = {{"prompt", "a city"}, {"width", 640}, {"height", 360}}});
  auto small = service.submit({.operation = "image.generate",
                               .params = {{"prompt", "a city"}, {"width", 32}, {"height", 18}}});
  CHECK_FALSE(large.ended());
  host.run_until_idle();
  CHECK(small.status() == WEFT_OK);
  CHECK(large.status() == WEFT_OK);
  CHECK(small.id() != large.id());
  CHECK(large.progress().size() >= 10);
  CHECK(large.progress().back().permille == 1000);
}

TEST_CASE("the number of a shot and the guides can be seen in the picture") {
  weft::testing::fake_host host;
  auto service = host.create(entry(), "storyboard");
  const auto draw = [&](const json& params, const json& options, const std::string& label) {
    auto job = service.submit(
        {.operation = "image.generate", .params = params, .options = options, .label = label});
    host.run_until_idle();
    return job.output("image");
  };
  const json params = {{"prompt", "a heron"}, {"width", 320}, {"height", 180}};
  const std::string plain = draw(params, json::object(), "task");
  CHECK(draw(params, json::object(), "task[4]") != plain);
  CHECK(draw(params, {{"guides", false}}, "task") != plain);
  json with_shot = params;
  with_shot["shot"] = 5;
  CHECK(draw(with_shot, json::object(), "task") == draw(params, json::object(), "task[4]"));
}

TEST_CASE("storyboard says what it takes: at most 8192 pixels a side") {
  weft::testing::fake_host host;
  auto service = host.create(entry(), "storyboard");
  auto said = service.describe();
  host.run_until_idle();
  const json& operation = said.result()["operations"][0];
  CHECK(operation["name"] == "image.generate");
  CHECK(operation["params"]["properties"]["width"]["maximum"] == 8192);
  CHECK(said.result()["recover"] == "none");
}

TEST_CASE("a missing font is named together with its remedy, by a job and by a probe") {
  weft::testing::fake_host host;
  auto service = host.create(entry(), "storyboard", {{"font", "/nowhere.ttf"}});
  auto job = service.submit({.operation = "image.generate", .params = {{"prompt", "a heron"}}});
  auto probe = service.probe();
  host.run_until_idle();
  for (const auto& failed : {job, probe}) {
    CHECK(failed.status() == WEFT_UNSUPPORTED);
    CHECK(failed.message().find("/nowhere.ttf") != std::string::npos);
    CHECK(failed.message().find("config.font") != std::string::npos);
  }
}

TEST_CASE("a cancel ends a drawing between two slices") {
  weft::testing::fake_host host;
  auto service = host.create(entry(), "storyboard");
  auto job = service.submit({.operation = "image.generate", .params = {{"prompt", "a heron"}}});
  job.cancel();
  host.run_until_idle();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(host.violations().empty());
}

TEST_CASE("a drain lets go of a drawing under way") {
  weft::testing::fake_host host;
  auto service = host.create(entry(), "storyboard");
  auto job = service.submit({.operation = "image.generate", .params = {{"prompt", "a heron"}}});
  service.drain();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(host.violations().empty());
}

}  // namespace

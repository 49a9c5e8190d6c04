// SPDX-License-Identifier: Apache-2.0
#include "model/operation.hpp"
#include "catch.hpp"

using namespace weft;

TEST_CASE("the canonical operations are compiled in") {
  const OperationCatalog catalog = OperationCatalog::canonical();
  CHECK(catalog.names() ==
        std::vector<std::string>{"data.collect", "data.merge_json", "data.pick_best", "data.zip",
                                 "image.contact_sheet", "image.edit", "image.generate",
                                 "image.judge", "image.upscale", "media.probe", "text.analyze",
                                 "text.generate", "video.concat", "video.from_image",
                                 "video.generate", "video.interpolate", "video.upscale"});
  for (const std::string& name : catalog.names()) {
    INFO(name);
    CHECK_FALSE(catalog.find(name)->summary.empty());
    CHECK_FALSE(catalog.find(name)->outputs.empty());
  }
}

TEST_CASE("an operation names its inputs and outputs with their types") {
  const auto concat = OperationCatalog::canonical().find("video.concat");
  REQUIRE(concat);
  REQUIRE(concat->inputs.size() == 1);
  CHECK(concat->inputs[0].name == "clips");
  CHECK(concat->inputs[0].media_type == "video/*");
  CHECK(concat->inputs[0].list);
  CHECK(concat->inputs[0].required);
  const auto judge = OperationCatalog::canonical().find("image.judge");
  REQUIRE(judge->outputs.size() == 3);
  CHECK(judge->outputs[0].media_type.empty());
  CHECK(judge->outputs[0].schema.is_object());
}

TEST_CASE("params are closed, and options of a component stand beside them") {
  const auto generate = OperationCatalog::canonical().find("image.generate");
  CHECK(generate->params.validate(json::object{{"prompt", "x"}, {"stepz", 4}}).size() == 1);
  CHECK(
      generate->params
          .validate(json::object{
              {"prompt", "x"}, {"options", json::object{{"comfyui", json::object{{"steps", 4}}}}}})
          .empty());
  CHECK(generate->params
            .validate(json::object{{"prompt", "x"}, {"options", json::object{{"comfyui", 4}}}})
            .size() == 1);
}

TEST_CASE("a config may add an operation") {
  OperationCatalog catalog = OperationCatalog::canonical();
  REQUIRE(catalog
              .add_toml("[operations.\"audio.speak\"]\nsummary = \"Say a text\"\n"
                        "params.properties.text = { type = \"string\" }\n"
                        "outputs.audio.media_type = \"audio/*\"\n",
                        "speak.toml")
              .has_value());
  REQUIRE(catalog.find("audio.speak"));
  CHECK(catalog.find("audio.speak")->outputs[0].media_type == "audio/*");
}

TEST_CASE("an operation is never redefined, and then nothing of the text is taken") {
  OperationCatalog catalog = OperationCatalog::canonical();
  const auto added = catalog.add_toml(
      "[operations.\"audio.speak\"]\nsummary = \"x\"\noutputs.a.media_type = \"audio/*\"\n"
      "[operations.\"image.edit\"]\nsummary = \"x\"\noutputs.a.media_type = \"image/*\"\n",
      "o.toml");
  REQUIRE(added.has_error());
  CHECK(added.error().diagnostics.size() == 1);
  CHECK_FALSE(catalog.find("audio.speak"));
}

TEST_CASE("a media type fits a pattern part by part") {
  CHECK(media_type_fits("image/png", "image/*"));
  CHECK(media_type_fits("image/png", "*/*"));
  CHECK(media_type_fits("text/plain; charset=utf-8", "text/plain"));
  CHECK(media_type_fits("image/*", "image/png"));
  CHECK_FALSE(media_type_fits("video/mp4", "image/*"));
  CHECK_FALSE(media_type_fits("image", "image/*"));
}

// SPDX-License-Identifier: Apache-2.0
// What the plugin gives for what it gets, on a fake host with the runtime's own expressions.
#include <string>
#include <weft/testing.hpp>

#include "catch.hpp"
#include "expression_service.hpp"

namespace {

using nlohmann::json;

const weft_entry& entry() {
  static const weft::testing::library opened(FLOW_PLUGIN);
  return opened.entry();
}

struct Fixture {
  Fixture() { weft::testing::offer_expressions(host); }

  weft::testing::job run(const std::string& operation, json params) {
    return flow().run({.operation = operation, .params = std::move(params)});
  }
  json result(const std::string& operation, json params) {
    auto job = run(operation, std::move(params));
    INFO(job.message());
    REQUIRE(job.status() == WEFT_OK);
    return job.result();
  }
  std::string refusal(const std::string& operation, json params) {
    auto job = run(operation, std::move(params));
    CHECK(job.status() == WEFT_BAD_INPUT);
    return job.message();
  }
  weft::testing::instance& flow() {
    if (!flow_) flow_ = host.create(entry(), "flow", json::object());
    return *flow_;
  }

  weft::testing::fake_host host;
  std::optional<weft::testing::instance> flow_;
};

json picture(const std::string& digest) {
  return {{"$artifact", digest}, {"media_type", "image/png"}, {"bytes", 3}, {"name", "a.png"}};
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// ---------------------------------------------------------------- collect

TEST_CASE("values and the elements of lists come into one list, in order") {
  Fixture f;
  const json got = f.result("data.collect", {{"from", {1, {2, 3}, json::array(), {4.5}}}});
  CHECK(got == json{{"items", {1, 2, 3, 4.5}}, {"count", 4}});
}

TEST_CASE("what was skipped is dropped from a collection, or kept in its place") {
  Fixture f;
  const json from = {picture("a"), nullptr, {nullptr, picture("b")}};
  CHECK(f.result("data.collect", {{"from", from}})["items"] == json{picture("a"), picture("b")});
  const json kept = f.result("data.collect", {{"from", from}, {"nulls", "keep"}});
  CHECK(kept["items"] == json{picture("a"), nullptr, nullptr, picture("b")});
  CHECK(kept["count"] == 4);
}

TEST_CASE("a collection of several kinds is refused by the place of the second") {
  Fixture f;
  const std::string said = f.refusal("data.collect", {{"from", {picture("a"), {{"x", 1}}}}});
  CHECK(mentions(said, "from[1]"));
  CHECK(mentions(said, "object"));
  CHECK(mentions(said, "artifact"));
}

TEST_CASE("a collection that comes out too small is refused; nulls do not count") {
  Fixture f;
  const json from = {{1, nullptr}, nullptr};
  CHECK(f.result("data.collect", {{"from", from}, {"at_least", 1}})["count"] == 1);
  CHECK(mentions(f.refusal("data.collect", {{"from", from}, {"nulls", "keep"}, {"at_least", 2}}),
                 "there are 1 values"));
}

// ---------------------------------------------------------------- pick_best

TEST_CASE("the item with the highest score is chosen, or the one with the lowest") {
  Fixture f;
  const json items = {picture("a"), picture("b"), picture("c")};
  const json scores = {0.2, 0.9, 0.1};
  CHECK(f.result("data.pick_best", {{"items", items}, {"scores", scores}}) ==
        json{{"item", picture("b")}, {"index", 1}, {"score", 0.9}});
  CHECK(f.result("data.pick_best", {{"items", items}, {"scores", scores}, {"best", "lowest"}}) ==
        json{{"item", picture("c")}, {"index", 2}, {"score", 0.1}});
}

TEST_CASE("of equals the first is chosen, whichever way is best") {
  Fixture f;
  for (const char* best : {"highest", "lowest"})
    CHECK(f.result("data.pick_best",
                   {{"items", {"a", "b"}}, {"scores", {1, 1.0}}, {"best", best}})["index"] == 0);
}

TEST_CASE("a score is an expression of the item and its place") {
  Fixture f;
  const json items = {{{"sharp", 0.9}, {"text", 0.1}}, nullptr, {{"sharp", 0.5}, {"text", 0.8}}};
  const json got =
      f.result("data.pick_best", {{"items", items}, {"by", "item.sharp * 0.3 + item.text * 0.7"}});
  CHECK(got["index"] == 2);
  CHECK(got["item"] == items[2]);
  CHECK(got["score"].get<double>() == Approx(0.71));
  CHECK(f.result("data.pick_best", {{"items", {"a", "b"}}, {"by", "index"}})["item"] == "b");
}

TEST_CASE("an expression weighs what a judge gave") {
  Fixture f;
  const json items = {{{"cost", 0.5}}, {{"cost", 0.1}}};
  const json scores = {{{"score", 0.9}}, {{"score", 0.7}}};
  const json got = f.result(
      "data.pick_best", {{"items", items}, {"scores", scores}, {"by", "score.score - item.cost"}});
  CHECK(got["index"] == 1);
  CHECK(got["score"].get<double>() == Approx(0.6));
}

TEST_CASE("a judge's answers are scores as they are, and what was skipped is never chosen") {
  Fixture f;
  const json items = {{{"image", picture("a")}}, {{"image", picture("b")}}, nullptr};
  const json scores = {{{"score", 0.3}, {"passed", false}}, nullptr, {{"score", 1}}};
  const json got = f.result("data.pick_best", {{"items", items}, {"scores", scores}});
  CHECK(got["index"] == 0);
  CHECK(got["item"] == items[0]);
}

TEST_CASE("numbers are their own scores") {
  Fixture f;
  CHECK(f.result("data.pick_best", {{"items", {3, nullptr, 8}}}) ==
        json{{"item", 8}, {"index", 2}, {"score", 8.0}});
}

TEST_CASE("nothing to choose from is refused, and said so") {
  Fixture f;
  CHECK(mentions(f.refusal("data.pick_best", {{"items", json::array()}}), "no items"));
  CHECK(mentions(f.refusal("data.pick_best", {{"items", {"a"}}, {"scores", {nullptr}}}),
                 "none of the 1 items has a score"));
}

TEST_CASE("scores that do not fit the items are refused by name") {
  Fixture f;
  CHECK(mentions(f.refusal("data.pick_best", {{"items", {"a", "b"}}, {"scores", {1}}}),
                 "2 items and 1 scores"));
  CHECK(mentions(f.refusal("data.pick_best", {{"items", {"a"}}, {"scores", {{{"x", 1}}}}}),
                 "scores[0] has no member 'score'"));
  CHECK(mentions(f.refusal("data.pick_best", {{"items", {{{"x", 1}}}}, {"by", "item.y"}}),
                 "items[0]"));
  CHECK(mentions(f.refusal("data.pick_best", {{"items", {"a"}}, {"by", "item +"}}), "item +"));
  CHECK(mentions(f.refusal("data.pick_best", {{"items", {"a"}}, {"by", "item"}}),
                 "string, not a number"));
}

// ---------------------------------------------------------------- merge_json

TEST_CASE("objects are merged member by member, the later over the earlier") {
  Fixture f;
  const json objects = {{{"a", {{"x", 1}, {"y", 2}}}, {"l", {1, 2}}},
                        nullptr,
                        {{"a", {{"y", nullptr}, {"z", 3}}}, {"l", {3}}}};
  CHECK(f.result("data.merge_json", {{"objects", objects}})["object"] ==
        json{{"a", {{"x", 1}, {"y", nullptr}, {"z", 3}}}, {"l", {3}}});
  CHECK(f.result("data.merge_json", {{"objects", objects}, {"arrays", "append"}})["object"]["l"] ==
        json{1, 2, 3});
  CHECK(f.result("data.merge_json", {{"objects", json::array()}})["object"] == json::object());
}

TEST_CASE("an artifact is replaced whole, never merged with another") {
  Fixture f;
  json named = picture("b");
  named.erase("name");
  const json objects = {{{"image", picture("a")}}, {{"image", named}}};
  CHECK(f.result("data.merge_json", {{"objects", objects}})["object"]["image"] == named);
  CHECK(mentions(f.refusal("data.merge_json", {{"objects", {picture("a")}}}), "objects[0]"));
}

// ---------------------------------------------------------------- zip

TEST_CASE("lists become a list of objects") {
  Fixture f;
  const json lists = {{"image", {picture("a"), nullptr}}, {"score", {1, 2}}};
  CHECK(
      f.result("data.zip", {{"lists", lists}}) ==
      json{{"items", {{{"image", picture("a")}, {"score", 1}}, {{"image", nullptr}, {"score", 2}}}},
           {"count", 2}});
}

TEST_CASE("lists of several lengths are refused, cut, or filled up with null") {
  Fixture f;
  const json lists = {{"a", {1, 2, 3}}, {"b", {1}}};
  const std::string said = f.refusal("data.zip", {{"lists", lists}});
  CHECK(mentions(said, "a has 3, b has 1"));
  CHECK(f.result("data.zip", {{"lists", lists}, {"lengths", "shortest"}})["items"] ==
        json::array({{{"a", 1}, {"b", 1}}}));
  const json longest = f.result("data.zip", {{"lists", lists}, {"lengths", "longest"}});
  CHECK(longest["count"] == 3);
  CHECK(longest["items"][2] == json{{"a", 3}, {"b", nullptr}});
}

// ---------------------------------------------------------------- the stand-in for a judge

TEST_CASE(
    "the stand-in takes the picture with more bytes for the better one, and says what it is") {
  weft::testing::fake_host host;
  auto judge = host.create(entry(), "detail_judge", json::object());
  const auto score_of = [&](std::size_t bytes) {
    auto job = judge.run({.operation = "image.judge",
                          .params = {{"criteria", "sharp"}, {"threshold", 0.6}},
                          .inputs = {{"image", host.store(std::string(bytes, 'x'), "image/png")}}});
    REQUIRE(job.status() == WEFT_OK);
    CHECK(mentions(job.result()["reason"], "stands in"));
    CHECK(job.result()["passed"] == (job.result()["score"] >= 0.6));
    return job.result()["score"].get<double>();
  };
  CHECK(score_of(64 * 1024) == Approx(0.5));
  CHECK(score_of(1024) < score_of(200'000));
  CHECK(score_of(200'000) < 1);
}

}  // namespace

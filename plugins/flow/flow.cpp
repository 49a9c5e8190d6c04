// SPDX-License-Identifier: Apache-2.0
// The plugin `flow`: what a pipeline does with the results of its tasks before the next one. And a
// judge of pictures that stands in until a service judges them.
#include <array>
#include <map>
#include <mutex>
#include <string>
#include <vector>
#include <weft/plugin.hpp>
#include <weft/plugin/expression.hpp>

#include "data.hpp"
#include "weft_manifest.h"

namespace flow {
namespace {

class Flow final : public weft::executor<Flow> {
 public:
  static constexpr std::string_view name = "flow";

  explicit Flow(const weft::context& context) : executor(context), language_(host()) {}

  void run(weft::work& work) override {
    using Operation = json (Flow::*)(const json& params);
    struct Named {
      std::string_view name;
      Operation operation;
    };
    static constexpr std::array operations = std::to_array<Named>({
        {"data.collect", &Flow::collect_lists},
        {"data.pick_best", &Flow::pick},
        {"data.merge_json", &Flow::merge_objects},
        {"data.zip", &Flow::zip_lists},
    });
    for (const Named& named : operations) {
      if (named.name != work.operation()) continue;
      work.result((this->*named.operation)(work.params()));
      work.cost(weft::cost::billed(0, "USD"));
      return;
    }
    throw weft::error(WEFT_UNSUPPORTED, "flow has no operation " + work.operation());
  }

 private:
  json collect_lists(const json& params) {
    const Nulls nulls = params.value("nulls", "drop") == "keep" ? Nulls::keep : Nulls::drop;
    json items = collect(params.at("from"), nulls, params.value("at_least", std::size_t{0}));
    const std::size_t count = items.size();
    return {{"items", std::move(items)}, {"count", count}};
  }

  json pick(const json& params) {
    const json& items = params.at("items");
    const json none = json::array_t(items.size());
    const json& given = params.contains("scores") ? params.at("scores") : none;
    require_one_each(items, given);
    std::vector<json> scores;
    if (const auto by = params.find("by"); by != params.end())
      scores = evaluate(by->get<std::string>(), items, given);
    else if (&given != &none)
      for (const json& judgement : given) scores.push_back(score_in(judgement, scores.size()));
    else
      scores = items.get<std::vector<json>>();  // numbers are their own scores
    const Best best = pick_best(items, scores, params.value("best", "highest") == "lowest");
    return {{"item", items[best.index]}, {"index", best.index}, {"score", best.score}};
  }

  json merge_objects(const json& params) {
    const bool append = params.value("arrays", "replace") == "append";
    return {{"object", merge(params.at("objects"), append ? Arrays::append : Arrays::replace)}};
  }

  json zip_lists(const json& params) {
    const std::string said = params.value("lengths", "equal");
    const Lengths lengths = said == "shortest"  ? Lengths::shortest
                            : said == "longest" ? Lengths::longest
                                                : Lengths::equal;
    json items = zip(params.at("lists"), lengths);
    const std::size_t count = items.size();
    return {{"items", std::move(items)}, {"count", count}};
  }

  // What the expression says of each item that is not null.
  std::vector<json> evaluate(const std::string& text, const json& items, const json& given) {
    const std::lock_guard lock(
        mutex_);  // the language numbers what it makes; jobs run side by side
    auto program = programs_.find(text);
    if (program == programs_.end()) {
      const json anything = json::object();
      const json variables = {
          {"item", anything}, {"index", {{"type", "integer"}}}, {"score", anything}};
      program = programs_.emplace(text, language_.compile(text, variables)).first;
    }
    std::vector<json> scores;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].is_null()) {
        scores.emplace_back(nullptr);
        continue;
      }
      auto scope = language_.scope();
      scope.bind("item", items[i]);
      scope.bind("index", i);
      scope.bind("score", given[i]);
      try {
        scores.push_back(scope.evaluate(program->second));
      } catch (const weft::error& failure) {
        throw weft::error(failure.status(), "params.by '" + text + "' of items[" +
                                                std::to_string(i) + "]: " + failure.what());
      }
    }
    return scores;
  }

  std::mutex mutex_;
  weft::expressions language_;
  std::map<std::string, weft::expression> programs_;  // by their text
};

// A picture with more detail packs into more bytes: enough to tell variants apart while a pipeline
// is being built, and nothing that anybody should take for a judgement.
class DetailJudge final : public weft::executor<DetailJudge> {
 public:
  static constexpr std::string_view name = "detail_judge";

  explicit DetailJudge(const weft::context& context) : executor(context) {}

  void run(weft::work& work) override {
    constexpr double half_way = 64 * 1024;  // where the score is 0.5
    const auto bytes = static_cast<double>(work.input("image").length());
    const double score = bytes / (bytes + half_way);
    work.result(
        {{"score", score},
         {"passed", score >= work.params().value("threshold", 0.5)},
         {"reason", "nobody has looked at it: this stands in for a judge and counts " +
                        std::to_string(work.input("image").length()) + " bytes of detail"}});
    work.cost(weft::cost::billed(0, "USD"));
  }
};

}  // namespace
}  // namespace flow

WEFT_PLUGIN(flow::Flow, flow::DetailJudge);

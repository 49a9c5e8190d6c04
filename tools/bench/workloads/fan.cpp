// SPDX-License-Identifier: Apache-2.0
// W2: one task, a thousand that need it, one that needs those.
// W3: ten thousand tasks in a hundred layers, each needing three of the layer before: given as one
// graph, without a barrier between the layers.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "workloads/place.hpp"
#include "workloads/workloads.hpp"

namespace weft::bench {
namespace {

constexpr double best_fan_ms = 441;
constexpr double best_graph_s = 2.89;
constexpr int modulus = 1'000'003;

constexpr std::string_view fan = R"(
[pipeline]
name = "fan"
[inputs]
x     = { type = "integer" }
items = { type = "array", items = { type = "integer" } }
[tasks.a]
operation = "bench.add"
params    = { value = "${inputs.x}" }
[tasks.f]
for_each  = "inputs.items"
operation = "bench.add"
params    = { value = "${tasks.a.value + item - 1}" }
[tasks.j]
operation = "bench.sum"
params    = { values = "${tasks.f.map(f, f.value)}" }
[outputs]
result = "${tasks.j.value}"
)";

Submission fan_of(int width) {
  boost::json::array items;
  for (int i = 0; i < width; ++i) items.emplace_back(i);
  Submission made = submission(std::string(fan), "x", 5);
  made.inputs["items"] = given_json(boost::json::serialize(items));
  return made;
}

// The third parent of column j; where it would be the second again, the next one.
int third_parent(int j, int width) {
  const int third = (7 * j + 3) % width;
  const bool taken = third == j || third == (j + 1) % width;
  return taken ? (j + 2) % width : third;
}

std::string graph_definition(int layers) {
  std::string text =
      "[pipeline]\nname = \"graph\"\n[inputs]\nx = { type = \"integer\" }\n"
      "third = { type = \"array\", items = { type = \"integer\" } }\n";
  for (int layer = 0; layer < layers; ++layer) {
    const std::string before = "tasks.l" + std::to_string(layer - 1);
    const std::string value = layer == 0
                                  ? "inputs.x + index"
                                  : "(" + before + "[index].value + " + before +
                                        "[(index + 1) % size(inputs.third)].value + " + before +
                                        "[item].value) % " + std::to_string(modulus);
    text += "[tasks.l" + std::to_string(layer) +
            "]\nfor_each = \"inputs.third\"\noperation = \"bench.add\"\nparams = { value = \"${" +
            value + "}\" }\n";
  }
  return text + "[tasks.sum]\noperation = \"bench.sum\"\nparams = { values = \"${tasks.l" +
         std::to_string(layers - 1) + ".map(t, t.value)}\", modulus = " + std::to_string(modulus) +
         " }\n[outputs]\nresult = \"${tasks.sum.value}\"\n";
}

Submission graph_of(int layers, int width) {
  boost::json::array third;
  for (int j = 0; j < width; ++j) third.emplace_back(third_parent(j, width));
  Submission made = submission(graph_definition(layers), "x", 5);
  made.inputs["third"] = given_json(boost::json::serialize(third));
  return made;
}

// The same graph without any engine.
std::int64_t graph_result(int layers, int width) {
  std::vector<std::int64_t> last, next;
  for (int j = 0; j < width; ++j) last.push_back(5 + j + 1);
  for (int layer = 1; layer < layers; ++layer, last = std::exchange(next, {}))
    for (int j = 0; j < width; ++j) {
      const auto value = [&](int column) { return last[static_cast<std::size_t>(column)]; };
      next.push_back((value(j) + value((j + 1) % width) + value(third_parent(j, width))) % modulus +
                     1);
    }
  std::int64_t sum = 0;
  for (const std::int64_t value : last) sum += value;
  return sum % modulus;
}

// Runs it and checks its result; how long it took from submit to result.
double run_checked(Runtime& runtime, const Submission& submission, std::int64_t expected) {
  const auto begin = Clock::now();
  const std::string run = must(runtime.submit(submission));
  const RunView end = must(runtime.wait(run));
  const double seconds = seconds_since(begin);
  expect(result_of(end) == expected,
         "it gave " + std::to_string(result_of(end)) + ", not " + std::to_string(expected));
  return seconds;
}

}  // namespace

std::vector<Figure> run_w2(Bench& bench) {
  const int width = bench.size(1000, 20);
  const std::int64_t expected = 6 * width + width * (width - 1) / 2;
  expect(bench.is_short() || expected == 505'500, "W2 is not as it was");
  std::vector<double> took_ms;
  std::vector<double> cpu_us;
  for (int round = 0; round < bench.rounds(); ++round) {
    const Place place(bench.new_folder());
    const auto runtime = place.open();
    run_checked(*runtime, fan_of(1), 6);
    const double cpu = cpu_seconds();
    took_ms.push_back(run_checked(*runtime, fan_of(width), expected) * 1e3);
    cpu_us.push_back((cpu_seconds() - cpu) * 1e6 / (width + 2));
  }
  Figure made = figure("w2", "ms", at_most(best_fan_ms / 5), took_ms);
  made.calibration = {{"cpu_us_per_task", statistics(cpu_us).median},
                      {"times_best_peer", best_fan_ms / made.value.median}};
  return {made};
}

std::vector<Figure> run_w3(Bench& bench) {
  const int layers = bench.size(100, 4);
  const int width = bench.size(100, 7);
  const std::int64_t expected = graph_result(layers, width);
  expect(bench.is_short() || expected == 304'474, "W3 is not as it was");
  std::vector<double> took_s;
  std::vector<double> cpu_us;
  for (int round = 0; round < bench.repetitions(); ++round) {
    const Place place(bench.new_folder());
    const auto runtime = place.open();
    run_checked(*runtime, fan_of(1), 6);
    const double cpu = cpu_seconds();
    took_s.push_back(run_checked(*runtime, graph_of(layers, width), expected));
    cpu_us.push_back((cpu_seconds() - cpu) * 1e6 / (layers * width + 1));
  }
  Figure made = figure("w3", "s", at_most(best_graph_s / 5), took_s);
  made.calibration = {{"cpu_us_per_task", statistics(cpu_us).median},
                      {"times_best_peer", best_graph_s / made.value.median}};
  return {made};
}

}  // namespace weft::bench

// SPDX-License-Identifier: Apache-2.0
// W1: chains of three steps, submitted by clients that each wait for their result before the next.
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "raw_disk.hpp"
#include "workloads/place.hpp"
#include "workloads/workloads.hpp"

namespace weft::bench {
namespace {

constexpr std::string_view chain = R"(
[pipeline]
name = "chain"
[inputs]
i = { type = "integer" }
[tasks.a]
operation = "bench.add"
params    = { value = "${inputs.i}" }
[tasks.b]
operation = "bench.add"
params    = { value = "${tasks.a.value}" }
[tasks.c]
operation = "bench.add"
params    = { value = "${tasks.b.value}" }
[outputs]
result = "${tasks.c.value}"
)";
constexpr int steps = 3;

// The best peer that makes every step durable (reference figures of the README).
struct Peer {
  int clients;
  int pipelines;
  double steps_per_s;
};
constexpr Peer peers[] = {{1, 200, 669}, {100, 2000, 2108}, {1000, 3000, 2790}};

struct Load {
  double seconds = 0;
  std::vector<double> latency_ms;
};

// `clients` threads, each in a closed loop, `pipelines` in all.
Load run_chains(Runtime& runtime, int clients, int pipelines) {
  std::atomic<int> next = 0;
  std::mutex mutex;
  Load load;
  std::optional<std::string> wrong;
  const auto begin = Clock::now();
  const auto client = [&] {
    std::vector<double> latency_ms;
    try {
      for (int i = next++; i < pipelines; i = next++) {
        const auto asked = Clock::now();
        const std::string run = must(runtime.submit(submission(std::string(chain), "i", i)));
        const std::int64_t result = result_of(must(runtime.wait(run)));
        latency_ms.push_back(seconds_since(asked) * 1e3);
        expect(result == i + steps,
               "chain " + std::to_string(i) + " gave " + std::to_string(result));
      }
    } catch (const std::exception& failure) {
      const std::lock_guard lock(mutex);
      wrong = failure.what();
    }
    const std::lock_guard lock(mutex);
    load.latency_ms.insert(load.latency_ms.end(), latency_ms.begin(), latency_ms.end());
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < clients; ++i) threads.emplace_back(client);
  threads.clear();
  load.seconds = seconds_since(begin);
  expect(!wrong, wrong.value_or(""));
  return load;
}

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(static_cast<double>(values.size() - 1) * share)];
}

struct Series {
  std::vector<double> steps_per_s, p50_ms, p99_ms, cpu_us;
};

void add(Series& series, const Load& load, double cpu) {
  const double done = static_cast<double>(load.latency_ms.size()) * steps;
  series.steps_per_s.push_back(done / load.seconds);
  series.p50_ms.push_back(percentile(load.latency_ms, 0.5));
  series.p99_ms.push_back(percentile(load.latency_ms, 0.99));
  series.cpu_us.push_back(cpu * 1e6 / done);
}

void add_figures(std::vector<Figure>& figures, const Peer& peer, const Series& series) {
  Figure made = figure("w1/c" + std::to_string(peer.clients), "steps/s",
                       at_least(5 * peer.steps_per_s), series.steps_per_s);
  made.calibration = {{"p50_ms", statistics(series.p50_ms).median},
                      {"p99_ms", statistics(series.p99_ms).median},
                      {"cpu_us", statistics(series.cpu_us).median},
                      {"times_best_peer", made.value.median / peer.steps_per_s}};
  figures.push_back(std::move(made));
}

// A pipeline of three steps takes four commits when its run is submitted and waited for.
double raw_steps_per_s(const std::filesystem::path& folder, const Budget& budget) {
  RawDisk disk(folder / "raw");
  return run_slice(disk.work(), budget.slice).rate() / (steps + 1) * steps;
}

}  // namespace

std::vector<Figure> run_w1(Bench& bench) {
  Series series[std::size(peers)];
  std::vector<double> of_raw;
  for (int round = 0; round < bench.repetitions(); ++round) {
    const Place place(bench.new_folder());
    const auto runtime = place.open();
    run_chains(*runtime, bench.size(20, 2), bench.size(300, 4));
    for (std::size_t i = 0; i < std::size(peers); ++i) {
      const double before = i == 0 ? raw_steps_per_s(place.folder(), bench.budget()) : 0;
      const double cpu = cpu_seconds();
      const Load load =
          run_chains(*runtime, bench.size(peers[i].clients, 2), bench.size(peers[i].pipelines, 6));
      add(series[i], load, cpu_seconds() - cpu);
      if (i > 0) continue;
      const double raw = (before + raw_steps_per_s(place.folder(), bench.budget())) / 2;
      of_raw.push_back(series[0].steps_per_s.back() / raw);
    }
  }
  std::vector<Figure> figures{figure("w1/c1-of-raw", "x raw", at_least(0.7), of_raw)};
  for (std::size_t i = 0; i < std::size(peers); ++i) add_figures(figures, peers[i], series[i]);
  return figures;
}

}  // namespace weft::bench

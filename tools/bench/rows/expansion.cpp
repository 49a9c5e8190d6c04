// SPDX-License-Identifier: Apache-2.0
// How long the engine is busy at a time when a task turns out to be ten thousand.
#include <deque>

#include "engine/driver.hpp"
#include "machine.hpp"
#include "rows/rows.hpp"
#include "synthetic.hpp"

namespace weft::bench {
namespace {

// The driver on a store that is always done, and on services that are given jobs and keep them.
class Expanding final : public engine::StorePort,
                        public engine::ServicesPort,
                        public engine::ClockPort,
                        public engine::RandomPort,
                        public engine::Callers {
 public:
  Expanding()
      : driver_(engine::Driver::Ports{*this, *this, *this, *this, *this}, null_services(slots)) {}

  // From the end of the task that gives a list of so many until the last item is part of the run;
  // the longest turn, in ms.
  double longest_turn_ms(std::uint32_t items) {
    const auto plan = expanding_plan();
    const RunRecord run = run_of(*plan, 1);
    driver_.deliver(engine::SubmitRun{run, plan});
    turn();
    json::array list;
    for (std::uint32_t i = 0; i < items; ++i) list.emplace_back(std::int64_t{i});
    engine::JobEnded ended{jobs_.at(0), {}};
    ended.result.outputs = {{"values", std::move(list)}};
    driver_.deliver(std::move(ended));
    double longest_ms = 0;
    do {
      longest_ms = std::max(longest_ms, turn());
      now_ += Duration{1};
    } while (!driver_.core().find(run.id)->growths.empty());
    expect(driver_.core().find(run.id)->nodes.size() == items + 2, "every item is part of the run");
    return longest_ms;
  }

  void commit(engine::BatchNo no, Batch) override { done_.push_back({no, {}, {}}); }
  void load_outputs(RunId, std::vector<TaskNo>) override {}
  void find_result(engine::LookupNo, std::vector<Digest>, Timestamp) override {}  // nothing asks
  void submit(engine::Job job) override { jobs_.push_back(job.attempt); }
  void attach(engine::Job, std::string) override {}
  void cancel(AttemptRef) override {}
  void interrupt(AttemptRef) override {}
  void checkpointed(AttemptRef, std::uint64_t) override {}
  void probe(const std::string&) override {}
  Timestamp now() override { return now_; }
  std::uint64_t next() override { return ++random_; }
  void accepted(RunId) override {}
  void answered(const CommandAnswer&) override {}
  void published() override {}
  void rested(RunId) override {}
  void fenced(RunId) override {}
  void store_failed(const Error&) override {}

 private:
  static constexpr std::uint32_t slots = 64;

  double turn() {
    const auto begun = Clock::now();
    driver_.turn();
    const std::chrono::duration<double, std::milli> took = Clock::now() - begun;
    for (; !done_.empty(); done_.pop_front()) driver_.committed(done_.front());
    return took.count();
  }

  engine::Driver driver_;
  std::deque<engine::Committed> done_;
  std::vector<AttemptRef> jobs_;
  Timestamp now_ = from_unix_ms(1'700'000'000'000);
  std::uint64_t random_ = 0;
};

}  // namespace

std::vector<Figure> run_expansion(Bench& bench) {
  std::vector<double> rounds;
  for (int i = 0; i < bench.repetitions(); ++i)
    rounds.push_back(Expanding().longest_turn_ms(bench.size(10'000u, 1000u)));
  return {figure("expansion/10k", "ms longest", at_most(20), rounds)};
}

}  // namespace weft::bench

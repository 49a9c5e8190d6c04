// SPDX-License-Identifier: Apache-2.0
// Small runs to keep in a store, and calls that wait for their answer.
#pragma once
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "model/batch.hpp"
#include "print_result.hpp"
#include "store/client.hpp"
#include "store/queries.hpp"
#include "store/store.hpp"
#include "temp_folder.hpp"

namespace weft::store {

RunId run_id(std::uint8_t number);
CommandId command_id(std::uint8_t number);
constexpr Timestamp at_ms(std::int64_t ms) {
  return from_unix_ms(1'700'000'000'000 + ms);
}
Money usd(std::int64_t micros);
ArtifactInfo picture(std::string_view bytes);

// Tasks "a", then the group "b" of `items` items, then "c", which needs b: nodes 0, 1, 2..., last.
std::shared_ptr<const Plan> small_plan(std::uint32_t items = 2, std::string name = "film");
InsertRun new_run(RunId id, std::uint64_t epoch, std::shared_ptr<const Plan> plan = small_plan());
AttemptRecord attempt_of(TaskNo task, AttemptNo attempt, MaybeMoney reserved = {});
InsertAttempt dispatch(RunId run, AttemptRecord attempt);
UpdateTask update(RunId run, TaskNo task, TaskState state, AttemptNo attempt = 0);
AppendEvent event(RunId run, std::uint64_t run_seq, std::string_view type = "task.ready");

// All writes to one run, by the owner of `epoch`.
Batch batch(RunId run, std::uint64_t epoch, std::vector<Write> writes);

// A state folder and ways to open it.
class StoreFixture {
 public:
  StoreFixture();
  Options options;
  std::unique_ptr<Store> open() const;
  std::unique_ptr<Client> client() const;
  std::unique_ptr<Queries> queries() const;

 private:
  testing::TempFolder folder_;
};

// Calls `start` with a callback and waits for what it is given.
template <class T, class Start>
result<T> wait_for(Start start) {
  std::promise<result<T>> promise;
  start([&](result<T> answer) { promise.set_value(std::move(answer)); });
  return promise.get_future().get();
}

result<CommitReport> commit(Store& store, Batch batch);
result<StoredRun> claim(Store& store, RunId run);
result<> submit(Store& store, Command command);
bool poll(Store& store);

}  // namespace weft::store

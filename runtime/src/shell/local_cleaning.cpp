// SPDX-License-Identifier: Apache-2.0
// Removing what nobody needs: old runs, and blobs that nothing refers to. Only the executing
// runtime may.
#include <future>
#include <map>

#include "shell/local_runtime.hpp"

namespace weft::shell {
namespace {

// A blob without a reference may belong to a row that is about to be written.
constexpr std::chrono::hours young{24};

result<store::RemovedRuns> remove_runs(store::Store& store, store::RemoveRuns what) {
  std::promise<result<store::RemovedRuns>> promise;
  auto future = promise.get_future();
  store.remove_runs(
      what, [&promise](result<store::RemovedRuns> done) { promise.set_value(std::move(done)); });
  return future.get();
}

result<std::size_t> trim_results(store::Store& store, const CacheLimits& limits) {
  std::promise<result<std::size_t>> promise;
  auto future = promise.get_future();
  store.trim_results(limits,
                     [&promise](result<std::size_t> done) { promise.set_value(std::move(done)); });
  return future.get();
}

result<std::vector<Digest>> forget(store::Store& store, std::vector<Digest> digests) {
  std::promise<result<std::vector<Digest>>> promise;
  auto future = promise.get_future();
  store.forget_artifacts(std::move(digests), [&promise](result<std::vector<Digest>> done) {
    promise.set_value(std::move(done));
  });
  return future.get();
}

std::vector<std::string> to_strings(const std::vector<RunId>& runs) {
  std::vector<std::string> ids;
  for (const RunId run : runs) ids.push_back(run.to_string());
  return ids;
}

}  // namespace

result<CleaningReport> LocalRuntime::clean(const Cleaning& cleaning) {
  auto reader = queries();
  if (!reader && reader.error().kind == ErrorKind::not_found)
    return CleaningReport{};  // nothing was ever kept
  if (!reader) return std::move(reader).error();
  if (auto tried = try_to_execute(Duty::commands); !tried) return std::move(tried).error();
  const auto running = executor();
  if (!running)
    return conflict("another process executes '" + environment_->state.string() + "'",
                    "clean up when it has gone, or ask it to");
  CleaningReport report;
  if (cleaning.runs_older_than) {
    auto removed = remove_runs(running->store(),
                               {now() - *cleaning.runs_older_than, cleaning.paid, cleaning.yes});
    if (!removed) return std::move(removed).error();
    report.runs = to_strings(removed->runs);
    report.runs_kept_for_paid = to_strings(removed->kept_for_paid);
  }
  const CacheLimits& limits = environment_->config.cache;
  auto excess = cleaning.yes ? trim_results(running->store(), limits)
                             : (*reader)->excess_results(limits, now());
  if (!excess) return std::move(excess).error();
  report.results = *excess;
  auto blobs = running->artifacts().list();
  if (!blobs) return std::move(blobs).error();
  const Timestamp young_since = now() - young;
  std::map<Digest, std::uint64_t> old;
  for (const artifact::ListedBlob& blob : *blobs)
    if (blob.used_at < young_since) old.emplace(blob.blob.digest, blob.blob.size_bytes);
  std::vector<Digest> candidates;
  for (const auto& [digest, size_bytes] : old) candidates.push_back(digest);
  auto gone =
      cleaning.yes ? forget(running->store(), candidates) : (*reader)->unreferenced(candidates);
  if (!gone) return std::move(gone).error();
  for (const Digest& digest : *gone) {
    if (cleaning.yes) {
      // Somebody may have put it again since it was listed: then it is about to be named by a row.
      auto removed = running->artifacts().remove_unless_used_since(digest, young_since);
      if (!removed) return std::move(removed).error();
      if (!*removed) continue;
    }
    ++report.blobs;
    report.blob_bytes += old.at(digest);
  }
  if (running->duty() == Duty::commands) stop_executing(false);
  return report;
}

}  // namespace weft::shell

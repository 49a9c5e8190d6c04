// SPDX-License-Identifier: Apache-2.0
// From an accepted prompt to its history entry: polling, and what it means when the answers stop.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <weft/plugin.hpp>

#include "client.hpp"
#include "live.hpp"

namespace comfyui {

// Prompts wait so long and none runs: the server's worker has died.
constexpr std::int64_t idle_proof_ms = 30'000;

struct Settings {
  bool shared = false;
  std::int64_t patience_ms = 0, stuck_ms = 0;
};

// Nothing was made, so nothing is to pay.
void spent_nothing(weft::job& job);

// Lives in the coroutine of its job.
class Follower {
 public:
  // `listener`: hears about the prompt.
  Follower(weft::job& job, Client& client, Live& live, Listener& listener,
           const Settings& settings);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // After a request that no answer settled: returns if the prompt is there. In neither queue nor
  // history, twice and a while apart: it was not accepted, and ends as `lost`.
  weft::task<> look_up(weft::error reason);
  // Waits for the history entry. Throws how it ended when there will be none.
  weft::task<nlohmann::json> entry();

 private:
  weft::task<Where> where_is();
  weft::task<std::optional<Where>> ask(std::string& trouble);
  weft::task<nlohmann::json> written_entry(std::string& trouble);
  void judge(std::optional<Where> where, const std::string& trouble);
  weft::task<> look_at_queue();
  weft::task<> give_up();
  weft::task<> look_at_memory();
  void note_place(std::size_t place);
  void tell();
  void hear();
  std::uint32_t poll_ms() const;

  weft::job& job_;
  Client& client_;
  Live& live_;
  Listener& listener_;
  const Settings& settings_;
  weft::waker early_;
  std::int64_t begun_, told_ms_ = 0, hurry_until_ms_ = 0, silence_ms_;
  std::int64_t next_look_at_memory_ = 0;
  // Since when something is so; 0: it is not.
  std::int64_t silent_since_ = 0, missing_since_ = 0, idle_since_ = 0, running_since_ = 0;
};

}  // namespace comfyui

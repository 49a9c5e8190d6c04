// SPDX-License-Identifier: Apache-2.0
// The one worker of the fake with its queue and history, all of it in memory. Pure: time comes in.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "disk.hpp"
#include "events.hpp"
#include "script.hpp"

namespace weft::comfy_fake {

// A prompt that was accepted.
struct Item {
  double number = 0;
  std::string id;
  json::object prompt{};
  json::object extra_data{};
  std::vector<std::string> outputs{};
  Timestamp accepted_at{};
};
// [number, prompt_id, prompt, extra_data, outputs_to_execute]
json::array describe(const Item& item);

class Worker {
 public:
  Worker(const Script& script, Disk& disk, Sockets& sockets)
      : script_(script), disk_(disk), sockets_(sockets) {}

  void add(Item item, Timestamp now);
  // Lets happen what is due.
  void advance(Timestamp now);
  // A client has connected: it is told the node that runs, if its own prompt does.
  void greet(const std::string& sid);
  // When something will happen by itself.
  std::optional<Timestamp> next_at() const;

  // Running and pending together.
  std::int64_t queue_remaining() const;
  json::object queue() const;                // GET /queue: pending ones in heap order
  bool remove_pending(std::string_view id);  // one of them
  void clear_pending();
  // Lands at the next progress tick or node; empty: whoever runs. False: that id does not run.
  bool interrupt(std::string_view id);
  void empty_cache() { cache_.clear(); }
  // The process ends, and another one begins.
  void lose_everything();

  const json::object* find_history(std::string_view id) const;
  const std::vector<std::pair<std::string, json::object>>& history() const { return history_; }
  void forget_history(std::string_view id);
  void clear_history() { history_.clear(); }

  const Item* running() const { return run_ ? &run_->item : nullptr; }
  std::optional<Timestamp> running_since() const;
  const Item* find_pending(std::string_view id) const;
  bool is_zombie() const noexcept { return zombie_; }
  std::int64_t nodes_run() const noexcept { return nodes_run_; }

 private:
  // What one execution of a prompt goes through.
  struct Run {
    Item item;
    std::vector<std::string> order;  // of the nodes that outputs need, dependencies first
    std::set<std::string> cached;
    std::size_t at = 0;  // in order
    std::int64_t step = 0;
    Timestamp began{}, next{};
    bool interrupted = false;
    bool ended = false;  // its history entry is still to come
    json::array messages;
    json::object outputs, meta, states;
    std::string status = "success";
  };

  void happen();
  void start(Timestamp at);
  void begin_node(Timestamp at);
  void go_on(Timestamp at);
  void finish_node(Timestamp at);
  void fail_node(Timestamp at, const ClassBehaviour& how);
  void end(Timestamp at, std::string_view event, json::object data);
  void enter_history(Timestamp at);

  std::string client() const;
  std::string class_of(const std::string& id) const;
  json::object node_event(const std::string& id) const;
  ClassBehaviour behaviour(const std::string& class_type) const;
  void note(Timestamp at, std::string_view event, json::object data);
  void set_state(const std::string& id, std::string_view state, double value, double max);
  void hand_over(const std::string& id, const json::object& output);
  void tell_status();

  const Script& script_;
  Disk& disk_;
  Sockets& sockets_;
  std::vector<Item> pending_;                                  // a heap
  std::vector<std::pair<std::string, json::object>> history_;  // oldest first
  std::map<std::string, json::object> cache_;                  // outputs by signature
  std::map<std::string, std::int64_t> failures_;               // by class
  std::optional<Run> run_;
  Timestamp ready_at_{};  // when the worker looked at the queue last
  bool zombie_ = false;
  std::int64_t nodes_run_ = 0;
};

}  // namespace weft::comfy_fake

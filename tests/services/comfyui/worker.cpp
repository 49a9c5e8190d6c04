// SPDX-License-Identifier: Apache-2.0
#include "worker.hpp"

#include <algorithm>
#include <functional>

#include "nodes.hpp"

namespace weft::comfy_fake {
namespace {

constexpr std::size_t most_history = 10'000;

// Of a heap whose first element runs next.
bool runs_later(const Item& a, const Item& b) {
  return std::pair(a.number, std::string_view(a.id)) > std::pair(b.number, std::string_view(b.id));
}

void visit(const json::object& prompt, const std::string& id, std::vector<std::string>& order) {
  if (std::ranges::find(order, id) != order.end()) return;
  for (const auto& [name, value] : prompt.at(id).at("inputs").as_object())
    if (const json::array* link = link_of(value))
      visit(prompt, std::string((*link)[0].as_string()), order);
  order.push_back(id);
}

}  // namespace

json::array describe(const Item& item) {
  return {item.number, item.id, item.prompt, item.extra_data,
          json::array(item.outputs.begin(), item.outputs.end())};
}

void Worker::add(Item item, Timestamp now) {
  if (!run_ && pending_.empty()) ready_at_ = now;
  pending_.push_back(std::move(item));
  std::ranges::push_heap(pending_, &runs_later);
  tell_status();
}

std::optional<Timestamp> Worker::next_at() const {
  if (zombie_) return std::nullopt;
  if (run_) return run_->next;
  if (!pending_.empty()) return ready_at_;
  return std::nullopt;
}

void Worker::advance(Timestamp now) {
  for (auto next = next_at(); next && *next <= now; next = next_at()) happen();
}

void Worker::happen() {
  if (!run_) return start(ready_at_);
  const Timestamp at = run_->next;
  if (run_->ended) return enter_history(at);
  go_on(at);
}

void Worker::start(Timestamp at) {
  std::ranges::pop_heap(pending_, &runs_later);
  run_.emplace().item = std::move(pending_.back());
  pending_.pop_back();
  run_->began = at;
  for (const std::string& output : run_->item.outputs)
    visit(run_->item.prompt, output, run_->order);
  tell_status();
  note(at, "execution_start", {});
  json::array cached;
  for (const std::string& id : run_->order)
    if (cache_.contains(signature_of(run_->item.prompt, id))) {
      run_->cached.insert(id);
      cached.push_back(json::value(id));
    }
  note(at, "execution_cached", {{"nodes", cached}});
  begin_node(at);
}

void Worker::begin_node(Timestamp at) {
  for (; run_->at < run_->order.size(); ++run_->at) {
    const std::string& id = run_->order[run_->at];
    if (!run_->cached.contains(id)) break;
    const json::object& output = cache_.at(signature_of(run_->item.prompt, id));
    if (!output.empty()) hand_over(id, output);
  }
  if (run_->at == run_->order.size()) return end(at, "execution_success", {});
  const std::string& id = run_->order[run_->at];
  if (run_->interrupted) return end(at, "execution_interrupted", node_event(id));
  const ClassBehaviour how = behaviour(class_of(id));
  zombie_ = how.kills_worker;
  set_state(id, "running", 0, 1);
  json::object data = node_event(id);
  data.erase("executed");
  data.erase("node_type");
  data.erase("node_id");
  data["node"] = id;
  data["display_node"] = id;
  sockets_.to(client(), "executing", data);
  run_->step = 0;
  run_->next = at + how.ms.value_or(script_.node_ms) / std::max<std::int64_t>(how.steps, 1);
}

void Worker::go_on(Timestamp at) {
  const std::string& id = run_->order[run_->at];
  const ClassBehaviour how = behaviour(class_of(id));
  if (++run_->step <= how.steps) {
    if (run_->interrupted) return end(at, "execution_interrupted", node_event(id));
    set_state(id, "running", static_cast<double>(run_->step), static_cast<double>(how.steps));
    const json::object progress{
        {"value", run_->step}, {"max", how.steps}, {"prompt_id", run_->item.id}, {"node", id}};
    if (const std::string sid = client(); sid.empty()) {
      sockets_.to_all("progress", progress);
    } else {
      sockets_.to(sid, "progress", progress);
    }
    if (script_.previews > 0)
      sockets_.preview(client(), small_picture("preview " + std::to_string(run_->step)),
                       {{"node_id", id},
                        {"prompt_id", run_->item.id},
                        {"display_node_id", id},
                        {"parent_node_id", nullptr},
                        {"real_node_id", id},
                        {"image_type", "image/png"}});
    if (run_->step < how.steps) {
      run_->next = at + how.ms.value_or(script_.node_ms) / how.steps;
      return;
    }
  }
  if (!how.fail_type.empty() && failures_[class_of(id)]++ < how.fail_times)
    return fail_node(at, how);
  finish_node(at);
}

void Worker::finish_node(Timestamp at) {
  const std::string id = run_->order[run_->at];
  ++nodes_run_;
  const bool is_output = std::ranges::find(run_->item.outputs, id) != run_->item.outputs.end();
  json::object output;
  if (is_output)
    output = run_output_node(run_->item.prompt, id, disk_, !behaviour(class_of(id)).skips_files);
  cache_[signature_of(run_->item.prompt, id)] = output;
  if (is_output && !output.empty()) hand_over(id, output);
  set_state(id, "finished", 1, 1);
  ++run_->at;
  begin_node(at);
}

void Worker::fail_node(Timestamp at, const ClassBehaviour& how) {
  const std::string& id = run_->order[run_->at];
  json::object data = node_event(id);
  data["exception_message"] = how.fail_message;
  data["exception_type"] = how.fail_type;
  data["traceback"] = json::array{"  File \"/ComfyUI/execution.py\", line 1, in execute\n"};
  data["current_inputs"] = json::object();
  data["current_outputs"] = json::array();
  end(at, "execution_error", std::move(data));
}

void Worker::end(Timestamp at, std::string_view event, json::object data) {
  run_->status = event == "execution_success" ? "success" : "error";
  note(at, event, std::move(data));
  run_->ended = true;
  run_->next = at + script_.history_delay;
}

void Worker::enter_history(Timestamp at) {
  json::object entry{{"prompt", describe(run_->item)},
                     {"outputs", run_->outputs},
                     {"status",
                      {{"status_str", run_->status},
                       {"completed", run_->status == "success"},
                       {"messages", run_->messages}}},
                     {"meta", run_->meta}};
  forget_history(run_->item.id);
  history_.emplace_back(run_->item.id, std::move(entry));
  if (history_.size() > most_history) history_.erase(history_.begin());
  const std::string sid = client();
  const json::object over{{"node", nullptr}, {"prompt_id", run_->item.id}};
  run_.reset();
  ready_at_ = at;
  tell_status();
  sockets_.to(sid, "executing", over);
}

std::int64_t Worker::queue_remaining() const {
  return static_cast<std::int64_t>(pending_.size()) + (run_ ? 1 : 0);
}

json::object Worker::queue() const {
  json::array running, pending;
  if (run_) running.push_back(describe(run_->item));
  for (const Item& item : pending_) pending.push_back(describe(item));
  return {{"queue_running", running}, {"queue_pending", pending}};
}

bool Worker::remove_pending(std::string_view id) {
  const auto found = std::ranges::find(pending_, id, &Item::id);
  if (found == pending_.end()) return false;
  pending_.erase(found);
  std::ranges::make_heap(pending_, &runs_later);
  tell_status();
  return true;
}

void Worker::clear_pending() {
  pending_.clear();
  tell_status();
}

void Worker::lose_everything() {
  pending_.clear();
  history_.clear();
  cache_.clear();
  run_.reset();
  zombie_ = false;
}

bool Worker::interrupt(std::string_view id) {
  if (!run_ || (!id.empty() && run_->item.id != id)) return false;
  run_->interrupted = true;
  return true;
}

const json::object* Worker::find_history(std::string_view id) const {
  const auto found = std::ranges::find(history_, id, &std::pair<std::string, json::object>::first);
  return found == history_.end() ? nullptr : &found->second;
}

void Worker::forget_history(std::string_view id) {
  std::erase_if(history_, [&](const auto& entry) { return entry.first == id; });
}

std::optional<Timestamp> Worker::running_since() const {
  return run_ ? std::optional(run_->began) : std::nullopt;
}

const Item* Worker::find_pending(std::string_view id) const {
  const auto found = std::ranges::find(pending_, id, &Item::id);
  return found == pending_.end() ? nullptr : &*found;
}

std::string Worker::client() const {
  const json::value* said = run_->item.extra_data.if_contains("client_id");
  return said && said->is_string() ? std::string(said->get_string()) : std::string();
}

std::string Worker::class_of(const std::string& id) const {
  return std::string(run_->item.prompt.at(id).at("class_type").as_string());
}

json::object Worker::node_event(const std::string& id) const {
  json::array executed;
  for (std::size_t i = 0; i < run_->at; ++i) executed.push_back(json::value(run_->order[i]));
  return {{"prompt_id", run_->item.id},
          {"node_id", id},
          {"node_type", class_of(id)},
          {"executed", executed}};
}

ClassBehaviour Worker::behaviour(const std::string& class_type) const {
  const auto found = script_.classes.find(class_type);
  return found == script_.classes.end() ? ClassBehaviour{} : found->second;
}

// An event of the run: in its messages, and to its client. Without a client only an interrupt is
// told, to everybody.
void Worker::note(Timestamp at, std::string_view event, json::object data) {
  data["prompt_id"] = run_->item.id;
  data["timestamp"] = to_unix_ms(at);
  run_->messages.push_back(json::array{event, data});
  const std::string sid = client();
  if (sid.empty() && event == "execution_interrupted") return sockets_.to_all(event, data);
  sockets_.to(sid, event, data);
}

void Worker::greet(const std::string& sid) {
  if (!run_ || sid.empty() || client() != sid || run_->ended || run_->at >= run_->order.size())
    return;
  sockets_.to(sid, "executing", {{"node", run_->order[run_->at]}});
}

void Worker::set_state(const std::string& id, std::string_view state, double value, double max) {
  if (!is_since(script_.version, 0, 3, 44)) return;  // and older ones tell no such thing
  run_->states[id] = {{"value", value},
                      {"max", max},
                      {"state", state},
                      {"node_id", id},
                      {"prompt_id", run_->item.id},
                      {"display_node_id", id},
                      {"parent_node_id", nullptr},
                      {"real_node_id", id}};
  const json::object data{{"prompt_id", run_->item.id}, {"nodes", run_->states}};
  if (const std::string sid = client(); sid.empty()) {
    sockets_.to_all("progress_state", data);
  } else {
    sockets_.to(sid, "progress_state", data);
  }
}

void Worker::hand_over(const std::string& id, const json::object& output) {
  run_->outputs[id] = output;
  run_->meta[id] = {
      {"node_id", id}, {"display_node", id}, {"parent_node", nullptr}, {"real_node_id", id}};
  sockets_.to(
      client(), "executed",
      {{"node", id}, {"display_node", id}, {"output", output}, {"prompt_id", run_->item.id}});
}

void Worker::tell_status() {
  sockets_.to_all("status",
                  {{"status", {{"exec_info", {{"queue_remaining", queue_remaining()}}}}}});
}

}  // namespace weft::comfy_fake

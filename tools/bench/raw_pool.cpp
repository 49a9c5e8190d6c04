// SPDX-License-Identifier: Apache-2.0
#include "raw_pool.hpp"

namespace weft::bench {

RawPool::RawPool(const Plan& plan)
    : first_edge_(plan.nodes.size() + 1, 0), in_degree_(plan.nodes.size(), 0) {
  for (const PlanEdge& edge : plan.edges) {  // sorted by `from`
    ++first_edge_[edge.from + 1];
    ++in_degree_[edge.to];
    dependents_.push_back(edge.to);
  }
  for (std::size_t i = 1; i < first_edge_.size(); ++i) first_edge_[i] += first_edge_[i - 1];
  thread_ = std::thread([this] { loop(); });
}

RawPool::~RawPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void RawPool::run() {
  open_ = in_degree_;
  left_ = in_degree_.size();
  for (TaskNo node = 0; node < in_degree_.size(); ++node)
    if (in_degree_[node] == 0) post(node);
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [this] { return left_ == 0; });
}

void RawPool::post(TaskNo node) {
  {
    const std::lock_guard lock(mutex_);
    queue_.emplace([this, node] { execute(node); });
  }
  wake_.notify_one();
}

void RawPool::execute(TaskNo node) {
  for (std::uint32_t i = first_edge_[node]; i < first_edge_[node + 1]; ++i)
    if (--open_[dependents_[i]] == 0) post(dependents_[i]);
  const std::lock_guard lock(mutex_);
  if (--left_ == 0) finished_.notify_one();
}

void RawPool::loop() {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop();
    }
    task();
  }
}

}  // namespace weft::bench

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "net/websocket_client.hpp"
#include "plugin/artifact_table.hpp"
#include "plugin/guardian.hpp"
#include "plugin/host.hpp"
#include "plugin/worker_pool.hpp"

namespace weft::plugin {

class Core;

class Host::Impl {
 public:
  explicit Impl(HostParts given)
      : parts(std::move(given)), sockets(parts.io, net::WebSocketOptions{}, parts.log) {}

  // Ids of jobs, calls and artifacts (law 3).
  std::uint64_t next_id() noexcept { return ++last_id_; }

  // Keeps what a destroyed instance was, so that a plugin that calls the host after that is told
  // off instead of reading freed memory.
  void retire(std::shared_ptr<Core> core) {
    const std::lock_guard lock(mutex_);
    retired_.push_back(std::move(core));
  }

  HostParts parts;
  net::WebSocketClient sockets;

 private:
  std::atomic<std::uint64_t> last_id_{0};
  std::mutex mutex_;
  std::vector<std::shared_ptr<Core>> retired_;

 public:
  ArtifactTable artifacts{last_id_};
  Guardian guardian;
  WorkerPool pool;  // last: joined before anything its work uses goes
};

}  // namespace weft::plugin

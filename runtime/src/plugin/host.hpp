// SPDX-License-Identifier: Apache-2.0
// What all plugin instances of a runtime share: the parts their host services stand on, the
// process-wide ids, and the threads for blocking work.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "artifact/artifact_store.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "observe/redactor.hpp"

namespace boost::asio {
class io_context;
}
namespace weft::net {
class HttpClient;
}

namespace weft::plugin {

// Where the values of secrets come from. Any thread.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  // The value to use now; nothing: it is not set.
  virtual std::optional<std::string> get(std::string_view name) = 0;
  // A service has refused `value` (401, 402, 429): it is to rest so long. Answers whether get()
  // now gives another one.
  virtual bool refuse(std::string_view name, std::string_view value, Duration rest) = 0;
};

// Small durable values of services (weft.state/1). Any thread; a put is seen by the next get and
// durable with a commit soon after.
class StateStore {
 public:
  virtual ~StateStore() = default;
  virtual std::optional<std::string> get(std::string_view service, std::string_view key) = 0;
  // An empty value removes the key.
  virtual result<> put(std::string_view service, std::string_view key, std::string_view value) = 0;
};

// Who looks at what jobs are making. Any thread; returns at once.
class PreviewSink {
 public:
  virtual ~PreviewSink() = default;
  virtual bool is_wanted(AttemptRef attempt) const noexcept = 0;
  virtual void show(AttemptRef attempt, std::string_view media_type, std::string_view bytes) = 0;
};

class StandIn;

// Everything referred to must outlive the host.
struct HostParts {
  boost::asio::io_context& io;  // run by a single thread
  net::HttpClient& http;        // on that same io_context
  artifact::ArtifactStore& artifacts;
  observe::Redactor& redactor;
  observe::Metrics& metrics;
  SecretSource& secrets;
  StateStore& state;
  observe::Logger log;
  // Jobs get a folder of their own in here, removed with their end; made, and emptied of what a
  // crash left, when the host is made. On the file system of the artifact store files are moved,
  // not copied.
  std::filesystem::path work_folder;
  StandIn* stand_in = nullptr;      // of a rehearsal (plugin/stand_in.hpp)
  PreviewSink* previews = nullptr;  // none: nobody ever looks
};

// The ids of the host services that this runtime offers ("weft.http/1", ...), sorted: what a
// manifest may name in `needs`.
std::span<const std::string_view> offered_services() noexcept;

class Host {
 public:
  // Kind machine when the work folder cannot be made.
  static result<std::unique_ptr<Host>> create(HostParts parts);
  // Another folder from now on, while no job runs; in the thread that runs the io_context. Kind
  // machine when it cannot be made.
  result<> move_work_folder(std::filesystem::path folder);
  // All instances must be gone. Joins its threads.
  ~Host();

  class Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  explicit Host(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::plugin

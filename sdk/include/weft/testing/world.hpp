// SPDX-License-Identifier: Apache-2.0
// weft/testing/world.hpp - the state behind the fake host: a virtual clock and its agenda, a store
// of files, a scripted network, and the book of what each instance said. No table and no pointer of
// the ABI lives here; see tables.hpp.
#pragma once

#include <weft/testing/child.hpp>
#include <weft/testing/records.hpp>
#include <weft/testing/websocket_peer.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace weft::testing::detail {

// One instance as the host sees it.
struct tenant {
  weft_host raw{};  // raw.impl is this tenant
  class world* all = nullptr;
  const weft_entry* entry = nullptr;
  std::string component, config;
  const weft_instance* plugin = nullptr;
  bool alive = true;
  std::set<weft_id> used_ops = {};
  std::map<std::string, std::vector<std::byte>, std::less<>> tables = {};  // as long as they claim
};

// An operation that an instance started and whose end has not been delivered.
struct under_way {
  std::uint32_t end_type;
  weft_id job;
  std::shared_ptr<bool> stop = std::make_shared<bool>(false);  // children look at it
};

class world {
 public:
  world() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weft-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw error(WEFT_EXHAUSTED, "no folder for a test in " + pattern);
    folder_ = pattern;
    std::filesystem::create_directory(folder_ / "store");
  }
  world(const world&) = delete;
  world& operator=(const world&) = delete;
  ~world() {
    {
      std::lock_guard hold(mutex);
      for (auto& [op, at] : ops) *at.stop = true;
    }
    children.clear();  // joins
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // Guards everything below. Never held while a plugin is called.
  std::mutex mutex;
  std::condition_variable changed;

  std::int64_t now_ms = 1'700'000'000'000;
  std::map<std::string, std::string> secrets;
  std::map<std::string, std::string> state;
  std::map<std::string, double> metrics;
  std::map<std::string, const void*> offered;        // by the test
  std::map<std::string, std::uint32_t> table_sizes;  // 0: not offered
  std::uint32_t task_size = sizeof(weft_task);
  std::uint32_t commit_ms = 0;
  std::vector<log_record> logs;
  std::vector<http_call> http_calls;
  std::vector<std::string> violations;
  std::vector<std::uint32_t> changes;
  std::map<weft_id, std::shared_ptr<job_record>> jobs;
  using op_key = std::pair<tenant*, weft_id>;
  std::map<op_key, under_way> ops;
  std::map<op_key, std::shared_ptr<websocket_line>> websockets;
  bool previews_wanted = false;
  std::vector<std::jthread> children;
  int live_children = 0;

  void violation(std::string text) { violations.push_back(std::move(text)); }
  weft_id next_id() { return ++last_id_; }

  // ---- the agenda: what will be delivered, by time, then in the order it was put down

  void at(std::int64_t time_ms, tenant* to, weft_id op, std::function<void()> deliver) {
    agenda_.emplace(std::pair(time_ms, ++last_entry_), entry{to, op, std::move(deliver)});
    changed.notify_all();
  }
  // The next thing to do, if it is due by `until_ms`; moves the clock.
  std::function<void()> take(std::int64_t until_ms) {
    if (agenda_.empty() || agenda_.begin()->first.first > until_ms) return {};
    auto next = agenda_.extract(agenda_.begin());
    now_ms = std::max(now_ms, next.key().first);
    return std::move(next.mapped().deliver);
  }
  void forget(tenant* of, weft_id op) {
    std::erase_if(agenda_,
                  [&](const auto& item) { return item.second.to == of && item.second.op == op; });
  }
  void forget(tenant* of) {
    std::erase_if(agenda_, [&](const auto& item) { return item.second.to == of; });
    std::erase_if(ops, [&](auto& item) {
      if (item.first.first == of) *item.second.stop = true;
      return item.first.first == of;
    });
  }

  // ---- files

  stored store(std::string_view bytes, std::string_view media_type) {
    const std::filesystem::path path = new_path(media_type);
    std::ofstream(path, std::ios::binary) << bytes;
    return adopt(path, media_type);
  }
  // Moves a finished file into the store (copies what was not reserved).
  stored adopt(const std::filesystem::path& file, std::string_view media_type) {
    stored made;
    made.id = next_id();
    made.media_type = media_type;
    const auto home = folder_ / "store" / (std::to_string(made.id) + extension_of(media_type));
    const bool ours = file.string().starts_with(folder_.string());
    if (ours) {
      std::filesystem::rename(file, home);
    } else {
      std::filesystem::copy_file(file, home);
    }
    made.path = home.string();
    const std::string bytes = made.bytes();
    made.digest = digest_of(bytes);
    made.length = bytes.size();
    store_[made.id] = made;
    return made;
  }
  const stored* find(weft_id artifact) const {
    const auto found = store_.find(artifact);
    return found == store_.end() ? nullptr : &found->second;
  }
  weft_id find(std::string_view digest) const {
    for (const auto& [id, content] : store_)
      if (content.digest == digest) return id;
    return 0;
  }
  std::filesystem::path new_path(std::string_view media_type) {
    return folder_ / ("file-" + std::to_string(next_id()) + extension_of(media_type));
  }
  const std::filesystem::path& folder() const { return folder_; }

  // The bytes that a blob stands for, as they would go on the wire or into the store.
  std::string read(const weft_blob& blob) const {
    std::string bytes(view(blob.data));
    if (blob.kind == WEFT_BYTES) return bytes;
    if (blob.kind == WEFT_ARTIFACT) {
      const stored* content = find(blob.artifact);
      if (content == nullptr) throw error(WEFT_LOST, "no such artifact");
      bytes = content->bytes();
    } else {
      bytes = stored{.path = bytes}.bytes();
    }
    bytes.erase(0, blob.offset);
    return blob.length == 0 || blob.kind == WEFT_ARTIFACT ? bytes : bytes.substr(0, blob.length);
  }

  // ---- the network

  void on_http(std::string method, std::string prefix, http_handler handler) {
    handlers_.insert(handlers_.begin(), {std::move(method), std::move(prefix), std::move(handler)});
  }
  http_answer answer(const http_call& call) {
    for (const script& known : handlers_)
      if (known.method == call.method && call.url.starts_with(known.prefix))
        return known.handler(call);
    violation("nothing is scripted for " + call.method + " " + call.url);
    http_answer none;
    none.failure = WEFT_NOT_SENT;
    return none;
  }
  void on_websocket(std::string prefix, websocket_handler handler) {
    websocket_handlers_.insert(websocket_handlers_.begin(),
                               {std::move(prefix), std::move(handler)});
  }
  // Empty, and a violation: nothing is scripted for it.
  websocket_handler websocket_handler_of(const std::string& url) {
    for (const auto& [prefix, handler] : websocket_handlers_)
      if (url.starts_with(prefix)) return handler;
    violation("nothing is scripted for a WebSocket to " + url);
    return {};
  }
  // "{secret:NAME}" and "{secret:NAME|base64}" filled in; WEFT_AUTH if one is missing.
  std::string fill_secrets(std::string text) const {
    for (std::size_t at; (at = text.find("{secret:")) != std::string::npos;) {
      const std::size_t end = text.find('}', at);
      const std::string whole = text.substr(at + 8, end - at - 8);
      const std::string name = whole.substr(0, whole.find('|'));
      const auto found = secrets.find(name);
      if (end == std::string::npos || found == secrets.end() ||
          (whole != name && whole != name + "|base64"))
        throw error(WEFT_AUTH, "no such secret");
      text.replace(at, end - at + 1, whole == name ? found->second : base64_encode(found->second));
    }
    return text;
  }

 private:
  struct entry {
    tenant* to;
    weft_id op;
    std::function<void()> deliver;
  };
  struct script {
    std::string method, prefix;
    http_handler handler;
  };

  std::filesystem::path folder_;
  std::map<std::pair<std::int64_t, std::uint64_t>, entry> agenda_;
  std::map<weft_id, stored> store_;
  std::vector<script> handlers_;
  std::vector<std::pair<std::string, websocket_handler>> websocket_handlers_;
  weft_id last_id_ = 0;
  std::uint64_t last_entry_ = 0;
};

}  // namespace weft::testing::detail

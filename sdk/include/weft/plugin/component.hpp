// SPDX-License-Identifier: Apache-2.0
// weft/plugin/component.hpp - what adapters and executors share: how an instance is made, asked and
// destroyed.
#pragma once

#include <weft/plugin/host.hpp>
#include <weft/plugin/values.hpp>

#include <memory>
#include <string_view>
#include <utility>

namespace weft {

// What the constructor of a component gets.
class context {
 public:
  context(const weft_host* host, nlohmann::json config) : host_(host), config_(std::move(config)) {}

  // Already checked against the manifest's config_schema.
  const nlohmann::json& config() const noexcept { return config_; }

 private:
  template <class Impl>
  friend class component;
  const weft_host* host_;
  nlohmann::json config_;
};

// Base of adapter<Impl> and executor<Impl>. Impl names itself with `static constexpr
// std::string_view name`, as the manifest does, and is constructed from a context. If it has `void
// configure(const nlohmann::json&)` a new configuration is handed to the living instance, else the
// host makes a new one.
template <class Impl>
class component {
 public:
  component(const component&) = delete;
  component& operator=(const component&) = delete;

  const weft::host& host() const noexcept { return host_; }

  // weft_entry.create of one component.
  static weft_status create(const weft_host* raw, weft_str config,
                            const weft_instance** instance) noexcept {
    return guarded([&] {
      try {
        auto self = std::make_unique<Impl>(context(raw, parse_json(config)));
        *instance = &self.release()->handle_;
      } catch (...) {
        const outcome failed = outcome_of_current_exception();
        weft::host(raw).log(WEFT_LOG_ERROR, failed.message);
        return failed.status;
      }
      return weft_status{WEFT_OK};
    });
  }

 protected:
  explicit component(const context& made_from) : host_(made_from.host_) {
    handle_.size = sizeof handle_;
    handle_.impl = this;
    handle_.query = [](const weft_instance*, const char* id) noexcept -> const void* {
      return std::string_view(id) == Impl::interface_id() ? Impl::interface_table() : nullptr;
    };
    handle_.event = [](const weft_instance* i, const weft_event* event) noexcept {
      (void)guarded([&] { return of(i).deliver(*event), WEFT_OK; });
    };
    if constexpr (requires(Impl & impl, const nlohmann::json& json) { impl.configure(json); })
      handle_.configure = [](const weft_instance* i, weft_str config) noexcept -> weft_status {
        return guarded([&] { return of(i).configure(parse_json(config)), WEFT_OK; });
      };
    handle_.drain = [](const weft_instance* i, weft_id call) noexcept {
      (void)guarded([&] {
        of(i).drain();
        of(i).end(call, {});
        return WEFT_OK;
      });
    };
    handle_.destroy = [](const weft_instance* i) noexcept {
      of(i).let_go();
      delete &of(i);
    };
  }
  ~component() = default;

  static Impl& of(const weft_instance* instance) noexcept {
    return static_cast<Impl&>(*static_cast<component*>(instance->impl));
  }

  // The one end of a job or call (law 4). Never throws: if even the texts do not fit into memory it
  // ends without them.
  void end(weft_id id, const outcome& how) const noexcept {
    if (!WEFT_CAN(host_.job_table(), weft_job, end)) return;
    weft_result result{};
    result.size = sizeof result;
    result.status = how.status;
    result.retry_after_ms = how.retry_after_ms;
    result.cost_basis = how.spent.basis();
    result.cost_micros = how.spent.micros();
    result.currency = borrow(how.spent.currency());
    result.message = borrow(how.message);
    result.cpu_ms = how.used.cpu_ms;
    result.memory_bytes = how.used.memory_bytes;
    result.gpu_memory_bytes = how.used.gpu_memory_bytes;
    result.queue_place = how.used.queue_place;
    std::string json;
    try {
      json = dump_json(how.value);
    } catch (...) {
      result.status = WEFT_EXHAUSTED;
    }
    result.json = borrow(json);
    host_.job_table()->end(host_.raw(), id, &result);
  }

 private:
  weft::host host_;
  weft_instance handle_{};
};

}  // namespace weft

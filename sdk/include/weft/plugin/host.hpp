// SPDX-License-Identifier: Apache-2.0
// weft/plugin/host.hpp - weft::host, the host as a plugin instance sees it: its service tables, and
// the simple calls.
//
// Thread-safe, as every host function is. A service that the host does not offer, or offers in an
// older, shorter form, throws weft::error(WEFT_UNSUPPORTED) where it is needed; logs and metrics
// are dropped instead.
#pragma once

#include <weft/abi.h>
#include <weft/artifact.h>
#include <weft/draft/expression.h>
#include <weft/draft/preview.h>
#include <weft/draft/process.h>
#include <weft/draft/websocket.h>
#include <weft/host.h>
#include <weft/http.h>
#include <weft/plugin/values.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace weft {

class host {
 public:
  explicit host(const weft_host* raw)
      : raw_(raw),
        log_(find<weft_log>(WEFT_LOG)),
        job_(find<weft_job>(WEFT_JOB)),
        timer_(find<weft_timer>(WEFT_TIMER)),
        secrets_(find<weft_secrets>(WEFT_SECRETS)),
        state_(find<weft_state>(WEFT_STATE)),
        metrics_(find<weft_metrics>(WEFT_METRICS)),
        http_(find<weft_http>(WEFT_HTTP)),
        artifacts_(find<weft_artifacts>(WEFT_ARTIFACTS)),
        process_(find<weft_process>(WEFT_PROCESS)),
        expression_(find<weft_expression>(WEFT_EXPRESSION)),
        websocket_(find<weft_websocket>(WEFT_WEBSOCKET)),
        preview_(find<weft_preview>(WEFT_PREVIEW)) {}

  // WEFT_LOG_TRACE ... WEFT_LOG_ERROR; `about` is a job or call, 0 the instance itself.
  void log(std::int32_t level, std::string_view text,
           const nlohmann::json& fields = nlohmann::json::object(), weft_id about = 0) const {
    if (!WEFT_CAN(log_, weft_log, write)) return;
    if (level < static_cast<std::int32_t>(log_->threshold)) return;
    log_->write(raw_, level, about, borrow(text), borrow(dump_json(fields)));
  }

  // Unix time on the host's clock, which tests may have made virtual.
  std::int64_t now_ms() const {
    if (!WEFT_CAN(timer_, weft_timer, now_ms)) missing(WEFT_TIMER);
    return timer_->now_ms(raw_);
  }

  // Throws WEFT_AUTH if the service's configuration does not list the name, or it is not set.
  std::string secret(std::string_view name) const {
    if (!WEFT_CAN(secrets_, weft_secrets, get)) missing(WEFT_SECRETS);
    std::string value;
    if (auto status = secrets_->get(raw_, borrow(name), &value, &take); status != WEFT_OK)
      throw error(status,
                  "secret '" + std::string(name) + "' is not available; list it under `secrets`");
    return value;
  }

  // Small durable values of this service; nothing under that key: nullopt.
  std::optional<std::string> state(std::string_view key) const {
    if (!WEFT_CAN(state_, weft_state, get)) missing(WEFT_STATE);
    std::string value;
    const weft_status status = state_->get(raw_, borrow(key), &value, &take);
    if (status == WEFT_LOST) return std::nullopt;
    if (status != WEFT_OK) throw error(status, "cannot read state '" + std::string(key) + "'");
    return value;
  }
  void set_state(std::string_view key, std::string_view value) const {
    if (!WEFT_CAN(state_, weft_state, put)) missing(WEFT_STATE);
    if (auto status = state_->put(raw_, borrow(key), borrow(value)); status != WEFT_OK)
      throw error(status, "cannot write state '" + std::string(key) + "'");
  }

  void count(std::string_view counter, double delta = 1,
             const nlohmann::json& labels = nlohmann::json::object()) const {
    if (WEFT_CAN(metrics_, weft_metrics, add))
      metrics_->add(raw_, borrow(counter), borrow(dump_json(labels)), delta);
  }
  void observe(std::string_view histogram, double value,
               const nlohmann::json& labels = nlohmann::json::object()) const {
    if (WEFT_CAN(metrics_, weft_metrics, observe))
      metrics_->observe(raw_, borrow(histogram), borrow(dump_json(labels)), value);
  }

  // Asks the host to describe (WEFT_CHANGED_OPERATIONS) or probe (WEFT_CHANGED_HEALTH) again.
  void changed(std::uint32_t what) const {
    if (WEFT_CAN(raw_, weft_host, changed)) raw_->changed(raw_, what);
  }

  // A path for a new file of this job; see weft_artifacts.reserve.
  std::string reserve(weft_id job, std::string_view media_type) const {
    if (!WEFT_CAN(artifacts_, weft_artifacts, reserve)) missing(WEFT_ARTIFACTS);
    std::string path;
    if (auto status = artifacts_->reserve(raw_, job, borrow(media_type), &path, &take);
        status != WEFT_OK)
      throw error(status, "the host gave no path for a new file");
    return path;
  }
  // Where an artifact can be read.
  std::string locate(weft_id artifact) const {
    if (!WEFT_CAN(artifacts_, weft_artifacts, locate)) missing(WEFT_ARTIFACTS);
    std::string path;
    if (auto status = artifacts_->locate(raw_, artifact, &path, &take); status != WEFT_OK)
      throw error(status, "an artifact is not in the store");
    return path;
  }

  // Tables, for the other files of the C++ face; null if the host does not offer one.
  const weft_host* raw() const noexcept { return raw_; }
  const weft_job* job_table() const noexcept { return job_; }
  const weft_timer* timer_table() const noexcept { return timer_; }
  const weft_http* http_table() const noexcept { return http_; }
  const weft_artifacts* artifact_table() const noexcept { return artifacts_; }
  const weft_process* process_table() const noexcept { return process_; }
  const weft_expression* expression_table() const noexcept { return expression_; }
  const weft_websocket* websocket_table() const noexcept { return websocket_; }
  const weft_preview* preview_table() const noexcept { return preview_; }

  [[noreturn]] static void missing(std::string_view service) {
    throw error(WEFT_UNSUPPORTED, "the host does not offer " + std::string(service));
  }

 private:
  template <class Table>
  const Table* find(const char* id) const noexcept {
    if (!WEFT_CAN(raw_, weft_host, service)) return nullptr;
    return static_cast<const Table*>(raw_->service(raw_, id));
  }
  static void take(void* context, weft_str value) noexcept {
    // Out of memory inside a sink has no way back: the host is in the middle of a call.
    *static_cast<std::string*>(context) = std::string(view(value));
  }

  const weft_host* raw_;
  const weft_log* log_;
  const weft_job* job_;
  const weft_timer* timer_;
  const weft_secrets* secrets_;
  const weft_state* state_;
  const weft_metrics* metrics_;
  const weft_http* http_;
  const weft_artifacts* artifacts_;
  const weft_process* process_;
  const weft_expression* expression_;
  const weft_websocket* websocket_;
  const weft_preview* preview_;
};

}  // namespace weft

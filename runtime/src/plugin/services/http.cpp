// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>

#include "artifact/media_type.hpp"
#include "plugin/services/header_list.hpp"
#include "plugin/services/http_request.hpp"
#include "plugin/services/tables.hpp"
#include "plugin/stand_in.hpp"

namespace weft::plugin::services {
namespace {

// What an answer's head says, for the events that carry it.
struct Head {
  std::uint32_t status = 0;
  std::shared_ptr<const HeaderList> headers;
};

void set_head(weft_http_event& event, const Head& head) {
  event.http_status = head.status;
  if (head.headers) event.headers = head.headers->raw();
}

class Exchange final : public Operation, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(Core& core, weft_id op, PlannedRequest request)
      : core_(core.weak_from_this()), op_(op), request_(std::move(request)) {}

  void begin() override { prepare(*core_.lock()); }

  void cancel() override {
    const auto core = core_.lock();
    if (!core) return;
    if (transfer_)
      core->host.parts.http.cancel(*transfer_);
    else if (!answered_)
      core->finish<weft_http_event>(op_, WEFT_EV_HTTP_DONE, WEFT_CANCELLED);
  }

  void credit(std::uint64_t bytes) {
    if (const auto core = core_.lock(); core && transfer_)
      core->host.parts.http.credit(*transfer_, bytes);
  }

 private:
  void prepare(Core& core) {
    answered_ = false;
    if (!reads_files(request_)) return send(core, with_body(request_, core.host.parts.artifacts));
    core.host.pool.post([core = core.shared_from_this(), self = shared_from_this()] {
      auto http = with_body(self->request_, core->host.parts.artifacts);
      core->on_strand([self, http = std::move(http)](Core& later) mutable {
        self->send(later, std::move(http));
      });
    });
  }

  void send(Core& core, result<net::HttpRequest> http) {
    if (!core.operations.find(op_)) return;  // cancelled meanwhile
    if (!http)
      return core.finish<weft_http_event>(op_, WEFT_EV_HTTP_DONE, WEFT_BAD_INPUT,
                                          http.error().to_string());
    if (request_.streams) {
      http->answer_to = stream();
    } else if (!request_.save_as.empty()) {
      file_ = core.host.parts.artifacts.reserve(".part");
      http->answer_to = net::ToFile{file_, request_.body_limit_bytes};
      http->goes_on = !request_.buys;
    } else {
      http->answer_to = net::ToMemory{request_.body_limit_bytes};
    }
    if (StandIn* stand_in = core.host.parts.stand_in)
      return rehearse(core, *stand_in, *std::move(http));
    transfer_ = core.host.parts.http.start(
        *std::move(http), [self = shared_from_this()](net::TransferId, net::HttpResult answer) {
          self->transfer_.reset();
          self->answered_ = true;
          if (const auto later = self->core_.lock()) self->take(*later, std::move(answer));
        });
  }

  void rehearse(Core& core, StandIn& stand_in, net::HttpRequest http) {
    for (const net::Header& written : request_.secret_templates)
      for (net::Header& header : http.headers)
        if (header.secret && header.name == written.name) header.value = written.value;
    auto answer = stand_in.answer(http, request_.buys);
    if (!answer) return;
    if (*answer) (*answer)->body_bytes = (*answer)->body.size();
    if (*answer && !file_.empty() && (*answer)->status / 100 == 2) {
      std::ofstream(file_, std::ios::binary) << (*answer)->body;
      (*answer)->body.clear();
    } else if (*answer && request_.streams) {
      const net::ToSink sink = stream();
      sink.on_head((*answer)->status, (*answer)->headers);
      sink.on_data((*answer)->body);
    }
    answered_ = true;
    take(core, *std::move(answer));
  }

  net::ToSink stream() {
    const auto self = shared_from_this();
    net::ToSink sink;
    sink.on_head = [self](int status, const net::Headers& headers) {
      self->head_ = {static_cast<std::uint32_t>(status), std::make_shared<HeaderList>(headers)};
    };
    sink.on_data = [self](std::string_view piece) {
      self->length_ += piece.size();
      const auto core = self->core_.lock();
      if (!core) return;
      core->deliver([op = self->op_, head = self->head_, length = self->length_,
                     bytes = std::string(piece)](const weft_instance& plugin) {
        auto event = make_event<weft_http_event>(op, WEFT_EV_HTTP_DATA, WEFT_OK);
        set_head(event, head);
        event.body = borrow(bytes);
        event.length = length;
        plugin.event(&plugin, &event.head);
      });
    };
    return sink;
  }

  void take(Core& core, net::HttpResult answer) {
    if (!answer) {
      return core.finish<weft_http_event>(
          op_, WEFT_EV_HTTP_DONE, status_of(answer.error(), request_.buys), answer.error().message,
          [status = answer.error().status](weft_http_event& event) {
            event.http_status = static_cast<std::uint32_t>(status);
          });
    }
    if (!request_.streams && has_another_key(core, *answer)) return prepare(core);
    head_ = {static_cast<std::uint32_t>(answer->status),
             std::make_shared<HeaderList>(std::move(answer->headers))};
    const bool is_saved = !file_.empty() && answer->status >= 200 && answer->status < 300;
    if (!is_saved) return tell(core, std::move(*answer), {});
    core.host.pool.post([later = core.shared_from_this(), self = shared_from_this(),
                         whole = std::move(*answer)] { self->save(*later, whole); });
  }

  // The service has taken nothing of this request because of its key: it may have another one.
  bool has_another_key(Core& core, const net::HttpResponse& answer) {
    constexpr Duration rest_of_refused = std::chrono::hours{1};
    constexpr Duration rest_of_busy = std::chrono::minutes{1};
    const bool busy = answer.status == 429;
    if (!busy && answer.status != 401 && answer.status != 402) return false;
    bool another = false;
    for (const UsedSecret& used : request_.secrets)
      another |= core.host.parts.secrets.refuse(
          used.name, used.value,
          busy ? answer.retry_after.value_or(rest_of_busy) : rest_of_refused);
    return another &&
           refill_secrets(request_, [&](std::string_view name) { return core.secret(name); });
  }

  // In a worker. A 204 has no body and makes no file: then there is nothing to save.
  void save(Core& core, const net::HttpResponse& answer) const {
    Blob blob;
    blob.kind = WEFT_FILE;
    blob.file = file_;
    blob.media_type = media_type();
    auto stored = store_blob(blob, {}, core.host.parts.artifacts);
    if (stored) return tell(core, answer, *stored);
    core.log.error("an answer cannot be saved", {{"error", stored.error().to_string()}});
    core.finish<weft_http_event>(op_, WEFT_EV_HTTP_DONE,
                                 request_.buys ? WEFT_UNKNOWN : WEFT_TRANSIENT,
                                 stored.error().to_string());
  }

  // save_as, unless it leaves it to the answer; "": to be found out from the bytes.
  std::string media_type() const {
    if (request_.save_as.find('*') == std::string::npos) return request_.save_as;
    const std::string* said = net::find_header(head_.headers->headers(), "content-type");
    return said ? said->substr(0, said->find(';')) : std::string();
  }

  void tell(Core& core, net::HttpResponse answer, const std::optional<ArtifactInfo>& saved) const {
    const auto retry_after_ms =
        std::clamp<std::int64_t>(answer.retry_after.value_or(Duration(0)).count(), 0, 0xffff'ffff);
    core.finish<weft_http_event>(
        op_, WEFT_EV_HTTP_DONE, WEFT_OK, {},
        [head = head_, body = std::move(answer.body), length = answer.body_bytes, retry_after_ms,
         id = saved ? core.host.artifacts.id_of(*saved) : 0,
         digest = saved ? saved->digest.to_string() : std::string()](weft_http_event& event) {
          set_head(event, head);
          event.head.retry_after_ms = static_cast<std::uint32_t>(retry_after_ms);
          event.body = borrow(body);
          event.length = length;
          event.artifact = id;
          event.digest = borrow(digest);
        });
  }

  std::weak_ptr<Core> core_;
  const weft_id op_;
  PlannedRequest request_;
  std::filesystem::path file_;  // of save_as
  std::optional<net::TransferId> transfer_;
  bool answered_ = false;
  Head head_;
  std::uint64_t length_ = 0;  // delivered of a stream
};

weft_status start(const weft_host* host, weft_id op, const weft_http_request* raw) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  if (!raw) return WEFT_BAD_INPUT;
  Planned planned = plan_request(*raw, core->host.artifacts,
                                 [core](std::string_view name) { return core->secret(name); });
  if (const auto* refused = std::get_if<Refusal>(&planned)) {
    core->log.warn("a request was refused", {{"reason", refused->message}});
    return refused->status;
  }
  const weft_id job = WEFT_HAS(raw, weft_http_request, job) ? raw->job : 0;
  return core->start(
      op, job, std::make_shared<Exchange>(*core, op, std::get<PlannedRequest>(std::move(planned))));
}

void credit(const weft_host* host, weft_id op, std::uint64_t bytes) noexcept {
  Core* core = living(host);
  if (!core) return;
  core->on_strand([op, bytes](Core& later) {
    if (const auto exchange = std::dynamic_pointer_cast<Exchange>(later.operations.find(op)))
      exchange->credit(bytes);
  });
}

void cancel(const weft_host* host, weft_id op) noexcept {
  if (Core* core = living(host)) core->cancel_operation(op);
}

}  // namespace

constinit const weft_http http_table{sizeof(weft_http), 0, start, credit, cancel};

}  // namespace weft::plugin::services

// SPDX-License-Identifier: Apache-2.0
#include "net/websocket_client.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/url/parse.hpp>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/text.hpp"
#include "net/websocket_session.hpp"

namespace weft::net {
namespace {

namespace asio = boost::asio;
using Cause = WebSocketEnd::Cause;

bool is_of_the_handshake(const std::string& name) {
  for (const char* theirs : {"Host", "Connection", "Upgrade", "Sec-WebSocket-Key",
                             "Sec-WebSocket-Version", "Sec-WebSocket-Extensions"})
    if (same_header_name(name, theirs)) return true;
  return false;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

// What is wrong with a header; "": nothing.
std::string fault_of(const Header& header) {
  const bool is_name = !header.name.empty() && std::ranges::all_of(header.name, [](char c) {
    return c > 0x20 && c < 0x7F &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
  });
  if (!is_name) return "'" + excerpt(header.name) + "' is not a header name";
  if (is_of_the_handshake(header.name))
    return header.name + " belongs to the handshake and cannot be set";
  if (has_control_character(header.value))
    return "the value of header " + header.name + " has a control character in it";
  return {};
}

// What is wrong with the request; "": nothing, and the plan has its parts.
std::string take_apart(WebSocketPlan& plan, bool& is_secure) {
  const auto url = boost::urls::parse_uri(plan.request.url);
  if (!url) return "the URL is malformed";
  if (url->has_userinfo()) return "the URL has user-info in it; put credentials in a secret header";
  is_secure = url->scheme_id() == boost::urls::scheme::wss;
  if (!is_secure && url->scheme_id() != boost::urls::scheme::ws)
    return "the URL is not a ws or wss URL";
  plan.host = url->host_address();
  if (plan.host.empty()) return "the URL names no host";
  plan.port = url->has_port() && !url->port().empty() ? std::string(url->port())
              : is_secure                             ? "443"
                                                      : "80";
  plan.target = std::string(url->encoded_path());
  if (plan.target.empty()) plan.target = "/";
  if (url->has_query()) plan.target += "?" + std::string(url->encoded_query());
  for (const Header& header : plan.request.headers)
    if (std::string wrong = fault_of(header); !wrong.empty()) return wrong;
  return {};
}

}  // namespace

std::string_view to_string(WebSocketEnd::Cause cause) noexcept {
  constexpr std::array<std::string_view, 9> words{"closed",      "bad_request", "cannot_connect",
                                                  "refused",     "timed_out",   "connection_lost",
                                                  "bad_message", "too_large",   "cancelled"};
  return words[static_cast<std::size_t>(cause)];
}

// Other threads only look up who is meant and post; everything else happens in the io thread.
class WebSocketClient::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, WebSocketOptions options, observe::Logger log)
      : io_(io), options_(std::move(options)), log_(std::move(log)) {}

  WebSocketId open(WebSocketRequest request, WebSocketEvents events) {
    WebSocketId id{};
    {
      const std::lock_guard lock(mutex_);
      id = WebSocketId{++last_id_};
      unsent_[id] = std::make_shared<std::atomic<std::uint64_t>>(0);
      begun_[id] = {std::move(request), std::move(events)};
    }
    post([id](Impl& self) {
      if (auto begun = self.take_begun(id)) self.start(id, *std::move(begun));
    });
    return id;
  }

  bool send(WebSocketId id, WebSocketMessage message) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = unsent_.find(id);
      if (found == unsent_.end()) return false;
      std::atomic<std::uint64_t>& waits = *found->second;
      if (waits > 0 && waits + message.bytes.size() > options_.unsent_limit_bytes) return false;
      waits += message.bytes.size();
    }
    with_session(id, [message = std::move(message)](WebSocketSession& session) mutable {
      session.send(std::move(message));
    });
    return true;
  }

  template <class Work>
  void with_session(WebSocketId id, Work work) {
    post([id, work = std::move(work)](Impl& self) mutable {
      const auto found = self.sessions_.find(id);
      if (found == self.sessions_.end()) return;
      const auto session = found->second;  // its end takes it off the list
      work(*session);
    });
  }

  void end_all() {
    while (auto begun = take_begun({})) {
      WebSocketEnd how;
      how.cause = Cause::cancelled;
      how.message = "the client was closed";
      if (begun->events.on_end) begun->events.on_end(std::move(how));
    }
    while (!sessions_.empty()) {
      const auto session = sessions_.begin()->second;
      session->end(Cause::cancelled, "the client was closed");
    }
  }

 private:
  struct Begun {
    WebSocketRequest request;
    WebSocketEvents events;
  };

  // That one, or any.
  std::optional<Begun> take_begun(std::optional<WebSocketId> id) {
    const std::lock_guard lock(mutex_);
    const auto found = id ? begun_.find(*id) : begun_.begin();
    if (found == begun_.end()) return std::nullopt;
    return std::move(begun_.extract(found).mapped());
  }

  template <class Work>
  void post(Work work) {
    asio::post(io_, [weak = weak_from_this(), work = std::move(work)]() mutable {
      if (const auto self = weak.lock()) work(*self);
    });
  }

  void start(WebSocketId id, Begun begun) {
    WebSocketEvents events = std::move(begun.events);
    events.on_end = [weak = weak_from_this(), id, url = printable_url(begun.request.url),
                     told = std::move(events.on_end)](WebSocketEnd how) {
      if (const auto self = weak.lock()) self->ended(id, url, how);
      if (told) told(std::move(how));
    };
    WebSocketPlan plan{std::move(begun.request), {}, {}, {}, options_.user_agent, nullptr};
    bool is_secure = false;
    std::string wrong = take_apart(plan, is_secure);
    if (wrong.empty() && is_secure) wrong = prepare_tls(plan);
    if (!wrong.empty()) {
      WebSocketEnd how;
      how.cause = Cause::bad_request;
      how.message = std::move(wrong);
      return events.on_end(std::move(how));
    }
    const auto session =
        WebSocketSession::make(io_, std::move(plan), std::move(events), unsent_of(id));
    sessions_[id] = session;
    session->open();
  }

  std::shared_ptr<std::atomic<std::uint64_t>> unsent_of(WebSocketId id) {
    const std::lock_guard lock(mutex_);
    return unsent_.at(id);
  }

  // Reading the certificates takes a while: once, and only where TLS is used.
  std::string prepare_tls(WebSocketPlan& plan) {
    if (!tls_) {
      auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
      boost::system::error_code error;
      if (options_.ca_file.empty())
        context->set_default_verify_paths(error);
      else
        context->load_verify_file(options_.ca_file.string(), error);
      if (error) return "the trusted certificates cannot be read: " + error.message();
      tls_ = std::move(context);
    }
    plan.tls = tls_;
    return {};
  }

  void ended(WebSocketId id, const std::string& url, const WebSocketEnd& how) {
    sessions_.erase(id);
    {
      const std::lock_guard lock(mutex_);
      unsent_.erase(id);
    }
    log_.debug("a WebSocket has ended",
               {{"url", url}, {"cause", to_string(how.cause)}, {"message", how.message}});
  }

  asio::io_context& io_;
  const WebSocketOptions options_;
  const observe::Logger log_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::unordered_map<WebSocketId, std::shared_ptr<WebSocketSession>> sessions_;

  std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<WebSocketId, Begun> begun_;  // that the io thread has not seen yet
  // How many bytes wait, of each that has not ended.
  std::unordered_map<WebSocketId, std::shared_ptr<std::atomic<std::uint64_t>>> unsent_;
};

WebSocketClient::WebSocketClient(asio::io_context& io, WebSocketOptions options,
                                 observe::Logger log)
    : impl_(std::make_shared<Impl>(io, std::move(options), std::move(log))) {}

WebSocketClient::~WebSocketClient() {
  impl_->end_all();
}

WebSocketId WebSocketClient::open(WebSocketRequest request, WebSocketEvents events) {
  return impl_->open(std::move(request), std::move(events));
}

bool WebSocketClient::send(WebSocketId id, WebSocketMessage message) {
  return impl_->send(id, std::move(message));
}

void WebSocketClient::close(WebSocketId id, std::uint16_t code, std::string reason) {
  impl_->with_session(id, [code, reason = std::move(reason)](WebSocketSession& session) mutable {
    session.close(code, std::move(reason));
  });
}

void WebSocketClient::cancel(WebSocketId id) {
  impl_->with_session(
      id, [](WebSocketSession& session) { session.end(Cause::cancelled, "cancelled"); });
}

}  // namespace weft::net

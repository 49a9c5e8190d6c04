// SPDX-License-Identifier: Apache-2.0
#include "slow_door.hpp"

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <utility>

namespace weft::cloud_fake {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::size_t piece_bytes = 64 << 10;

// One client and the server: lives while either has something to say.
class Passage : public std::enable_shared_from_this<Passage> {
 public:
  Passage(asio::io_context& io, tcp::socket client, CloudServer& cloud)
      : cloud_(cloud), client_(std::move(client)), server_(io), timer_(io) {}

  void lead_to(const tcp::endpoint& server) {
    server_.async_connect(server, [self = shared_from_this()](const error_code& error) {
      if (error) return self->close();
      self->take();
      self->answer();
    });
  }

 private:
  void take() {
    constexpr Duration look_every{10};
    const Reading& reading = cloud_.reading();
    const bool rests = reading.stop_after_bytes && taken_ >= *reading.stop_after_bytes;
    const Duration pause = rests ? look_every : reading.pause_ms;
    if (pause == Duration(0)) return take_piece();
    timer_.expires_after(pause);
    timer_.async_wait([self = shared_from_this(), rests](const error_code& error) {
      if (error) return;
      rests ? self->take() : self->take_piece();
    });
  }
  void take_piece() {
    client_.async_read_some(asio::buffer(asked_),
                            [self = shared_from_this()](const error_code& error, std::size_t n) {
                              if (error) return self->close();
                              self->taken_ += n;
                              self->cloud_.count_taken(n);
                              self->pass(self->server_, self->asked_, n, &Passage::take);
                            });
  }
  void answer() {
    server_.async_read_some(asio::buffer(answered_),
                            [self = shared_from_this()](const error_code& error, std::size_t n) {
                              if (error) return self->close();
                              self->pass(self->client_, self->answered_, n, &Passage::answer);
                            });
  }
  void pass(tcp::socket& to, const std::array<char, piece_bytes>& piece, std::size_t size,
            void (Passage::*next)()) {
    asio::async_write(to, asio::buffer(piece.data(), size),
                      [self = shared_from_this(), next](const error_code& error, std::size_t) {
                        if (error) return self->close();
                        ((*self).*next)();
                      });
  }
  void close() {
    error_code ignored;
    client_.close(ignored);
    server_.close(ignored);
    timer_.cancel();
  }

  CloudServer& cloud_;
  tcp::socket client_, server_;
  asio::steady_timer timer_;
  std::array<char, piece_bytes> asked_, answered_;
  std::uint64_t taken_ = 0;
};

}  // namespace

result<> SlowDoor::open_to(std::uint16_t port) {
  behind_ = {asio::ip::address_v4::loopback(), port};
  error_code error;
  acceptor_.open(tcp::v4(), error);
  // What the kernel takes by itself is no more than a piece.
  if (!error)
    acceptor_.set_option(asio::socket_base::receive_buffer_size(static_cast<int>(piece_bytes)),
                         error);
  if (!error) acceptor_.bind({asio::ip::address_v4::loopback(), 0}, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return machine("cannot open the slow door: " + error.message());
  accept();
  return {};
}

void SlowDoor::accept() {
  acceptor_.async_accept([this](const error_code& error, tcp::socket client) {
    if (error) return;
    std::make_shared<Passage>(io_, std::move(client), cloud_)->lead_to(behind_);
    accept();
  });
}

}  // namespace weft::cloud_fake

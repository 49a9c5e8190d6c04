// SPDX-License-Identifier: Apache-2.0
#include "tls_front.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <string>

namespace weft::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

struct Identity {
  std::string key, certificate;  // PEM
};

Identity make_identity() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* name = X509_get_subject_name(made.get());
  const std::string host = "localhost";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(made.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(made.get(), key.get(), EVP_sha256());
  const std::unique_ptr<BIO, decltype(&BIO_free)> key_text(BIO_new(BIO_s_mem()), &BIO_free),
      text(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_X509(text.get(), made.get());
  return {text_of(key_text.get()), text_of(text.get())};
}

// One connection: what one side sends is written to the other.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  Relay(tcp::socket client, asio::ssl::context& context, asio::io_context& io)
      : outer_(std::move(client), context), inner_(io) {}

  void start(std::uint16_t port) {
    const auto self = shared_from_this();
    outer_.async_handshake(asio::ssl::stream_base::server, [self, port](error_code error) {
      if (error) return;
      self->inner_.connect({asio::ip::address_v4::loopback(), port}, error);
      if (error) return;
      self->pass(self->outer_, self->inner_, self->inward_);
      self->pass(self->inner_, self->outer_, self->outward_);
    });
  }

 private:
  template <class From, class To, class Buffer>
  void pass(From& from, To& to, Buffer& buffer) {
    const auto self = shared_from_this();
    from.async_read_some(
        asio::buffer(buffer), [self, &from, &to, &buffer](error_code error, std::size_t count) {
          if (error) return self->close();
          asio::async_write(to, asio::buffer(buffer, count),
                            [self, &from, &to, &buffer](error_code failed, std::size_t) {
                              if (failed) return self->close();
                              self->pass(from, to, buffer);
                            });
        });
  }
  void close() {
    error_code ignored;
    inner_.close(ignored);
    outer_.next_layer().close(ignored);
  }

  asio::ssl::stream<tcp::socket> outer_;
  tcp::socket inner_;
  std::array<char, 8192> inward_{}, outward_{};
};

}  // namespace

class TlsFront::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, std::uint16_t inner, const std::filesystem::path& certificate)
      : io_(io), inner_(inner), acceptor_(io, {asio::ip::address_v4::loopback(), 0}) {
    const Identity identity = make_identity();
    context_.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
    context_.use_certificate(asio::buffer(identity.certificate), asio::ssl::context::pem);
    std::ofstream(certificate) << identity.certificate;
  }
  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error) return;
      std::make_shared<Relay>(std::move(socket), self->context_, self->io_)->start(self->inner_);
      self->accept();
    });
  }
  void close() {
    error_code ignored;
    acceptor_.close(ignored);
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  asio::io_context& io_;
  std::uint16_t inner_;
  asio::ssl::context context_{asio::ssl::context::tls_server};
  tcp::acceptor acceptor_;
};

TlsFront::TlsFront(asio::io_context& io, std::uint16_t port,
                   const std::filesystem::path& certificate)
    : impl_(std::make_shared<Impl>(io, port, certificate)) {
  impl_->accept();
}

TlsFront::~TlsFront() {
  impl_->close();
}

std::uint16_t TlsFront::port() const {
  return impl_->port();
}

}  // namespace weft::net

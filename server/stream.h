// A connection of bytes: plain TCP, or TLS on top of it.
#pragma once

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace smalldb::server {

// An error for people. OpenSSL's own of a file that cannot be read says nothing.
inline std::string in_words(const boost::system::error_code& error) {
  const auto code = static_cast<unsigned>(error.value());
  const bool of_tls = error.category() == boost::asio::error::get_ssl_category();
  return of_tls && ERR_SYSTEM_ERROR(code) ? std::generic_category().message(ERR_GET_REASON(code)) : error.message();
}

class Stream {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // `tls` is null for plain TCP. It may go before the stream does, which keeps what it needs of it.
  Stream(Socket socket, boost::asio::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls != nullptr) tls_ = std::make_unique<boost::asio::ssl::stream<Socket&>>(socket_, *tls);
  }

  Socket& socket() { return socket_; }
  const Socket& socket() const { return socket_; }

  // Where the other side is; the unspecified address if it is gone already. An IPv4 address is one whichever kind of
  // socket it came to: what listens on [::] sees it as ::ffff:127.0.0.1.
  boost::asio::ip::address origin() const {
    boost::system::error_code gone;
    const boost::asio::ip::address address = socket_.remote_endpoint(gone).address();
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
  }

  // The other side's certificate must be that host's. Nothing for plain TCP.
  void expect(const std::string& host) {
    if (!tls_) return;
    using Context = boost::asio::ssl::verify_context;
    tls_->set_verify_callback(
        [is_hosts = boost::asio::ssl::host_name_verification(host)](bool sound, Context& context) {
          if (is_hosts(sound, context)) return true;
          if (sound) X509_STORE_CTX_set_error(context.native_handle(), X509_V_ERR_HOSTNAME_MISMATCH);
          return false;
        });
  }
  // The error of a handshake for people: with what is wrong with the other side's certificate, if that is it.
  std::string in_words(const boost::system::error_code& error) const {
    const long verdict = tls_ ? SSL_get_verify_result(tls_->native_handle()) : X509_V_OK;
    const std::string words = server::in_words(error);
    return verdict == X509_V_OK ? words : words + ": " + X509_verify_cert_error_string(verdict);
  }
  // handler(error). At once for plain TCP.
  template <class Handler>
  void async_handshake(boost::asio::ssl::stream_base::handshake_type side, Handler handler) {
    if (tls_) {
      tls_->async_handshake(side, std::move(handler));
    } else {
      handler(boost::system::error_code());
    }
  }
  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler handler) {
    if (tls_) {
      tls_->async_read_some(buffers, std::move(handler));
    } else {
      socket_.async_read_some(buffers, std::move(handler));
    }
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler handler) {
    if (tls_) {
      tls_->async_write_some(buffers, std::move(handler));
    } else {
      socket_.async_write_some(buffers, std::move(handler));
    }
  }
  // Nothing more is sent or received; what waits is told so.
  void close() {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

 private:
  Socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<Socket&>> tls_;
};

}  // namespace smalldb::server

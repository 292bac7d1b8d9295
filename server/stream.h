// A connection of bytes: plain TCP, or TLS on top of it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>
#include <utility>

namespace smalldb::server {

class Stream {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // `tls` is null for plain TCP, and outlives the stream.
  Stream(Socket socket, boost::asio::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls != nullptr) tls_ = std::make_unique<boost::asio::ssl::stream<Socket&>>(socket_, *tls);
  }

  Socket& socket() { return socket_; }

  // The other side's certificate must be that host's. Nothing for plain TCP.
  void expect(const std::string& host) {
    if (tls_) tls_->set_verify_callback(boost::asio::ssl::host_name_verification(host));
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

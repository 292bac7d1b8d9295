// HTTP/1.1 requests as they come in on a connection: one after the other, in pieces of any size.
//
// The grammar is Boost.Beast's; this picks out what the server has a use for, and lets nothing be larger than it may.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smalldb::server {

struct HttpRequest {
  boost::beast::http::verb method = boost::beast::http::verb::unknown;
  std::string target;
  bool keep_alive = true;
  std::string if_match;
  std::string if_none_match;
  std::string idempotency_key;
  std::string authorization;
  std::string host;
  bool for_another = false;  // a proxy hands it on, or a page of the web has it sent: Forwarded, X-Forwarded-*, Origin
  bool undecided = false;    // a condition, or what names a write, is there and says nothing
  bool of_a_part = false;    // of a value: it has a Content-Range
  bool encoded = false;      // the body is, by a Content-Encoding
  std::string body;
};

// Why a request was turned down before it was understood.
enum class HttpFault : std::uint8_t {
  malformed,
  no_host,              // a request of HTTP/1.1 says which host it is for (RFC 9112, 3.2)
  bad_host,             // that is no host, or more than one
  repeated_field,       // one that decides what is done
  unknown_expectation,  // the only one that HTTP has is 100-continue
  unknown_coding,       // Transfer-Encoding is chunked, and nothing besides (RFC 9112, 6.1)
  header_too_large,
  body_too_large
};

class HttpParser {
 public:
  // Line, fields and all.
  static constexpr std::uint32_t header_size_max = 16 * 1024;

  // `body_max`: bytes that a body may have.
  explicit HttpParser(std::uint64_t body_max);

  enum class Outcome : std::uint8_t {
    wants_more,  // all was taken, and the request is not whole yet
    header,      // the header has just been read, and a body follows: see body_size() and expects_continue()
    request,     // request() is whole. The next call begins another
    fault,       // see fault(); the connection is of no more use
  };
  // Takes bytes off the front of `bytes`, up to the next of these.
  Outcome take(std::string_view& bytes);

  HttpRequest& request() { return parser_->request; }
  HttpFault fault() const { return fault_; }
  // Something of a request has been taken, and not all of it.
  bool inside_request() const { return inside_; }
  // The size of the body that follows; nothing if it comes in chunks and does not say.
  std::optional<std::uint64_t> body_size() const;
  // The client waits for a word before it sends the body.
  bool expects_continue() const { return parser_->expects_continue; }

 private:
  // Beast calls these with what it finds.
  class Parser final : public boost::beast::http::basic_parser<true> {
   public:
    Parser();

    HttpRequest request;
    bool expects_continue = false;
    bool is_older = false;  // than HTTP/1.1
    bool has_host = false;
    bool bad_host = false;
    bool repeated = false;  // a field that decides what is done stood there twice
    bool unknown_coding = false;
    bool unknown_expectation = false;

   private:
    using Text = boost::beast::string_view;
    using Error = boost::beast::error_code;

    void on_request_impl(boost::beast::http::verb method, Text name, Text target, int version, Error& error) override;
    void on_response_impl(int, Text, int, Error&) override {}
    void on_field_impl(boost::beast::http::field field, Text name, Text value, Error& error) override;
    void on_header_impl(Error&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
    std::size_t on_body_impl(Text body, Error& error) override;
    void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t remain, Text body, Error& error) override;
    void on_finish_impl(Error&) override {}
  };

  void begin();

  std::uint64_t body_max_;
  std::optional<Parser> parser_;
  HttpFault fault_ = HttpFault::malformed;
  std::size_t header_size_ = 0;  // taken of it
  bool inside_ = false;
  bool header_told_ = false;
  bool whole_ = false;
  bool skipped_line_ = false;
};

}  // namespace smalldb::server

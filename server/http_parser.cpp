#include "server/http_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <utility>

namespace smalldb::server {

namespace http = boost::beast::http;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Of a name (RFC 3986, 3.2.2). No host has a comma, which would be allowed: it is two fields that a proxy has joined.
bool is_name(std::string_view text) {
  static constexpr std::string_view others = "-._~!$&'()*+;=";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool plain = is_hex(c) || (c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z');
    if (plain || others.find(c) != std::string_view::npos) continue;
    if (c != '%' || text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
  }
  return true;
}

// Whether it is a host, with or without a port (RFC 9110, 7.2). An empty one is.
bool is_host_and_port(std::string_view text) {
  const bool literal = text.starts_with('[');
  const std::size_t end = literal ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return false;
  const std::string_view rest = text.substr(literal ? end + 1 : end);
  if (!rest.empty() && (rest.front() != ':' || !std::all_of(rest.begin() + 1, rest.end(), is_digit))) return false;
  if (!literal) return is_name(text.substr(0, end));
  boost::system::error_code wrong;
  boost::asio::ip::make_address_v6(std::string(text.substr(1, end - 1)), wrong);
  return !wrong;
}

}  // namespace

// ---- What Beast finds --------------------------------------------------------------------------------------------

HttpParser::Parser::Parser() = default;

void HttpParser::Parser::on_request_impl(http::verb method, Text, Text target, int version, Error&) {
  request.method = method;
  is_older = version < 11;
  request.target.assign(target.data(), target.size());
}

void HttpParser::Parser::on_field_impl(http::field field, Text name, Text value, Error&) {
  if (is_header_done()) return;  // a trailer, which comes when it has been decided what is done
  const auto keep = [&](std::string& place) {
    repeated = repeated || !place.empty();
    place.assign(value.data(), value.size());
  };
  const auto keep_decision = [&](std::string& place) {
    request.undecided = request.undecided || value.empty();
    keep(place);
  };
  constexpr std::size_t forwarded_size = 12;
  if (boost::beast::iequals(name.substr(0, forwarded_size), "X-Forwarded-")) request.for_another = true;
  switch (field) {
    case http::field::host:
      repeated = std::exchange(has_host, true) || repeated;
      request.host.assign(value.data(), value.size());
      bad_host = bad_host || !is_host_and_port(request.host);
      break;
    case http::field::origin:
    case http::field::forwarded: request.for_another = true; break;
    case http::field::if_match: keep_decision(request.if_match); break;
    case http::field::if_none_match:  // a list, which may stand on several lines (RFC 9110, 5.3)
      request.undecided = request.undecided || value.empty();
      if (!request.if_none_match.empty()) request.if_none_match += ", ";
      request.if_none_match.append(value.data(), value.size());
      break;
    case http::field::authorization: keep(request.authorization); break;
    case http::field::content_range: request.of_a_part = true; break;
    case http::field::content_encoding:
      request.encoded = request.encoded || !boost::beast::iequals(value, "identity");
      break;
    case http::field::expect:  // which HTTP/1.0 does not know (RFC 9110, 10.1.1)
      expects_continue = !is_older && boost::beast::iequals(value, "100-continue");
      unknown_expectation = !is_older && !expects_continue;
      break;
    // Beast passes over what it does not know: a body in another coding would be taken for none, or for the value.
    case http::field::transfer_encoding:
      unknown_coding = unknown_coding || is_older || !boost::beast::iequals(value, "chunked");
      break;
    case http::field::unknown:
      if (boost::beast::iequals(name, "Idempotency-Key")) keep_decision(request.idempotency_key);
      break;
    default: break;
  }
}

std::size_t HttpParser::Parser::on_body_impl(Text body, Error&) {
  request.body.append(body.data(), body.size());
  return body.size();
}

std::size_t HttpParser::Parser::on_chunk_body_impl(std::uint64_t, Text body, Error&) {
  request.body.append(body.data(), body.size());
  return body.size();
}

// ---- Requests, one after the other -------------------------------------------------------------------------------

HttpParser::HttpParser(std::uint64_t body_max) : body_max_(body_max) { begin(); }

void HttpParser::begin() {
  parser_.emplace();
  parser_->header_limit(header_size_max);
  parser_->body_limit(body_max_);
  header_size_ = 0;
  inside_ = header_told_ = whole_ = skipped_line_ = false;
}

std::optional<std::uint64_t> HttpParser::body_size() const {
  const auto length = parser_->content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

HttpParser::Outcome HttpParser::take(std::string_view& bytes) {
  if (whole_) begin();
  // Old clients end a body with a line (RFC 9112, 2.2).
  if (!inside_ && !skipped_line_ && bytes.starts_with("\r")) {
    if (bytes.size() < 2) return Outcome::wants_more;
    if (bytes[1] == '\n') bytes.remove_prefix(2);
    skipped_line_ = true;
  }
  // Beast takes the header by itself, and of a chunked body a piece at each call.
  while (!bytes.empty()) {
    boost::beast::error_code error;
    const bool in_header = !parser_->is_header_done();
    const std::size_t taken = parser_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(taken);
    inside_ = inside_ || taken > 0;
    // Beast bounds what it is given of the header at a time, but neither all of it, nor the line before a chunk, nor
    // what comes behind the last one.
    if (in_header) header_size_ += taken;
    const std::size_t rest = error == http::error::need_more ? bytes.size() : 0;
    if ((in_header ? header_size_ : 0) + rest > header_size_max) error = http::error::header_limit;
    if (error == http::error::need_more) {
      inside_ = inside_ || !bytes.empty();
      return Outcome::wants_more;
    }
    const bool lacks_host = parser_->is_header_done() && !parser_->has_host && !parser_->is_older;
    if (error || parser_->repeated || parser_->unknown_coding || parser_->unknown_expectation || parser_->bad_host ||
        lacks_host) {
      fault_ = HttpFault::malformed;
      if (!error && lacks_host) fault_ = HttpFault::no_host;
      if (parser_->bad_host) fault_ = HttpFault::bad_host;
      if (parser_->unknown_expectation) fault_ = HttpFault::unknown_expectation;
      if (parser_->unknown_coding) fault_ = HttpFault::unknown_coding;
      if (parser_->repeated) fault_ = HttpFault::repeated_field;
      if (error == http::error::header_limit) fault_ = HttpFault::header_too_large;
      if (error == http::error::body_limit) fault_ = HttpFault::body_too_large;
      return Outcome::fault;
    }
    if (parser_->is_done()) {
      // A client of HTTP/1.0 that wants a connection kept would wait for a word that it is.
      parser_->request.keep_alive = parser_->keep_alive() && !parser_->is_older;
      whole_ = true;
      inside_ = false;
      return Outcome::request;
    }
    if (parser_->is_header_done() && !header_told_) {
      header_told_ = true;
      return Outcome::header;
    }
  }
  return Outcome::wants_more;
}

}  // namespace smalldb::server

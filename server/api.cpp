#include "server/api.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <optional>
#include <utility>

namespace smalldb::server {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view json = "application/json";
constexpr std::string_view kv = "/kv/";
constexpr std::string_view retry_after = "Retry-After: 1\r\n";

HttpAnswer not_granted(unsigned status, std::string_view outcome, std::string_view error, std::string_view message) {
  HttpAnswer answer;
  answer.status = status;
  answer.content_type = json;
  answer.body = "{\"outcome\":\"" + std::string(outcome) + "\",\"error\":\"" + std::string(error) +
                "\",\"message\":\"" + std::string(message) + "\"}\n";
  answer.fields = "Smalldb-Outcome: " + std::string(outcome) + "\r\n";
  return answer;
}

HttpAnswer bad_request(std::string_view message) { return refuse(400, "bad_request", message); }
HttpAnswer only_a_put_has_a_body() { return bad_request("only a PUT has a body"); }

void append_etag(std::string& fields, Revision revision) {
  fields += "ETag: \"" + std::to_string(revision.value) + "\"\r\n";
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// "17", the way an ETag says it. Nothing if it is no revision of ours.
std::optional<Revision> read_revision(std::string_view etag) {
  Revision revision;
  const std::string_view digits = without_quotes(etag);
  if (digits.size() == etag.size() || !read_number(digits, revision.value)) return std::nullopt;
  // Entity tags are compared as texts (RFC 9110, 8.8.3.2): "05" is no revision that was ever given.
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  return revision;
}

// Revisions of a list of ETags, which caches and proxies make longer and weaker (RFC 9110, 13.1.2). One that is none of
// ours stands for nothing that there is. False if it is no such list.
bool read_known(std::string_view list, Known& known) {
  const auto skip = [&list](std::string_view what) {
    list.remove_prefix(std::min(list.find_first_not_of(what), list.size()));
  };
  known.any = list == "*";
  if (known.any) return true;
  for (skip(" \t,"); !list.empty(); skip(" \t,")) {
    if (list.starts_with("W/")) list.remove_prefix(2);
    const std::size_t end = list.starts_with('"') ? list.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos) return false;
    if (const auto revision = read_revision(list.substr(0, end + 1))) known.revisions.push_back(*revision);
    list.remove_prefix(end + 1);
    skip(" \t");
    if (!list.empty() && list.front() != ',') return false;
  }
  return true;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

// What probes and collectors ask, some of which add parameters of their own.
bool takes_any_query(std::string_view path) { return path == "/status" || path == "/metrics" || path == "/healthz"; }

// The path of a target: of "http://host/path" as proxies say it, what stands behind the host.
std::string_view path_of(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with("/") || scheme == std::string_view::npos) return target;
  const std::size_t path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? "/" : target.substr(path);
}

// SESSION-NUMBER or SESSION-NUMBER-OLDEST (decision 0015).
bool read_idempotency_key(std::string_view text, Request& request) {
  text = without_quotes(text);
  const std::size_t first = text.find('-');
  if (first == std::string_view::npos) return false;
  const std::size_t second = text.find('-', first + 1);
  const std::string_view number =
      text.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
  if (!read_number(text.substr(0, first), request.session.value) || !read_number(number, request.number)) return false;
  request.oldest_unanswered = request.number;
  if (second != std::string_view::npos && !read_number(text.substr(second + 1), request.oldest_unanswered))
    return false;
  return request.session.value > 0 && request.number > 0 && request.oldest_unanswered <= request.number;
}

// Nothing if the condition is understood, and then it stands in the request.
std::optional<HttpAnswer> read_condition(const HttpRequest& from, StoreRequest& to) {
  if (to.request.verb == Verb::get) {
    if (!from.if_match.empty()) return bad_request("If-Match has no meaning for a GET here; compare the ETag");
    if (from.if_none_match.empty()) return std::nullopt;
    if (read_known(from.if_none_match, to.known)) return std::nullopt;
    return bad_request("If-None-Match of a GET is * or revisions in quotes, as ETag gave them");
  }
  if (!from.if_match.empty() && !from.if_none_match.empty()) return bad_request("one condition at a time");
  if (from.if_match == "*") {
    to.request.condition.kind = Condition::Kind::exists;
  } else if (!from.if_match.empty()) {
    const std::optional<Revision> revision = read_revision(from.if_match);
    // Revision 0 would be that of a key that is not there, which is no match (RFC 9110, 13.1.1).
    if (!revision || *revision == Revision{})
      return bad_request("If-Match is * or one revision in quotes, as ETag gave it");
    to.request.condition = {Condition::Kind::revision_is, *revision};
  } else if (from.if_none_match == "*") {
    to.request.condition.kind = Condition::Kind::absent;
  } else if (!from.if_none_match.empty()) {
    return bad_request("If-None-Match of a write is *");
  }
  return std::nullopt;
}

Asked understand_store(HttpRequest& from, std::string_view encoded_key) {
  StoreRequest to;
  switch (from.method) {
    case http::verb::get:
    case http::verb::head: to.request.verb = Verb::get; break;
    case http::verb::put: to.request.verb = Verb::put; break;
    case http::verb::delete_: to.request.verb = Verb::remove; break;
    default: {
      HttpAnswer answer = refuse(405, "bad_method", "a key takes GET, HEAD, PUT and DELETE");
      answer.fields += "Allow: GET, HEAD, PUT, DELETE\r\n";
      return answer;
    }
  }
  const std::optional<std::string> key = percent_decoded(encoded_key);
  if (!key) return bad_request("a % in a key is followed by two hexadecimal digits");
  if (key->empty()) return bad_request("a key has at least one byte");
  if (key->size() > key_size_max) return refuse(414, "key_too_long", "a key has at most 1024 bytes");
  if (to.request.verb != Verb::put && !from.body.empty()) return only_a_put_has_a_body();
  if (to.request.verb != Verb::get && from.undecided) {
    return bad_request("If-Match, If-None-Match or Idempotency-Key is empty, and what shall be done is not clear");
  }
  if (to.request.verb == Verb::put && from.of_a_part) {
    return bad_request("a value is written as a whole, and not a range of it");
  }
  if (to.request.verb == Verb::put && from.encoded) {
    HttpAnswer answer = refuse(415, "encoded", "a value is kept and given as it comes, and cannot be decoded");
    answer.fields += "Accept-Encoding: identity\r\n";
    return answer;
  }
  to.request.key = Bytes::copy(*key);
  to.request.value = Bytes::copy(from.body);
  if (std::optional<HttpAnswer> wrong = read_condition(from, to)) return *wrong;
  if (!from.idempotency_key.empty() && to.request.verb != Verb::get &&
      !read_idempotency_key(from.idempotency_key, to.request)) {
    return bad_request("Idempotency-Key is SESSION-NUMBER or SESSION-NUMBER-OLDEST, with a session of POST /sessions");
  }
  return to;
}

HttpAnswer only(std::string_view method) {
  HttpAnswer answer = refuse(405, "bad_method", "this takes " + std::string(method));
  answer.fields += "Allow: " + std::string(method) + "\r\n";
  return answer;
}

HttpAnswer point_to(const Member* primary, std::string_view target, bool tls) {
  const bool known = primary != nullptr && !primary->clients.empty();
  HttpAnswer answer = refuse(known ? 307 : 503, "not_primary",
                             known ? "I am a backup; the primary is at " + primary->clients : "I am a backup");
  if (!known) {
    answer.fields += retry_after;
    return answer;
  }
  answer.fields += "Smalldb-Primary: " + primary->clients + "\r\n";
  answer.fields += std::string("Location: ") + (tls ? "https://" : "http://") + primary->clients;
  answer.fields += std::string(path_of(target)) + "\r\n";
  return answer;
}

HttpAnswer busy(std::string_view error, std::string_view message) {
  HttpAnswer answer = refuse(503, error, message);
  answer.fields += retry_after;
  return answer;
}

HttpAnswer granted(const StoreRequest& asked, const Response& response) {
  HttpAnswer answer;
  switch (asked.request.verb) {
    case Verb::open_session:
      answer.status = 201;
      answer.content_type = json;
      answer.body = "{\"session\":" + std::to_string(response.revision.value) + "}\n";
      return answer;
    case Verb::get:
      answer.status = asked.known.holds(response.revision) ? 304 : 200;
      if (answer.status == 200) {
        answer.content_type = "application/octet-stream";
        answer.body = response.value.string();
      }
      break;
    case Verb::put:
    case Verb::remove: answer.status = 204; break;
  }
  append_etag(answer.fields, response.revision);
  return answer;
}

}  // namespace

// ---- Answers ------------------------------------------------------------------------------------------------------

HttpAnswer refuse(unsigned status, std::string_view error, std::string_view message) {
  return not_granted(status, "failed", error, message);
}

HttpAnswer leave_open(unsigned status, std::string_view error, std::string_view message) {
  return not_granted(status, "unknown", error, message);
}

HttpAnswer overloaded() { return busy("overloaded", "too much is waiting; try again"); }

HttpAnswer answer_fault(HttpFault fault) {
  switch (fault) {
    case HttpFault::malformed: break;
    case HttpFault::no_host: return bad_request("a request of HTTP/1.1 has a Host");
    case HttpFault::bad_host: return bad_request("Host is one host, with or without a port");
    case HttpFault::repeated_field: return bad_request("a header field that decides what is done is there twice");
    case HttpFault::unknown_coding:
      return refuse(501, "unknown_coding", "a body comes as it is, with a Content-Length or in chunks");
    case HttpFault::unknown_expectation:
      return refuse(417, "unknown_expectation", "nothing but 100-continue can be expected");
    case HttpFault::header_too_large: return refuse(431, "header_too_large", "a request's header is too large");
    case HttpFault::body_too_large: return refuse(413, "value_too_large", "a value has at most 1048576 bytes");
  }
  return bad_request("this is no request of HTTP/1.1");
}

void write_answer(const HttpAnswer& answer, bool keep_alive, bool without_body, std::string_view date,
                  std::string& out) {
  out += "HTTP/1.1 ";
  out += std::to_string(answer.status);
  out += ' ';
  const auto reason = http::obsolete_reason(static_cast<http::status>(answer.status));
  out.append(reason.data(), reason.size());
  out += "\r\nDate: ";
  out += date;
  out += "\r\n";
  if (!keep_alive) out += "Connection: close\r\n";
  out += answer.fields;
  if (!answer.content_type.empty()) {
    out += "Content-Type: ";
    out += answer.content_type;
    out += "\r\n";
  }
  if (answer.status != 204 && answer.status != 304) {
    out += "Content-Length: ";
    out += std::to_string(answer.body.size());
    out += "\r\n";
  }
  out += "\r\n";
  if (!without_body) out += answer.body;
}

// ---- Requests -----------------------------------------------------------------------------------------------------

bool Known::holds(Revision revision) const {
  return any || std::find(revisions.begin(), revisions.end(), revision) != revisions.end();
}

std::optional<Promotion> read_promotion(std::string_view target) {
  Promotion promotion;
  const std::size_t query = target.find('?');
  if (query == std::string_view::npos) return promotion;
  constexpr std::string_view epoch = "epoch=";
  for (std::string_view rest = target.substr(query); !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view word = rest.substr(0, rest.find('&'));
    rest.remove_prefix(word.size());
    if (word == "force=true") {
      promotion.force = true;
    } else if (!word.starts_with(epoch) || !read_number(word.substr(epoch.size()), promotion.epoch.emplace())) {
      return std::nullopt;
    }
  }
  return promotion;
}

Asked understand(HttpRequest& request) {
  // What it would do, and to what, nobody knows (RFC 9110, 15.6.2).
  if (request.method == http::verb::unknown) return refuse(501, "unknown_method", "this is no method that is known");
  if (request.method == http::verb::connect) return refuse(501, "unknown_method", "this is no proxy");
  if (request.target == "*") return only("GET, HEAD, PUT, DELETE, POST");
  if (request.target.find('#') != std::string::npos) {
    return bad_request("a request's target has no fragment (RFC 9112, 3.2); in a key, # is %23");
  }
  std::string_view path = path_of(request.target);
  const std::size_t query = path.find('?');
  const bool is_promotion = path.substr(0, query) == "/promote" && read_promotion(path);
  if (query != std::string_view::npos && !is_promotion && !takes_any_query(path.substr(0, query))) {
    return bad_request("no query is understood, but epoch=N and force=true of /promote; in a key, ? is %3F");
  }
  path = path.substr(0, query);
  if (path.starts_with(kv)) return understand_store(request, path.substr(kv.size()));

  const bool post = request.method == http::verb::post;
  const bool get = request.method == http::verb::get || request.method == http::verb::head;
  if (path == "/sessions") {
    if (!post) return only("POST");
    if (!request.body.empty()) return only_a_put_has_a_body();
    StoreRequest open;
    open.request.verb = Verb::open_session;
    return open;
  }
  if (path == "/status") return get ? Asked(Inquiry::status) : only("GET, HEAD");
  if (path == "/metrics") return get ? Asked(Inquiry::metrics) : only("GET, HEAD");
  if (path == "/healthz") return get ? Asked(Inquiry::health) : only("GET, HEAD");
  if (path == "/checkpoint") return post ? Asked(Inquiry::checkpoint) : only("POST");
  if (path == "/promote") return post ? Asked(Inquiry::promote) : only("POST");
  return refuse(404, "no_such_path",
                "there are /kv/{key}, /sessions, /status, /metrics, /healthz, /checkpoint, /promote");
}

HttpAnswer answer(const StoreRequest& asked, const Response& response, const Member* primary, std::string_view target,
                  bool tls) {
  switch (response.status) {
    case Status::ok: return granted(asked, response);
    case Status::not_found: return refuse(404, "not_found", "there is no such key");
    case Status::condition_failed: {
      HttpAnswer answer = refuse(412, "condition_failed", "the condition does not hold; nothing changed");
      if (response.revision != Revision{}) append_etag(answer.fields, response.revision);
      return answer;
    }
    case Status::session_expired:
      return leave_open(409, "session_expired", "the session is not known any more, or has its answer by its own word");
    case Status::number_taken:
      return refuse(422, "number_taken",
                    "the Idempotency-Key is that of another request: this one was not executed, and wants a key of its "
                    "own");
    case Status::not_primary: return point_to(primary, target, tls);
    case Status::not_serving: return busy("not_serving", "this node is not the primary, and knows of none");
    case Status::overloaded:
      // The machine says no more: another request under the same name waits for what becomes of the first one (S9).
      if (asked.request.session != SessionId{}) {
        return busy("overloaded",
                    "too much is waiting, or another request under this Idempotency-Key has no answer yet; try again");
      }
      if (asked.request.verb != Verb::open_session) return overloaded();
      return busy("overloaded", "as many sessions are open as there may be, or too much is waiting; try again");
    case Status::too_large:
      return refuse(409, "too_far_ahead", "too many writes of this session have no answer yet; see OLDEST");
  }
  return leave_open(500, "internal", "an answer that nobody understands");
}

}  // namespace smalldb::server

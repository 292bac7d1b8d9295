// One store's words on the wire, as far as the load needs them: a write and a read of one key, and where an answer
// ends.
//
// A connection has one request outstanding, so that an answer needs no name. A Protocol keeps nothing of a connection
// and serves all of them. What is asked for is always the same: the answer to a write comes when the write is synced
// and a second node has it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace smalldb::load {

enum class Kind { read, write };

// The store answered, and not with success: what is measured would be the speed of refusing.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Protocol {
 public:
  virtual ~Protocol() = default;

  // What a new connection says first. Empty: it may ask at once.
  virtual std::string greeting() const { return {}; }
  // How many bytes of `in` answer the greeting; nothing while they are not all there. Throws Refused.
  virtual std::optional<std::size_t> greeted(std::string_view in) const;

  // Append a request to `out`. REQUIRES: `key` is of letters, digits and '-'.
  virtual void write(std::string& out, std::string_view key, std::string_view value) const = 0;
  virtual void read(std::string& out, std::string_view key) const = 0;

  // How many bytes of `in` are the answer to such a request; nothing while they are not all there. Throws Refused.
  virtual std::optional<std::size_t> answer(Kind kind, std::string_view in) const = 0;
};

// HTTP: PUT and GET below /kv/.
std::unique_ptr<Protocol> smalldb_protocol();
// SET and WAIT for one replica, sent together; GET. That a write is synced before its answer is for the server's
// `appendfsync always`.
std::unique_ptr<Protocol> redis_protocol();
// JSON through the HTTP gateway of the server; reads are linearizable, its default.
std::unique_ptr<Protocol> etcd_protocol();
// Prepared statements on `kv(key text primary key, value bytea)`, by a user that needs no password. `commit` is its
// setting synchronous_commit: what a commit waits for.
std::unique_ptr<Protocol> postgres_protocol(std::string commit);

}  // namespace smalldb::load

#include "server/lock_directory.h"

#include <string_view>
#include <system_error>

#include "model/printable.h"
#include "server/not_now.h"
#include "server/secret.h"

namespace smalldb::server {
namespace {

constexpr const char* identity_file = "identity";          // of the lock directory
constexpr const char* remembered_file = "lock-directory";  // of the node's own
constexpr std::size_t identity_bytes = 16;

std::string draw_identity() {
  static constexpr std::string_view digits = "0123456789abcdef";
  const Nonce nonce = draw_nonce();
  std::string identity;
  for (std::size_t i = 0; i < identity_bytes; ++i) {
    const auto byte = static_cast<unsigned char>(nonce[i]);
    identity += digits[byte >> 4];
    identity += digits[byte & 15];
  }
  return identity;
}

}  // namespace

std::string recognize_lock(Directory& lock, const Directory& own, bool may_found) {
  const std::optional<std::string> remembered = own.read_hidden(remembered_file);
  std::string found = lock.read_hidden(identity_file).value_or("");
  if (remembered && found != *remembered) {
    throw NotNow("--shared-lock " + lock.path() + " is not the directory that this node knows: it has " +
                 (found.empty() ? "no server.identity" : "the server.identity " + printable(found)) + ", and had " +
                 (remembered->empty() ? "one that is not remembered any more" : printable(*remembered)) +
                 ". Is its volume mounted? Only if this directory has taken the other's place at all nodes, remove " +
                 own.path() + "/server.lock-directory");
  }
  if (found.empty() && !may_found) {
    throw NotNow("--shared-lock " + lock.path() +
                 " has no server.identity: is its volume mounted? The node that founds the store makes it; to let "
                 "this one do so, start it without --backup-of");
  }
  if (!remembered) {
    if (found.empty()) lock.write_hidden_once(identity_file, draw_identity());
    // Whoever made it, perhaps just now: it is to be there for ever before anybody believes it.
    if (const int error = lock.sync_directory().error; error != 0) {
      throw std::system_error(error, std::generic_category(), lock.path());
    }
    found = lock.read_hidden(identity_file).value_or("");
  }
  lock.hold_to(identity_file, found);
  return found;
}

void remember_lock(Directory& own, const std::string& identity) {
  if (own.read_hidden(remembered_file) != identity) own.write_hidden(remembered_file, identity);
}

}  // namespace smalldb::server

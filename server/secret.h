// The secret that the processes of a cluster prove to each other, and what is made from it.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace smalldb::server {

inline constexpr std::size_t mac_size = 32;
inline constexpr std::size_t nonce_size = 32;
using Nonce = std::array<char, nonce_size>;

// What stands in a file that strangers must not see, but for white space around it. Throws std::runtime_error if it
// cannot be read or is open to others than its owner and group; `what` is what it is called then.
std::string read_private_file(const std::string& path, std::string_view what);

// Throws std::runtime_error if others than the file's owner and group may do anything with it.
void refuse_open_file(const std::string& path, std::string_view what);

class Secret {
 public:
  // No secret: everybody proves it. Only for loopback; the configuration sees to that.
  Secret() = default;
  // From a private file. Throws std::runtime_error if it cannot be had, or holds fewer than 16 bytes.
  static Secret read(const std::string& path);

  bool given() const { return !key_.empty(); }
  // HMAC-SHA256 over a label, which says what is being proved, and the parts, each with its length. Without a secret: a
  // row of zeros.
  std::string mac(std::string_view label, std::initializer_list<std::string_view> parts) const;

 private:
  std::string key_;  // never printed
};

// Takes as long whether or not they are equal, and wherever they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// From the operating system. Throws std::system_error.
Nonce draw_nonce();

}  // namespace smalldb::server

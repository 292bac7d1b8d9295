#include "server/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "model/codec.h"

namespace smalldb::server {
namespace {

constexpr std::size_t secret_size_min = 16;
constexpr std::size_t size_max = 64 * 1024;  // of such a file
constexpr std::string_view white = " \t\r\n";

}  // namespace

void refuse_open_file(const std::string& path, std::string_view what) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return;
  if (!S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode)) {  // a pipe as a shell makes it is as good as a file
    throw std::runtime_error(std::string(what) + " " + path + " is no file, but a folder or a device");
  }
  if ((about.st_mode & S_IRWXO) == 0) return;
  throw std::runtime_error(std::string(what) + " " + path + " is open to everybody; chmod o= " + path);
}

std::string read_private_file(const std::string& path, std::string_view what) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw std::system_error(errno, std::generic_category(), std::string(what) + " " + path + " cannot be read");
  refuse_open_file(path, what);
  std::string text(size_max + 1, '\0');
  text.resize(static_cast<std::size_t>(file.read(text.data(), static_cast<std::streamsize>(text.size())).gcount()));
  if (text.size() > size_max) throw std::runtime_error(std::string(what) + " " + path + " is longer than 64 KiB");
  const std::size_t begin = text.find_first_not_of(white);
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(white) + 1 - begin);
}

Secret Secret::read(const std::string& path) {
  Secret secret;
  secret.key_ = read_private_file(path, "the secret file");
  if (secret.key_.size() < secret_size_min) {
    throw std::runtime_error("the secret file " + path + " holds fewer than " + std::to_string(secret_size_min) +
                             " bytes; openssl rand -base64 32 makes a good one");
  }
  return secret;
}

std::string Secret::mac(std::string_view label, std::initializer_list<std::string_view> parts) const {
  std::string mac(mac_size, '\0');
  if (!given()) return mac;
  std::string text;
  Writer writer(text);
  writer.text(label);
  for (const std::string_view part : parts) writer.text(part);
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), reinterpret_cast<unsigned char*>(mac.data()), &size);
  return mac;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Nonce draw_nonce() {
  Nonce nonce;
  if (getrandom(nonce.data(), nonce.size(), 0) != static_cast<ssize_t>(nonce.size())) {
    throw std::system_error(errno, std::generic_category(), "no entropy");
  }
  return nonce;
}

}  // namespace smalldb::server

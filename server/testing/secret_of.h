// A secret that tests share, read from a file as the server reads its own.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "server/secret.h"
#include "server/testing/temporary_directory.h"

namespace smalldb::server {

inline Secret secret_of(const std::string& text) {
  const TemporaryDirectory temporary;
  const std::string path = temporary.path() + "/secret";
  std::ofstream(path) << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  return Secret::read(path);
}

}  // namespace smalldb::server

#include "server/members_file.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "model/crc32c.h"

namespace smalldb::server {
namespace {

constexpr const char* file = "members";

constexpr std::string_view seal_begin = "crc32c ";
constexpr std::size_t seal_size = seal_begin.size() + 8 + 1;

// The last line of the file: what the others come to.
std::string seal(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string line(seal_begin);
  const std::uint32_t checksum = crc32c(text);
  for (int shift = 28; shift >= 0; shift -= 4) line += digits[checksum >> shift & 15];
  return line + "\n";
}

std::set<std::string> names_of(const std::vector<Member>& members) {
  std::set<std::string> names;
  for (const Member& member : members) names.insert(member.name);
  return names;
}

// Empty if it succeeded.
std::string try_to_write(Directory& directory, const std::string& text) {
  try {
    directory.write_hidden(file, text + seal(text));
    return {};
  } catch (const std::system_error& error) {
    return error.what();
  }
}

}  // namespace

MembersFile::MembersFile(boost::asio::io_context& loop, std::shared_ptr<Directory> directory, Members& members,
                         Journal& journal)
    : loop_(loop), directory_(std::move(directory)), members_(members), journal_(journal) {
  if (const std::optional<std::string> text = directory_->read_hidden(file)) {
    const std::string_view lines = std::string_view(*text).substr(0, text->size() - std::min(text->size(), seal_size));
    if (text->substr(lines.size()) != seal(lines)) {
      throw std::runtime_error(directory_->path() + "/server." + file +
                               " is damaged: its last line is not the checksum of the others. Move it away, and say "
                               "--peer NAME for each other "
                               "node, or this one may not find them again");
    }
    members_.read(lines);
  }
  written_ = names_of(members_.met());
}

MembersFile::~MembersFile() {
  if (writer_.joinable()) writer_.join();
  if (again_) try_to_write(*directory_, members_.text());
}

void MembersFile::write() {
  if (writer_.joinable()) {
    again_ = again_ || members_.text() != text_;
  } else {
    begin();
  }
}

void MembersFile::begin() {
  again_ = false;
  being_written_ = names_of(members_.met());
  text_ = members_.text();
  writer_ = std::thread([this, text = text_] {
    const std::string why_not = try_to_write(*directory_, text);
    boost::asio::post(loop_, [this, why_not] { on_done(why_not); });
  });
}

void MembersFile::on_done(const std::string& why_not) {
  writer_.join();
  if (why_not.empty()) {
    written_ = being_written_;
  } else {
    complaints_.warn(journal_, "members_not_written", why_not, {{"error", why_not}});
  }
  if (again_) begin();
  on_tried(why_not);
}

}  // namespace smalldb::server

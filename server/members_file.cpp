#include "server/members_file.h"

#include <boost/asio/post.hpp>
#include <system_error>
#include <utility>
#include <vector>

namespace smalldb::server {
namespace {

constexpr const char* file = "members";

std::set<std::string> names_of(const std::vector<Member>& members) {
  std::set<std::string> names;
  for (const Member& member : members) names.insert(member.name);
  return names;
}

// Empty if it succeeded.
std::string try_to_write(Directory& directory, const std::string& text) {
  try {
    directory.write_hidden(file, text);
    return {};
  } catch (const std::system_error& error) {
    return error.what();
  }
}

}  // namespace

MembersFile::MembersFile(boost::asio::io_context& loop, std::shared_ptr<Directory> directory, Members& members,
                         Journal& journal)
    : loop_(loop), directory_(std::move(directory)), members_(members), journal_(journal) {
  members_.read(directory_->read_hidden(file));
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

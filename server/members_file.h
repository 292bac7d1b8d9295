// The file in which a node keeps who its peers are: `server.members` of its data directory.
//
// It is written on a thread of its own, one write at a time, each with all that is known when it begins: the loop waits
// for no disk, and however many names come meanwhile, one more write has them all.
//
// Its last line is a checksum of the others. A name that is lost from it ends redundancy for good, where neither a tie
// breaker nor an option says it again (decision 0035): so a file that is damaged is no file to begin with.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "server/complaints.h"
#include "server/directory.h"
#include "server/journal.h"
#include "server/members.h"
#include "server/notebook.h"

namespace smalldb::server {

class MembersFile final : public Notebook {
 public:
  // Takes what the file holds into `members`. All that is referred to outlives this. Throws std::system_error, and
  // std::runtime_error if the file is damaged; it is then as it was.
  MembersFile(boost::asio::io_context& loop, std::shared_ptr<Directory> directory, Members& members, Journal& journal);
  // Waits until what is known has been written. REQUIRES: the loop runs no more.
  ~MembersFile();
  MembersFile(const MembersFile&) = delete;
  MembersFile& operator=(const MembersFile&) = delete;

  bool has(const std::string& name) const override { return written_.contains(name); }
  void write() override;

 private:
  void begin();
  void on_done(const std::string& why_not);

  boost::asio::io_context& loop_;
  std::shared_ptr<Directory> directory_;
  Members& members_;
  Journal& journal_;
  Complaints complaints_;
  std::set<std::string> written_;  // the names in the file
  std::thread writer_;
  std::set<std::string> being_written_;
  std::string text_;    // of the write that is under way, or was last
  bool again_ = false;  // more has been learned since it began
};

}  // namespace smalldb::server

// The rules that several parts of a scenario are held to, for check.cpp and check_faults.cpp.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/check.h"
#include "scenarios/files.h"
#include "scenarios/occurrence.h"
#include "scenarios/scenario.h"

namespace smalldb::scenarios {

class Checker {
 public:
  using Path = std::vector<std::string>;
  enum class Roles { no, yes };  // whether primary, backup and random stand for a process here

  explicit Checker(const Scenario& scenario) : scenario_(scenario) {}

  void wrong(Path path, std::string found, std::string expected, std::string nearest = {}) {
    findings_.push_back({std::move(path), std::move(found), std::move(expected), std::move(nearest), judged_by_});
  }

  // As long as it lives, what is wrong is judged by these other parts of the scenario too (Finding::judged_by).
  class [[nodiscard]] JudgedBy {
   public:
    JudgedBy(Checker& checker, std::vector<Path> parts) : parts_(checker.judged_by_), before_(parts_.size()) {
      parts_.insert(parts_.end(), parts.begin(), parts.end());
    }
    ~JudgedBy() { parts_.resize(before_); }
    JudgedBy(const JudgedBy&) = delete;
    JudgedBy& operator=(const JudgedBy&) = delete;

   private:
    std::vector<Path>& parts_;
    std::size_t before_;
  };
  JudgedBy judged_by(std::vector<Path> parts) { return {*this, std::move(parts)}; }
  JudgedBy judged_by_operations();
  std::vector<Finding> take() { return std::move(findings_); }

  static Path join(Path path, std::string step) {
    path.push_back(std::move(step));
    return path;
  }

  bool is_node(const Name& name) const;
  bool is_client(const Name& name) const;
  bool is_role(const Name& name) const { return name == "primary" || name == "backup" || name == "random"; }
  // Whether anyone can play it: of one node, none is a backup.
  bool can_be_played(const Name& role) const { return role != "backup" || scenario_.cluster.nodes.size() != 1; }
  // A word that a process cannot be called.
  bool is_reserved(const Name& name) const;

  // Each gives whether all is well, and says so if not.
  bool process(const Path& path, const Name& name, Roles roles);
  bool has_disk(const Path& path, const Name& name);
  void node(const Path& path, const Name& name);
  void nodes(const Path& path, const std::vector<Name>& names);
  void clients(const Path& path, const std::vector<Name>& names);
  bool links(const Path& path, const Links& links, Roles roles);
  // A time that comes before the end.
  void comes(const Path& path, sim::Time time);
  // What waits for an occurrence: whether it may miss (then it may wait for what settings switch off, or nobody does),
  // the fault that begins with it, if it is one (what that does itself comes too late), and how often it is waited for.
  struct Waiting {
    bool may_miss = false;
    const FaultPlan* fault = nullptr;
    std::uint64_t count = 1;  // of the first times that it occurs
  };
  void occurrence(const Path& path, const Occurrence& occurrence, Waiting waiting);
  // What a script waits for in this step is not one of the operations that come only after it.
  void waits_for_others(const Path& path, const Work& work, std::size_t step, const Occurrence& occurrence);
  // Links between nodes. REQUIRES: links() gives true of them.
  void datagrams(const Path& path, const Links& links);
  // A pattern of files of `whose`, of which there may be any number; if there is a verb, of those to which it is done.
  void file(const Path& path, const std::string& pattern, const std::vector<FilesOf>& whose,
            std::optional<FileVerb> verb = {});

  // The files on the own disk of a process, of who plays a role, or of the shared volume; of all if nobody is named.
  std::vector<FilesOf> files_of(const Name& name) const;
  // Those on the shared volume.
  std::vector<FilesOf> shared_files() const;
  // Those on its own disk, and what it writes to the shared volume.
  std::vector<FilesOf> files_written_by(const Name& name) const;
  // Ends of links that `name` stands for: itself, or everyone.
  std::vector<Name> ends(const Name& name) const;
  // Whether anything is ever sent from one to the other.
  bool talk(const Name& from, const Name& to) const;
  // Whether `fault` may bring `name` down (anyone, if it is empty).
  bool may_bring_down(const FaultPlan& fault, const Name& name) const;
  std::uint64_t operations_in_all() const;
  // How often it comes at most. REQUIRES: `every` is above 0.
  std::uint64_t times_of(const Schedule& schedule) const;

 private:
  std::vector<std::string> known_names(Roles roles) const;
  bool unknown(const Path& path, const Name& name, const std::string& what, const std::vector<std::string>& known);
  // Without those that come after this step of this work.
  std::uint64_t operations_of(const Name& client, const Work* work = nullptr, std::size_t step = 0) const;
  // How often it can occur at most; nothing if the scenario alone does not tell.
  std::optional<std::uint64_t> most_of(const Occurrence& occurrence) const;
  bool may_connect(const Name& from, const Name& to) const;
  // Whether a fault but `of` may bring `name` down (anyone, if it is empty).
  bool may_go_down(const Name& name, const FaultPlan* of) const;
  // Each says what is wrong, if anything is.
  void occurrence_names(const Path& path, const Occurrence& occurrence);
  void occurrence_of_kind(const Path& path, const Occurrence& occurrence, Waiting waiting);
  void occurrence_of_spare(const Path& path, const Occurrence& occurrence, Waiting waiting);
  void occurrence_of_crash(const Path& path, const Occurrence& occurrence, Waiting waiting);
  void occurrence_of_file(const Path& path, const Occurrence& occurrence);
  void occurrence_of_role(const Path& path, const Occurrence& occurrence);
  void occurrence_often_enough(const Path& path, const Occurrence& occurrence, Waiting waiting);
  void must_be_node(const Path& path, const Name& name);
  void occurrence_of_operations(const Path& path, const Occurrence& occurrence);
  void occurrence_of_two(const Path& path, const Occurrence& occurrence);
  void occurrence_of_message(const Path& path, const Occurrence& occurrence);
  void occurrence_of_note(const Path& path, const Occurrence& occurrence, Waiting waiting);

  // Who there is; whether there is an arbiter, or a shared volume, only where one of these may stand for it.
  JudgedBy judged_by_names(std::initializer_list<Name> mentioned);
  JudgedBy judged_by_labels();

  const Scenario& scenario_;
  std::vector<Path> judged_by_;
  std::vector<Finding> findings_;
};

// A node that does not run unless somebody starts it, and nobody does.
bool is_spare_that_nobody_starts(const Scenario& scenario, const Name& name);

// Faults and operator's actions (check_faults.cpp).
void check_faults(const Scenario& scenario, Checker& checker);

}  // namespace smalldb::scenarios

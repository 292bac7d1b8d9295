#include "model/configuration.h"

#include <algorithm>
#include <variant>

#include "model/assert.h"
#include "model/fields.h"

namespace smalldb {

template <>
inline constexpr BackupStanding last_of<BackupStanding> = BackupStanding::declared;

template <class Archive>
void fields(Archive& archive, Like<Configuration> auto& x) {
  archive(x.epochs, x.primary, x.primary_node, x.backup_standing, x.backup, x.backup_node);
}

void Configuration::apply(const Record& record) {
  if (const auto* started = std::get_if<EpochStarted>(&record.body)) {
    SMALLDB_ASSERT(record.epoch > epoch(), record.lsn.value, record.epoch.value, epoch().value);
    epochs.push_back({record.epoch, record.lsn});
    primary = started->primary;
    primary_node = started->node;
    backup_standing = BackupStanding::none;
    backup = {};
    backup_node = no_process;
    return;
  }
  SMALLDB_ASSERT(record.epoch == epoch(), record.lsn.value, record.epoch.value, epoch().value);
  const int standing = static_cast<int>(backup_standing);
  if (const auto* joining = std::get_if<BackupJoining>(&record.body)) {
    SMALLDB_ASSERT(backup_standing == BackupStanding::none, record.lsn.value, standing);
    backup_standing = BackupStanding::joining;
    backup = joining->backup;
    backup_node = joining->node;
  } else if (const auto* declared = std::get_if<BackupDeclared>(&record.body)) {
    SMALLDB_ASSERT(backup_standing == BackupStanding::joining && backup == declared->backup, record.lsn.value,
                   standing);
    backup_standing = BackupStanding::declared;
  } else if (const auto* left = std::get_if<BackupLeft>(&record.body)) {
    SMALLDB_ASSERT(backup_standing == BackupStanding::joining && backup == left->backup, record.lsn.value, standing);
    backup_standing = BackupStanding::none;
    backup = {};
    backup_node = no_process;
  }
}

bool Configuration::may_claim_next(DirectoryId directory) const {
  if (epochs.empty() || directory.none()) return false;
  return directory == primary || (backup_standing == BackupStanding::declared && directory == backup);
}

void encode(const Configuration& configuration, Writer& writer) { put_fields(writer, configuration); }

Configuration decode_configuration(Reader& reader) {
  Configuration configuration;
  FieldsIn archive(reader);
  archive(configuration);
  return configuration;
}

Lsn last_common(const std::vector<EpochStart>& ours, Lsn our_end, const std::vector<EpochStart>& theirs,
                Lsn their_end) {
  const auto [our, their] = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
  if (our == ours.begin()) return {};
  // The last epoch that both began reaches as far as the shorter of its two ends.
  const Lsn our_last = our == ours.end() ? our_end : our->first.previous();
  const Lsn their_last = their == theirs.end() ? their_end : their->first.previous();
  return std::min({our_last, their_last, our_end, their_end});
}

}  // namespace smalldb

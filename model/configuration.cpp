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
  archive(x.epochs, x.backup_standing, x.backup, x.backup_node);
}

bool Configuration::fits(const Record& record) const {
  if (std::holds_alternative<EpochStarted>(record.body)) return record.epoch > epoch();
  if (epochs.empty() || record.epoch != epoch()) return false;
  const bool joins = backup_standing == BackupStanding::joining;
  if (std::holds_alternative<BackupJoining>(record.body)) return backup_standing == BackupStanding::none;
  if (const auto* declared = std::get_if<BackupDeclared>(&record.body)) return joins && declared->backup == backup;
  if (const auto* left = std::get_if<BackupLeft>(&record.body)) return joins && left->backup == backup;
  return true;
}

void Configuration::apply(const Record& record) {
  SMALLDB_ASSERT(fits(record), record.lsn.value, record.epoch.value, epoch().value, record.body.index(),
                 static_cast<int>(backup_standing));
  if (const auto* started = std::get_if<EpochStarted>(&record.body)) {
    epochs.push_back({record.epoch, record.lsn, started->primary, record.stamp});
    backup_standing = BackupStanding::none;
    backup = {};
    backup_node = no_process;
  } else if (const auto* joining = std::get_if<BackupJoining>(&record.body)) {
    backup_standing = BackupStanding::joining;
    backup = joining->backup;
    backup_node = joining->node;
  } else if (std::holds_alternative<BackupDeclared>(record.body)) {
    backup_standing = BackupStanding::declared;
  } else if (std::holds_alternative<BackupLeft>(record.body)) {
    backup_standing = BackupStanding::none;
    backup = {};
    backup_node = no_process;
  }
}

bool Configuration::may_claim_next(DirectoryId directory) const {
  if (epochs.empty() || directory.none()) return false;
  const bool is_primary = directory == epochs.back().primary;
  return is_primary || (backup_standing == BackupStanding::declared && directory == backup);
}

bool Configuration::is_sound(Lsn end) const {
  return smalldb::is_sound(epochs, end) && (backup_standing == BackupStanding::none || !epochs.empty());
}

void encode(const Configuration& configuration, Writer& writer) { put_fields(writer, configuration); }

Configuration decode_configuration(Reader& reader) {
  Configuration configuration;
  FieldsIn archive(reader);
  archive(configuration);
  return configuration;
}

bool is_sound(const std::vector<EpochStart>& epochs, Lsn end) {
  const auto rises = [](const EpochStart& a, const EpochStart& b) { return a.epoch < b.epoch && a.first < b.first; };
  const bool all_rise = std::adjacent_find(epochs.begin(), epochs.end(),
                                           [&](const auto& a, const auto& b) { return !rises(a, b); }) == epochs.end();
  if (epochs.empty()) return end == Lsn{};
  return all_rise && epochs.front().epoch > Epoch{} && epochs.front().first > Lsn{} && epochs.back().first <= end;
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

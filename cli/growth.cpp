#include "cli/growth.h"

#include "reports/layout.h"
#include "reports/words.h"

namespace smalldb::cli {

using scenarios::HashChain;

void Growth::see(const sim::World& world) {
  chain_.add(world.hash());
  if (!world.events().empty()) last_ = {world.events().back().index + 1, world.now()};
  calls_.push_back(last_);
}

std::string Growth::since(const HashChain& then) const {
  const auto fork = HashChain::fork(then, chain_);
  if (!fork) return {};
  std::string text;
  if (fork->agreed > 0) {
    const Call& agreed = calls_[fork->agreed - 1];
    text = "the first " + reports::counted(agreed.events, "event") + " (up to " + reports::seconds_text(agreed.time) +
           " s) are as they were, ";
  }
  if (fork->differ > calls_.size()) return text + "and now it ends there or before long";
  const std::uint64_t differ = calls_[fork->differ - 1].events;
  if (fork->agreed > 0 && calls_[fork->agreed - 1].events >= differ)
    return text + "and yet the hash of the whole is another: the capsule contradicts itself";
  return text + "one of the first " + reports::grouped(differ) + " is another";
}

}  // namespace smalldb::cli

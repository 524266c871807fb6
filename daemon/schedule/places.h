// The places at which pieces of work are done: so many of each class, and one
// for each host. Not thread-safe.
#ifndef HEADWAY_DAEMON_SCHEDULE_PLACES_H_
#define HEADWAY_DAEMON_SCHEDULE_PLACES_H_

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "daemon/schedule/work.h"

namespace headway::schedule {

class Places {
 public:
  // `each`: how many of each class.
  explicit Places(int each) : each_(each) {}

  bool AreFree(const Piece& piece) const {
    const auto taken = taken_.find(piece.resource);
    if (taken != taken_.end() && taken->second >= each_) return false;
    return std::none_of(
        piece.hosts.begin(), piece.hosts.end(),
        [this](const std::string& host) { return hosts_.count(host) > 0; });
  }

  void Take(const Piece& piece) {
    ++taken_[piece.resource];
    hosts_.insert(piece.hosts.begin(), piece.hosts.end());
  }

  void Give(const Piece& piece) {
    --taken_[piece.resource];
    for (const std::string& host : piece.hosts) hosts_.erase(host);
  }

 private:
  const int each_;
  std::map<Resource, int> taken_;
  std::set<std::string> hosts_;
};

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_PLACES_H_

#include "daemon/query/math/frontier.h"

#include <algorithm>
#include <vector>

#include "daemon/query/math/column.h"
#include "daemon/query/math/resample.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Observations;

constexpr double kDaysPerMonth = 30.4375;

struct Record {
  int32_t day;
  double score;
};

// The days on which the best score so far rose, and to what.
std::vector<Record> Records(const Observations& scores) {
  std::vector<Record> records;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (records.empty() || scores.values[i] > records.back().score) {
      records.push_back({scores.ordinals[i], scores.values[i]});
    }
  }
  return records;
}

// Follows records day by day.
class Frontier {
 public:
  explicit Frontier(const Observations& scores) : records_(Records(scores)) {}

  void AdvanceTo(int32_t day) {
    while (next_ < records_.size() && records_[next_].day <= day) ++next_;
  }

  bool started() const { return next_ > 0; }
  double best() const { return records_[next_ - 1].score; }

  // The day on which `score`, which has been reached, was. Scores asked for
  // never fall.
  int32_t DayReached(double score) {
    while (records_[reached_].score < score) ++reached_;
    return records_[reached_].day;
  }

 private:
  const std::vector<Record> records_;
  size_t next_ = 0;
  size_t reached_ = 0;
};

}  // namespace

Observations FrontierLag(const Observations& leader,
                         const Observations& follower) {
  Observations lag;
  lag.frequency = Frequency::kDaily;
  lag.known_at = std::max(leader.known_at, follower.known_at);
  if (leader.empty() || follower.empty()) return lag;
  Frontier ahead(leader);
  Frontier behind(follower);
  const int32_t horizon = LastPeriodOver(Frequency::kDaily, lag.known_at);
  for (int32_t day = follower.ordinals.front(); day <= horizon; ++day) {
    ahead.AdvanceTo(day);
    behind.AdvanceTo(day);
    if (!ahead.started()) continue;
    const int32_t days = ahead.best() >= behind.best()
                             ? day - ahead.DayReached(behind.best())
                             : behind.DayReached(ahead.best()) - day;
    Append(day, days / kDaysPerMonth, &lag);
  }
  return lag;
}

}  // namespace headway::query

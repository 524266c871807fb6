// What a function may look at besides its arguments: the store, as of the
// instant of the answer.
#ifndef HEADWAY_DAEMON_QUERY_SOURCE_H_
#define HEADWAY_DAEMON_QUERY_SOURCE_H_

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/query.h"
#include "daemon/store/store.h"

namespace headway::query {

// The members that the expression at hand must have.
struct RequiredMembers {
  std::vector<MemberSet> sets;
  // Labels of the sets that columns were seen to have, and those of them that
  // an aggregation asked its groups for.
  std::set<std::string> met;
  std::set<std::string> enforced;
};

// Belongs to one evaluation, on one thread.
class Source {
 public:
  // All are borrowed. With `read` false values stay out: what is known without
  // them is checked.
  Source(const Context& context, const IndicatorMap& indicators, bool read)
      : reader_(context.reader), indicators_(indicators), read_(read) {
    options_.as_of = context.as_of;
    options_.recorded_by = context.recorded_by;
    members_.sets = context.members;
  }

  // Null: nothing is known of series.
  const store::Reader* reader() const { return reader_; }
  bool reads() const { return read_; }
  const store::ReadOptions& options() const { return options_; }
  bool IsIndicator(const std::string& name) const {
    return indicators_.count(name) > 0;
  }

  // Those of the expression that is being evaluated: of an indicator while the
  // walk is within it.
  RequiredMembers& members() { return members_; }
  // Returns those before.
  RequiredMembers EnterMembers(RequiredMembers members) {
    return std::exchange(members_, std::move(members));
  }

  // The vintages of a series that values came from.
  void Used(series::VintageKind kind) { vintage_kinds_.insert(kind); }
  const std::set<series::VintageKind>& vintage_kinds() const {
    return vintage_kinds_;
  }

  // The instant that the answer is as of: the one asked for, or when the store
  // last took something in, if that is earlier. InfinitePast of an empty store.
  absl::StatusOr<absl::Time> Instant() {
    depends_on_instant_ = true;
    if (instant_.has_value()) return *instant_;
    absl::Time newest = absl::InfinitePast();
    if (reader_->commit() > 0) {
      ASSIGN_OR_RETURN(const std::vector<store::CommitEntry> last,
                       reader_->ListCommits(reader_->commit() - 1, 1));
      if (!last.empty()) newest = last.front().recorded_at;
    }
    instant_ = std::min({newest, options_.as_of, options_.recorded_by});
    return *instant_;
  }
  // Whether the values change with the instant, though the series do not.
  bool depends_on_instant() const { return depends_on_instant_; }

 private:
  const store::Reader* const reader_;
  const IndicatorMap& indicators_;
  const bool read_;
  store::ReadOptions options_;
  RequiredMembers members_;
  std::set<series::VintageKind> vintage_kinds_;
  std::optional<absl::Time> instant_;
  bool depends_on_instant_ = false;
};

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_SOURCE_H_

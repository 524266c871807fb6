// What each indicator meant when: every version of its definition that was in
// force, so that a read as of an instant says what was said then.
//
// A version counts from the instant at which the daemon took it; before the
// first one, that one counts. What a version is of is what an answer rests on:
// title, meaning, expression, unit and members.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_INDICATOR_HISTORY_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_INDICATOR_HISTORY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/query/query.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

struct IndicatorVersion {
  // From 1.
  int number = 0;
  absl::Time since;
  // The indicator was taken out of the definitions; the rest is empty.
  bool is_removal = false;
  std::string title;
  std::string meaning;
  std::string expression;
  std::string unit;
  std::vector<query::MemberSet> members = {};
  // The expression, unit and members, or why this program cannot read them any
  // more.
  absl::StatusOr<query::IndicatorDefinition> compiled =
      absl::UnknownError("it was not read");
};

// Const methods are thread-safe.
class IndicatorHistory {
 public:
  // A record that cannot be read is left out, and said in the log.
  static absl::StatusOr<IndicatorHistory> Read(const store::Reader& reader);

  // Adds a version for each indicator of `now` that differs from its newest,
  // and for each that is there no more; returns the records to be stored.
  std::vector<store::Record> Add(const Definitions& now, absl::Time time);

  // The version that counts at the instant; null for an indicator that never
  // was valid, or was taken out by then.
  const IndicatorVersion* At(const std::string& indicator,
                             absl::Time instant) const;
  // The indicators as they were defined at the instant, those that are gone
  // since among them; null if that is as they are now. One whose definition of
  // then cannot be read is not among them.
  std::shared_ptr<const query::IndicatorMap> ExpressionsAt(
      absl::Time instant, const query::IndicatorMap& now) const;

 private:
  // Of each indicator, the oldest first; none is empty.
  std::map<std::string, std::vector<IndicatorVersion>> versions_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_INDICATOR_HISTORY_H_

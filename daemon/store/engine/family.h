// The families of keys of a store: key spaces apart from one another.
// format/format.h and format/document.h say what is in each.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_FAMILY_H_
#define HEADWAY_DAEMON_STORE_ENGINE_FAMILY_H_

namespace headway::store {

// New ones go to the end: journals (upkeep/journal.h) hold the numbers, and an
// engine names its own key spaces in this order.
enum class Family {
  kMeta,
  kSeries,
  kKeys,
  kIndex,
  kVintages,
  kCurrent,
  kCommits,
  kCheckpoints,
  kForecasts,
  kRuns,
  kScores,
  kVerdicts,
  kState,
  kPulls,
  kDocuments,
  kHolders,
  kBodies,
  kDescriptions,
  kChanges,
};
inline constexpr Family kLastFamily = Family::kChanges;

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_FAMILY_H_

// Several series over the same periods, and their lags as regressors.
#ifndef HEADWAY_DAEMON_EVIDENCE_VAR_SYSTEM_H_
#define HEADWAY_DAEMON_EVIDENCE_VAR_SYSTEM_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::evidence {

struct System {
  std::vector<std::string> names;
  Eigen::MatrixXd values;  // periods x series, the oldest first

  int series() const { return static_cast<int>(values.cols()); }
  int periods() const { return static_cast<int>(values.rows()); }
};

// INVALID_ARGUMENT: names that differ in number from the columns or occur
// twice, a value that is missing, a series that never varies.
absl::Status CheckSystem(const System& system);

// The column of a name. NOT_FOUND names the nearest.
absl::StatusOr<int> SeriesIndex(const System& system, absl::string_view name);

// What an equation has besides lags.
enum class Deterministic { kNone, kConstant, kTrend, kConstantAndTrend };
// "none", "constant", "trend", "constant and trend".
absl::string_view DeterministicName(Deterministic deterministic);
int DeterministicTerms(Deterministic deterministic);

struct Lagged {
  Eigen::MatrixXd targets;     // observations x series
  Eigen::MatrixXd regressors;  // lag 1 of every series, lag 2, ...; constant;
                               // trend, which counts the periods of the system
                               // from 1
  std::vector<std::string> columns;  // "NAME.l1", ..., "const", "trend"
};

// Observations begin with period `first` (from 0), at least `lags`.
Lagged MakeLags(const System& system, int lags, Deterministic deterministic,
                int first);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_VAR_SYSTEM_H_

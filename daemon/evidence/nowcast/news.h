// Why a nowcast changed: revisions of what was known, news in what is new, and
// parameters that were estimated anew.
//
// Bańbura, Modugno 2014, "Maximum Likelihood Estimation of Factor Models on
// Datasets with Arbitrary Pattern of Missing Data", Journal of Applied
// Econometrics 29, section 2.3; Bok, Caratelli, Giannone, Sbordone, Tambalotti
// 2018, "Macroeconomic Nowcasting and Forecasting with Big Data".
#ifndef HEADWAY_DAEMON_EVIDENCE_NOWCAST_NEWS_H_
#define HEADWAY_DAEMON_EVIDENCE_NOWCAST_NEWS_H_

#include <Eigen/Dense>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/math/state_space.h"

namespace headway::evidence {

// A model of series that are standardised: (value - mean) / deviation.
struct NowcastModel {
  StateSpace state_space;
  Eigen::VectorXd mean;
  Eigen::VectorXd deviation;
};

struct NowcastQuestion {
  int series = 0;
  int period = 0;  // row of the tables
};

struct Nowcast {
  double value = 0;
  double standard_error = 0;
};

// Of series and period as the model has it, in its units: E[y | table], and the
// root of its variance. The table is periods x series, NaN where missing.
// INVALID_ARGUMENT: shapes, a deviation that is not positive. Pure.
absl::StatusOr<Nowcast> MakeNowcast(const NowcastModel& model,
                                    const Eigen::MatrixXd& table,
                                    const NowcastQuestion& question);

// One value that is in the new table and not in the old one.
struct Release {
  int series = 0;
  int period = 0;
  double forecast = 0;  // from the old table, with its values revised
  double observed = 0;
  double news = 0;    // observed less forecast
  double weight = 0;  // by which the nowcast moves for a unit of news
  double impact = 0;
};

struct SeriesRevision {
  int series = 0;
  int revised = 0;    // values that changed
  int withdrawn = 0;  // that were there and are no longer
  double impact = 0;
};

struct NewsBreakdown {
  Nowcast old_nowcast;
  Nowcast new_nowcast;
  double revisions = 0;
  double news = 0;
  double reestimation = 0;
  std::vector<Release> releases;            // by period, then by series
  std::vector<SeriesRevision> by_revision;  // of the series that have some
  // old + revisions + news + reestimation - new.
  double remainder = 0;
};

// Both tables have the same periods; those that one lacks are NaN in it.
// Revisions come first: news are measured against what the old table foretold
// with its values revised. `reestimated` is the model of the new table where it
// differs. INTERNAL: the parts do not add up to 1e-9 of the nowcast's scale.
// Pure.
absl::StatusOr<NewsBreakdown> DecomposeNews(
    const NowcastModel& model, const Eigen::MatrixXd& old_table,
    const Eigen::MatrixXd& new_table, const NowcastQuestion& question,
    const std::optional<NowcastModel>& reestimated = std::nullopt);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_NOWCAST_NEWS_H_

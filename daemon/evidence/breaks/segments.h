// Where the coefficients of a regression change: the best dates of any number
// of breaks, how many there are, and how sure the dates are (Bai and Perron
// 2003, "Computation and Analysis of Multiple Structural Change Models",
// Journal of Applied Econometrics 18).
#ifndef HEADWAY_DAEMON_EVIDENCE_BREAKS_SEGMENTS_H_
#define HEADWAY_DAEMON_EVIDENCE_BREAKS_SEGMENTS_H_

#include <Eigen/Dense>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/math/covariance.h"

namespace headway::evidence {

// Rows in the order of time; `x` has the column of ones if there is to be one.
struct BreakInput {
  Eigen::VectorXd y;
  Eigen::MatrixXd x;
  std::vector<std::string> names;
};

// A break is the last row of the old regime, from 1.
struct Segmentation {
  std::vector<int> breaks;
  double rss = 0;
  double log_likelihood = 0;
  double bic = 0;
  // Liu, Wu and Zidek 1997, "On segmented multivariate regression".
  double lwz = 0;
};

struct BreakSearch {
  int least_rows = 0;  // of a segment
  // By the number of breaks, from none.
  std::vector<Segmentation> by_count;
  int best_bic = 0;
  int best_lwz = 0;
};

// `h`: the least rows of a segment; more than the regressors. `most`: breaks,
// or as many as there is room for. INVALID_ARGUMENT: values that are not
// finite, an `h` out of range, fewer than 2 h rows or more than 4,000,
// collinear regressors. Takes time and memory in the square of the rows.
absl::StatusOr<BreakSearch> FindBreaks(const BreakInput& input, int h,
                                       std::optional<int> most);

struct Segment {
  int first = 0;  // row, from 1
  int last = 0;
  Eigen::VectorXd coefficients;
  Eigen::VectorXd standard_errors;
};

struct BreakInterval {
  int at = 0;
  int low = 0;
  int high = 0;
};

struct SegmentFits {
  std::vector<Segment> segments;
  // Bai 1997, "Estimation of a Change Point in Multiple Regression Models",
  // Review of Economics and Statistics 79, equation 16: variances and moments
  // differ between regimes. Absent where the two sides are too alike.
  std::vector<std::optional<BreakInterval>> intervals;
  std::vector<std::string> warnings;
};

// With `hac` the covariance of each segment is that, else classical; `level` in
// (0, 1).
absl::StatusOr<SegmentFits> FitSegments(const BreakInput& input,
                                        const std::vector<int>& breaks,
                                        const std::optional<HacOptions>& hac,
                                        double level);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_BREAKS_SEGMENTS_H_

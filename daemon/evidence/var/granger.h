// Whether the past of one series helps to predict another (Granger 1969).
//
// Three different tests carry the name, and each is given under its own:
//   pair        one equation with the lags of two series, as
//   lmtest::grangertest equation    one equation of the whole system, all lags
//   of one cause system      one series against all others together, as
//   vars::causality
// and Toda and Yamamoto's, in levels, which holds for series with unit roots.
// None of them says that one thing brings about another.
#ifndef HEADWAY_DAEMON_EVIDENCE_VAR_GRANGER_H_
#define HEADWAY_DAEMON_EVIDENCE_VAR_GRANGER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/var/system.h"
#include "daemon/evidence/var/var.h"

namespace headway::evidence {

struct FTest {
  double f = 0;
  double degrees1 = 0;
  double degrees2 = 0;
  double p = 1;
};

struct ChiSquaredTest {
  double statistic = 0;
  double degrees = 0;
  double p = 1;
};

// The null hypothesis: no lag of `cause` helps to predict `effect`.
struct PairTest {
  std::string cause;
  std::string effect;
  int lags = 0;
  int observations = 0;
  FTest f;
  // Of the same sums of squares: n (rss0 - rss1) / rss1, and n log(rss0/rss1).
  ChiSquaredTest wald;
  ChiSquaredTest likelihood_ratio;
  // With Newey and West's covariance (Bartlett weights of `hac_lags` lags,
  // without prewhitening, scaled by n / (n - k)).
  FTest hac;
  int hac_lags = 0;
};

// From the equation of `effect` on a constant and `lags` lags of the two.
// `hac_lags` < 0 stands for 4 (n / 100)^(2/9), rounded down (Newey, West 1994).
// INVALID_ARGUMENT as FitVar; NOT_FOUND: no such series. Pure.
absl::StatusOr<PairTest> TestPair(const System& system, absl::string_view cause,
                                  absl::string_view effect, int lags,
                                  int hac_lags = -1);

struct EquationTest {
  FTest f;
  FTest hac;  // as PairTest's
  int hac_lags = 0;
};

// Of `effect` on all lags of `cause`, given those of every other series.
absl::StatusOr<EquationTest> TestEquation(const Var& var,
                                          absl::string_view cause,
                                          absl::string_view effect,
                                          int hac_lags = -1);

struct SystemTest {
  // No lag of `cause` in any other equation; second degrees of freedom are
  // those of all equations together (Lütkepohl 2005, 3.6).
  FTest granger;
  // No correlation of its shock with those of the others in the same period: a
  // lead of neither.
  ChiSquaredTest instantaneous;
};

absl::StatusOr<SystemTest> TestSystem(const Var& var, absl::string_view cause);

struct TodaYamamotoTest {
  std::string cause;
  std::string effect;
  int lags = 0;        // p, which are tested
  int extra_lags = 0;  // d_max, which are fitted and not tested
  ChiSquaredTest wald;
};

// Toda, Yamamoto 1995, "Statistical Inference in Vector Autoregressions with
// Possibly Integrated Processes", Journal of Econometrics 66: every ordered
// pair of series, within the whole system. `extra_lags` must be at least the
// highest order of integration. Pure.
absl::StatusOr<std::vector<TodaYamamotoTest>> TestTodaYamamoto(
    const System& system, int lags, int extra_lags,
    Deterministic deterministic = Deterministic::kConstant);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_VAR_GRANGER_H_

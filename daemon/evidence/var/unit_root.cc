#include "daemon/evidence/var/unit_root.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/math/distributions.h"
#include "daemon/evidence/math/full_rank.h"

namespace headway::evidence {
namespace {

// MacKinnon 1994, "Approximate Asymptotic Distribution Functions for Unit-Root
// and Cointegration Tests", JBES 12: the normal quantile of the p-value as a
// polynomial of tau, one below `star` and one above; and MacKinnon 2010, table
// 2: the critical value as a polynomial of 1 / n.
struct MacKinnon {
  double lowest;
  double star;
  double highest;
  std::array<double, 3> small;
  std::array<double, 4> large;
  std::array<std::array<double, 4>, 3> critical;  // at 1, 5, 10 %
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr MacKinnon kNone = {-19.04,
                             -1.04,
                             kInfinity,
                             {0.6344, 1.2378, 0.032496},
                             {0.4797, 0.93557, -0.06999, 0.033066},
                             {{{-2.56574, -2.2358, -3.627, 0},
                               {-1.94100, -0.2686, -3.365, 31.223},
                               {-1.61682, 0.2656, -2.714, 25.364}}}};
constexpr MacKinnon kConstant = {-18.83,
                                 -1.61,
                                 2.74,
                                 {2.1659, 1.4412, 0.038269},
                                 {1.7339, 0.93202, -0.12745, -0.010368},
                                 {{{-3.43035, -6.5393, -16.786, -79.433},
                                   {-2.86154, -2.8903, -4.234, -40.040},
                                   {-2.56677, -1.5384, -2.809, 0}}}};
constexpr MacKinnon kTrend = {-16.18,
                              -2.89,
                              0.7,
                              {3.2512, 1.6047, 0.049588},
                              {2.5261, 0.61654, -0.37956, -0.060285},
                              {{{-3.95877, -9.0531, -28.428, -134.155},
                                {-3.41049, -4.3904, -9.036, -45.374},
                                {-3.12705, -2.5856, -3.925, -22.380}}}};

absl::StatusOr<const MacKinnon*> TableOf(Deterministic deterministic) {
  switch (deterministic) {
    case Deterministic::kNone:
      return &kNone;
    case Deterministic::kConstant:
      return &kConstant;
    case Deterministic::kConstantAndTrend:
      return &kTrend;
    case Deterministic::kTrend:
      break;
  }
  return absl::InvalidArgumentError(
      "a unit root is not tested with a trend alone; use a constant and trend");
}

template <size_t kCount>
double Polynomial(const std::array<double, kCount>& coefficients, double x) {
  double value = 0;
  for (size_t i = kCount; i-- > 0;) value = value * x + coefficients[i];
  return value;
}

double MacKinnonP(const MacKinnon& table, double tau) {
  if (tau > table.highest) return 1;
  if (tau < table.lowest) return 0;
  const double z = tau <= table.star ? Polynomial(table.small, tau)
                                     : Polynomial(table.large, tau);
  return 0.5 * std::erfc(-z / std::sqrt(2));
}

absl::Status CheckSeries(absl::string_view name,
                         const Eigen::VectorXd& values) {
  System one;
  one.names = {std::string(name)};
  one.values = values;
  return CheckSystem(one);
}

struct AdfFit {
  double tau = 0;
  double aic = 0;
  int observations = 0;
};

// Observations begin after `first` differences.
absl::StatusOr<AdfFit> FitAdf(absl::string_view name,
                              const Eigen::VectorXd& values, int lags,
                              int first, Deterministic deterministic) {
  const Eigen::Index periods = values.size();
  const Eigen::VectorXd difference =
      values.tail(periods - 1) - values.head(periods - 1);
  const Eigen::Index n = periods - 1 - first;
  const int terms = DeterministicTerms(deterministic);
  if (n <= 1 + lags + terms) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", periods,
                     " periods are too few for a test of "
                     "a unit root with ",
                     lags, " lags"));
  }
  Eigen::MatrixXd x(n, 1 + lags + terms);
  std::vector<std::string> columns = {"level"};
  x.col(0) = values.segment(first, n);
  for (int lag = 1; lag <= lags; ++lag) {
    x.col(lag) = difference.segment(first - lag, n);
    columns.push_back(absl::StrCat("difference ", lag));
  }
  if (terms >= 1) {
    x.col(1 + lags).setOnes();
    columns.push_back("const");
  }
  if (terms == 2) {
    x.col(2 + lags) = Eigen::VectorXd::LinSpaced(n, 1, static_cast<double>(n));
    columns.push_back("trend");
  }
  absl::StatusOr<LeastSquares> fit =
      SolveFullRank(x, difference.tail(n), columns);
  if (!fit.ok()) return Annotate(fit.status(), name);
  const double squares = fit->residuals.squaredNorm();
  const double count = static_cast<double>(n);
  const double error = std::sqrt(squares / static_cast<double>(n - x.cols()) *
                                 fit->gram_inverse(0, 0));
  return AdfFit{
      fit->coefficients(0, 0) / error,
      count * std::log(squares / count) + 2 * static_cast<double>(x.cols()),
      static_cast<int>(n)};
}

absl::StatusOr<int> ChooseAdfLags(absl::string_view name,
                                  const Eigen::VectorXd& values,
                                  Deterministic deterministic) {
  const int periods = static_cast<int>(values.size());
  const int most = std::min(
      static_cast<int>(12 * std::pow(periods / 100.0, 0.25)),
      std::max(0, (periods - 1) / 2 - 2 - DeterministicTerms(deterministic)));
  int best = 0;
  double least = kInfinity;
  for (int lags = 0; lags <= most; ++lags) {
    ASSIGN_OR_RETURN(const AdfFit fit,
                     FitAdf(name, values, lags, most, deterministic));
    if (fit.aic < least) {
      least = fit.aic;
      best = lags;
    }
  }
  return best;
}

constexpr std::array<double, 4> kKpssLevel = {0.347, 0.463, 0.574, 0.739};
constexpr std::array<double, 4> kKpssTrend = {0.119, 0.146, 0.176, 0.216};
constexpr std::array<double, 4> kKpssSizes = {0.1, 0.05, 0.025, 0.01};

double KpssP(const std::array<double, 4>& critical, double statistic) {
  if (statistic <= critical[0]) return kKpssSizes[0];
  for (size_t i = 1; i < critical.size(); ++i) {
    if (statistic > critical[i]) continue;
    const double part =
        (statistic - critical[i - 1]) / (critical[i] - critical[i - 1]);
    return kKpssSizes[i - 1] + part * (kKpssSizes[i] - kKpssSizes[i - 1]);
  }
  return kKpssSizes[3];
}

Eigen::MatrixXd Residuals(const Eigen::MatrixXd& y, const Eigen::MatrixXd& x) {
  return y - x * x.colPivHouseholderQr().solve(y);
}

// Osterwald-Lenum 1992, Oxford Bulletin 54, table 1*: by the number of series
// less the rank, at 10, 5 and 1 %.
constexpr std::array<std::array<double, 3>, 5> kTrace = {
    {{7.52, 9.24, 12.97},
     {17.85, 19.96, 24.60},
     {32.00, 34.91, 41.07},
     {49.65, 53.12, 60.16},
     {71.86, 76.07, 84.45}}};

// The squared canonical correlations of the differences and the levels, given
// the lagged differences: falling.
std::vector<double> CanonicalCorrelations(const Eigen::MatrixXd& r0,
                                          const Eigen::MatrixXd& r1) {
  const double n = static_cast<double>(r0.rows());
  const Eigen::MatrixXd s00 = r0.transpose() * r0 / n;
  const Eigen::MatrixXd s01 = r0.transpose() * r1 / n;
  const Eigen::MatrixXd s11 = r1.transpose() * r1 / n;
  const Eigen::MatrixXd product = s01.transpose() * s00.ldlt().solve(s01);
  const Eigen::GeneralizedSelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      product, s11, Eigen::EigenvaluesOnly);
  std::vector<double> values(solver.eigenvalues().begin(),
                             solver.eigenvalues().end());
  std::sort(values.rbegin(), values.rend());
  values.resize(r0.cols());
  return values;
}

}  // namespace

absl::StatusOr<AdfTest> TestAdf(absl::string_view name,
                                const Eigen::VectorXd& values, int lags,
                                Deterministic deterministic) {
  RETURN_IF_ERROR(CheckSeries(name, values));
  ASSIGN_OR_RETURN(const MacKinnon* table, TableOf(deterministic));
  AdfTest test;
  test.lags = lags;
  if (lags < 0) {
    ASSIGN_OR_RETURN(test.lags, ChooseAdfLags(name, values, deterministic));
  }
  ASSIGN_OR_RETURN(const AdfFit fit,
                   FitAdf(name, values, test.lags, test.lags, deterministic));
  test.tau = fit.tau;
  test.observations = fit.observations;
  test.p = MacKinnonP(*table, fit.tau);
  for (size_t i = 0; i < test.critical.size(); ++i) {
    test.critical[i] = Polynomial(table->critical[i], 1.0 / fit.observations);
  }
  return test;
}

absl::StatusOr<KpssTest> TestKpss(absl::string_view name,
                                  const Eigen::VectorXd& values, bool trend) {
  RETURN_IF_ERROR(CheckSeries(name, values));
  const Eigen::Index n = values.size();
  if (n < 10) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", n,
                     " periods are too few for the KPSS test; 10 are the "
                     "least"));
  }
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(n, trend ? 2 : 1);
  if (trend) x.col(1) = Eigen::VectorXd::LinSpaced(n, -1, 1);
  const Eigen::VectorXd residuals = Residuals(values, x);
  KpssTest test;
  test.bandwidth =
      static_cast<int>(4 * std::pow(static_cast<double>(n) / 100, 0.25));
  double variance = residuals.squaredNorm();
  for (int lag = 1; lag <= test.bandwidth; ++lag) {
    variance += 2 * (1 - lag / (test.bandwidth + 1.0)) *
                residuals.tail(n - lag).dot(residuals.head(n - lag));
  }
  double sum = 0;
  double squares = 0;
  for (double residual : residuals) {
    sum += residual;
    squares += sum * sum;
  }
  test.statistic = squares / (static_cast<double>(n) * variance);
  test.critical = trend ? kKpssTrend : kKpssLevel;
  test.p = KpssP(test.critical, test.statistic);
  return test;
}

absl::StatusOr<int> OrderOfIntegration(absl::string_view name,
                                       const Eigen::VectorXd& values) {
  constexpr double kSize = 0.05;
  Eigen::VectorXd current = values;
  for (int order = 0; order < 2; ++order) {
    ASSIGN_OR_RETURN(const AdfTest test,
                     TestAdf(name, current, -1, Deterministic::kConstant));
    if (test.p < kSize) return order;
    const Eigen::Index n = current.size();
    current = (current.tail(n - 1) - current.head(n - 1)).eval();
    if (current.maxCoeff() == current.minCoeff()) return order + 1;
  }
  return 2;
}

absl::StatusOr<JohansenTest> TestJohansen(const System& system, int lags) {
  RETURN_IF_ERROR(CheckSystem(system));
  const int k = system.series();
  const Eigen::Index periods = system.periods();
  if (lags < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Johansen's test needs at least 2 lags of the levels, not ", lags));
  }
  const Eigen::Index n = periods - lags;
  if (n < k * lags + 2) {
    return absl::InvalidArgumentError(
        absl::StrCat(periods, " periods are too few for Johansen's test of ", k,
                     " series with ", lags, " lags"));
  }
  const Eigen::MatrixXd difference = system.values.bottomRows(periods - 1) -
                                     system.values.topRows(periods - 1);
  Eigen::MatrixXd short_run(n, k * (lags - 1));
  for (int lag = 1; lag < lags; ++lag) {
    short_run.middleCols(static_cast<Eigen::Index>(k) * (lag - 1), k) =
        difference.middleRows(lags - 1 - lag, n);
  }
  Eigen::MatrixXd levels = Eigen::MatrixXd::Ones(n, k + 1);
  levels.leftCols(k) = system.values.middleRows(lags - 1, n);
  JohansenTest test;
  test.eigenvalues =
      CanonicalCorrelations(Residuals(difference.bottomRows(n), short_run),
                            Residuals(levels, short_run));
  for (int rank = 0; rank < k; ++rank) {
    JohansenRow row{.rank = rank};
    for (int i = rank; i < k; ++i) {
      row.trace -= static_cast<double>(n) * std::log(1 - test.eigenvalues[i]);
    }
    const size_t free = static_cast<size_t>(k - rank);
    if (free <= kTrace.size()) row.critical = kTrace[free - 1];
    test.rows.push_back(row);
  }
  return test;
}

}  // namespace headway::evidence

#include "daemon/forecast/arima/fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/arima/likelihood.h"
#include "daemon/forecast/math/constants.h"

namespace headway::forecast {
namespace {

constexpr int kLanes = ArimaLikelihood::kLanes;
constexpr int kMostSteps = 60;
// The step of the finite differences.
constexpr double kDifference = 1e-6;
constexpr double kLongestStep = 2;
// A search is given up if it is this far above the AICc to beat and this many
// times the gain that its next step promises would not reach it. Their tuning
// is unrecorded.
constexpr double kHopelessGain = 4;
constexpr double kHopelessMargin = 2;

// Parameters as the criteria count them: the variance too.
int CountParameters(const ArimaLikelihood& likelihood, int missing) {
  return likelihood.form().coefficients() +
         static_cast<int>(likelihood.used_sides().size()) - missing + 1;
}

double Aicc(double log_likelihood, int parameters, int observations) {
  const double rest = observations - parameters - 1;
  if (rest <= 0) return kInfinity;
  return -2 * log_likelihood + 2 * parameters +
         2.0 * parameters * (parameters + 1) / rest;
}

// The sum of squares at a point, its slope and the squares of the slopes of its
// terms.
struct Point {
  std::vector<double> x;
  double value = kInfinity;
  std::vector<double> slope;
  std::vector<double> curvature;
};

// A step of Levenberg and Marquardt: false where the system is singular.
bool SolveStep(const Point& point, double damping, std::vector<double>& step) {
  const size_t k = point.x.size();
  std::vector<double> factor(k * k);
  double largest = 0;
  for (size_t i = 0; i < k; ++i) {
    largest = std::max(largest, point.curvature[i * k + i]);
  }
  if (!(largest > 0)) return false;
  step.assign(k, 0.0);
  for (size_t i = 0; i < k; ++i) {
    double rest = -point.slope[i];
    for (size_t j = 0; j <= i; ++j) {
      double sum = point.curvature[i * k + j];
      if (i == j) sum += damping * (sum + 1e-6 * largest);
      for (size_t m = 0; m < j; ++m)
        sum -= factor[i * k + m] * factor[j * k + m];
      if (j < i) {
        factor[i * k + j] = sum / factor[j * k + j];
        rest -= factor[i * k + j] * step[j];
      } else {
        if (!(sum > 1e-14 * largest)) return false;
        factor[i * k + i] = std::sqrt(sum);
      }
    }
    step[i] = rest / factor[i * k + i];
  }
  for (size_t i = k; i-- > 0;) {
    for (size_t m = i + 1; m < k; ++m) step[i] -= factor[m * k + i] * step[m];
    step[i] /= factor[i * k + i];
  }
  return true;
}

class Minimizer {
 public:
  Minimizer(ArimaLikelihood& likelihood, const ArimaFitOptions& options,
            int missing, int observations, StopRequest stop)
      : likelihood_(likelihood),
        options_(options),
        stop_(stop),
        parameters_(CountParameters(likelihood, missing)),
        observations_(observations) {}

  Point Run(const std::vector<double>& start) {
    Point point;
    Evaluate(start, kInfinity, point);
    if (!std::isfinite(point.value)) return point;
    double damping = 1e-3;
    Point trial;
    std::vector<double> step;
    for (int i = 0; i < kMostSteps && damping < 1e8 && !stop_.requested();
         ++i) {
      if (!SolveStep(point, damping, step)) {
        damping = std::max(1e-3, damping * 10);
        continue;
      }
      const double promised = Promise(point, step);
      if (promised < options_.tolerance) break;
      if (IsHopeless(point, promised)) break;
      std::vector<double> x = point.x;
      for (size_t j = 0; j < x.size(); ++j) x[j] += step[j];
      if (!Evaluate(x, point.value, trial)) {
        damping *= 8;
        continue;
      }
      const double gain =
          likelihood_.rate() * std::log(point.value / trial.value);
      std::swap(point, trial);
      damping = gain > 0.5 * promised ? damping * 0.1 : damping;
      damping = std::max(damping, 1e-9);
    }
    return point;
  }

 private:
  // Keeps the step within reach of the quadratic and says how much the
  // log-likelihood should gain by it.
  double Promise(const Point& point, std::vector<double>& step) const {
    const size_t k = step.size();
    double longest = 0;
    for (size_t i = 0; i < k; ++i) {
      longest = std::max(longest,
                         std::abs(step[i]) / (1 + 0.5 * std::abs(point.x[i])));
    }
    if (longest > kLongestStep) {
      for (double& part : step) part *= kLongestStep / longest;
    }
    double change = 0;
    for (size_t i = 0; i < k; ++i) {
      change += 2 * step[i] * point.slope[i];
      for (size_t j = 0; j < k; ++j) {
        const size_t at = i > j ? i * k + j : j * k + i;
        change += step[i] * step[j] * point.curvature[at];
      }
    }
    const double share = std::min(-change / point.value, 0.999);
    return -likelihood_.rate() * std::log1p(-share);
  }

  bool IsHopeless(const Point& point, double promised) {
    if (options_.stop_near_unit_root) {
      const bool near = IsNearUnitRoot(likelihood_.form(),
                                       FromFree(likelihood_.form(), point.x));
      steps_near_unit_root_ = near ? steps_near_unit_root_ + 1 : 0;
      if (steps_near_unit_root_ >= 4) return true;
    }
    const double hoped = likelihood_.LogLikelihood(point.value) +
                         kHopelessGain * promised + kHopelessMargin;
    return Aicc(hoped, parameters_, observations_) > options_.aicc_to_beat;
  }

  // False, and nothing else, where the value is not below `limit`.
  bool Evaluate(const std::vector<double>& x, double limit, Point& point) {
    const int k = static_cast<int>(x.size());
    width_ = (k / kLanes + 1) * kLanes;
    rows_.assign(static_cast<size_t>(width_) * likelihood_.size(), 0.0);
    point.x = x;
    likelihood_.SetPoint(0, x);
    for (int first = 0; first <= k; first += kLanes) {
      const int count = std::min(k + 1 - first, kLanes);
      double scale[kLanes] = {};
      for (int lane = first == 0 ? 1 : 0; lane < count; ++lane) {
        std::vector<double> moved = x;
        double& variable = moved[first + lane - 1];
        scale[lane] = 1 / Width(variable);
        variable += Width(variable);
        likelihood_.SetPoint(lane, moved);
      }
      likelihood_.Evaluate(count);
      if (first == 0) {
        point.value = likelihood_.sum_of_squares(0);
        if (!(point.value < limit)) return false;
      }
      for (int lane = 0; lane < count; ++lane) {
        // A neighbour without a likelihood has no slope.
        if (!std::isfinite(likelihood_.sum_of_squares(lane))) scale[lane] = 0;
      }
      TakeSlopes(first, scale);
    }
    MultiplySlopes(point);
    return true;
  }

  // Row by row: the terms at the point, and their slopes.
  void TakeSlopes(int first, const double* scale) {
    const double* residuals = likelihood_.residuals().data();
    for (int t = 0; t < likelihood_.size(); ++t, residuals += kLanes) {
      double* row = &rows_[static_cast<size_t>(t) * width_];
      const double base = first == 0 ? residuals[0] : row[0];
      for (int lane = 0; lane < kLanes; ++lane) {
        row[first + lane] =
            scale[lane] == 0 ? 0 : (residuals[lane] - base) * scale[lane];
      }
      row[0] = base;
    }
  }

  void MultiplySlopes(Point& point) const {
    const int k = static_cast<int>(point.x.size());
    point.slope.assign(k, 0.0);
    point.curvature.assign(k * k, 0.0);
    for (int i = 1; i <= k; ++i) {
      for (int group = 0; group <= i; group += kLanes) {
        double sum[kLanes] = {};
        const double* row = rows_.data();
        for (int t = 0; t < likelihood_.size(); ++t, row += width_) {
          for (int lane = 0; lane < kLanes; ++lane) {
            sum[lane] += row[i] * row[group + lane];
          }
        }
        for (int lane = 0; lane < kLanes && group + lane <= i; ++lane) {
          const int j = group + lane;
          double& product = j == 0 ? point.slope[i - 1]
                                   : point.curvature[(i - 1) * k + j - 1];
          product = sum[lane];
        }
      }
    }
  }

  static double Width(double x) {
    return kDifference * std::max(1.0, std::abs(x));
  }

  ArimaLikelihood& likelihood_;
  const ArimaFitOptions& options_;
  const StopRequest stop_;
  const int parameters_;
  const int observations_;
  int steps_near_unit_root_ = 0;
  int width_ = 0;
  std::vector<double> rows_;  // [t * width_ + 1 + parameter]
};

// Starting points towards the corners of the space, where optima hide that a
// search from the middle does not find: the first partial autocorrelations to
// either side, and, of moving averages, the last one too.
void AddCorners(const ArimaForm& form,
                std::vector<std::vector<double>>& starts) {
  const int k = form.coefficients();
  for (const double ar : {-1.0, 1.0}) {
    for (const double ma : {-1.5, 1.5}) {
      std::vector<double> x(k);
      if (form.ar > 0) x[0] = ar;
      if (form.ma > 1) x[form.ar + form.ma - 1] = -1.5;
      if (form.ma > 0) x[form.ar] = ma;
      if (form.seasonal_ma > 0) x[k - 1] = ma / 2;
      starts.push_back(std::move(x));
    }
  }
}

// The best `count` of `starts`, best first, duplicates left out.
std::vector<std::vector<double>> BestStarts(
    std::vector<std::vector<double>> starts, int count,
    ArimaLikelihood& likelihood) {
  std::vector<std::pair<double, size_t>> order;
  for (size_t first = 0; first < starts.size(); first += kLanes) {
    const int lanes =
        static_cast<int>(std::min<size_t>(kLanes, starts.size() - first));
    for (int lane = 0; lane < lanes; ++lane) {
      likelihood.SetPoint(lane, starts[first + lane]);
    }
    likelihood.Evaluate(lanes);
    for (int lane = 0; lane < lanes; ++lane) {
      order.push_back({likelihood.sum_of_squares(lane), first + lane});
    }
  }
  std::sort(order.begin(), order.end());
  std::vector<std::vector<double>> best;
  for (const auto& [value, index] : order) {
    if (static_cast<int>(best.size()) == count) break;
    if (!std::isfinite(value)) continue;
    if (std::find(best.begin(), best.end(), starts[index]) == best.end()) {
      best.push_back(starts[index]);
    }
  }
  return best;
}

ArimaFit WithoutLikelihood(const ArimaForm& form) {
  ArimaFit fit;
  fit.form = form;
  fit.free.resize(form.coefficients());
  return fit;
}

ArimaFit MakeFit(const ArimaDesign& design, const Point& point,
                 ArimaLikelihood& likelihood) {
  ArimaFit fit;
  fit.form = likelihood.form();
  fit.free = point.x;
  fit.coefficients = FromFree(fit.form, point.x);
  fit.near_unit_root = IsNearUnitRoot(fit.form, fit.coefficients);
  if (!std::isfinite(point.value)) return fit;
  likelihood.SetPoint(0, point.x);
  likelihood.Evaluate(1);
  const absl::Span<const double> regression = likelihood.regression(0);
  fit.regression.assign(regression.begin() + design.missing, regression.end());
  const int n = design.observations;
  const int parameters = CountParameters(likelihood, design.missing);
  fit.log_likelihood = likelihood.LogLikelihood(point.value);
  fit.aic = -2 * fit.log_likelihood + 2 * parameters;
  fit.aicc = Aicc(fit.log_likelihood, parameters, n);
  fit.bic = -2 * fit.log_likelihood + parameters * std::log(n);
  // Without the determinant, which the residuals hold.
  double sum = 0;
  for (int t = 0; t < likelihood.size(); ++t) {
    double error = likelihood.filter().whitened(0)[t * kLanes];
    for (size_t side = 0; side < regression.size(); ++side) {
      error -= regression[side] * likelihood.filter().whitened(
                                      static_cast<int>(side) + 1)[t * kLanes];
    }
    sum += error * error;
  }
  fit.variance = sum / std::max(1, n - parameters + 1);
  return fit;
}

absl::Status CheckForm(const ArimaForm& form) {
  constexpr int kMostOrder = 10;
  constexpr int kMostSeason = 1000;
  for (int order : {form.ar, form.ma, form.seasonal_ar, form.seasonal_ma,
                    form.differences, form.seasonal_differences}) {
    if (order < 0 || order > kMostOrder) {
      return absl::InvalidArgumentError(absl::StrCat(
          "an order of ", order, " is out of range; choose 0 to ", kMostOrder));
    }
  }
  if (form.season < 1 || form.season > kMostSeason) {
    return absl::InvalidArgumentError(absl::StrCat(
        "season ", form.season, " is out of range; choose 1 to ", kMostSeason));
  }
  if (form.has_constant && form.differences + form.seasonal_differences > 1) {
    return absl::InvalidArgumentError(
        "a model with two differences or more has no constant; leave it out");
  }
  return absl::OkStatus();
}

}  // namespace

ArimaFitter::ArimaFitter(const ArimaDesign& design, StopRequest stop)
    : design_(design), stop_(stop), start_(design) {}

ArimaFit ArimaFitter::Fit(const ArimaForm& form,
                          const ArimaFitOptions& options) const {
  if (stop_.requested()) return WithoutLikelihood(form);
  ArimaLikelihood likelihood(design_, form, stop_);
  std::vector<std::vector<double>> starts = options.starts;
  if (form.coefficients() > 0) {
    starts.push_back(start_.Start(form));
    starts.push_back(std::vector<double>(form.coefficients()));
    if (options.searches > 1) AddCorners(form, starts);
  } else {
    starts = {{}};
  }
  starts = BestStarts(std::move(starts), options.searches, likelihood);
  Point best;
  best.x.resize(form.coefficients());
  for (const std::vector<double>& start : starts) {
    Minimizer minimizer(likelihood, options, design_.missing,
                        design_.observations, stop_);
    Point point = minimizer.Run(start);
    const bool is_inside = options.stop_near_unit_root &&
                           std::isfinite(point.value) &&
                           !IsNearUnitRoot(form, FromFree(form, point.x));
    if (is_inside || point.value < best.value) best = std::move(point);
    if (is_inside) break;
  }
  if (stop_.requested()) return WithoutLikelihood(form);
  return MakeFit(design_, best, likelihood);
}

absl::StatusOr<ArimaFit> FitArima(absl::Span<const double> values,
                                  const ArimaForm& form,
                                  const Regressors& regressors) {
  RETURN_IF_ERROR(CheckForm(form));
  ASSIGN_OR_RETURN(const ArimaDesign design,
                   MakeArimaDesign(values, form, regressors));
  const int needed = form.coefficients() + form.has_constant +
                     static_cast<int>(regressors.size()) + 1;
  if (design.observations < needed ||
      (form.has_constant && !design.allows_constant)) {
    return absl::FailedPreconditionError(absl::StrCat(
        form.Name(), " needs at least ", needed + form.lost(),
        " values, and there are ", design.observations + form.lost()));
  }
  ArimaFit fit = ArimaFitter(design).Fit(form, {});
  if (!std::isfinite(fit.log_likelihood)) {
    return absl::InternalError(
        absl::StrCat("no likelihood was found for ", form.Name()));
  }
  return fit;
}

}  // namespace headway::forecast

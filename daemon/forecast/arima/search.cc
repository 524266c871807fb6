#include "daemon/forecast/arima/search.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/arima/unit_root.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {
namespace {

constexpr int kLeastValues = 5;
// The defaults of R's auto.arima, the number of models included.
constexpr int kMostOrder = 5;
constexpr int kMostSeasonalOrder = 2;
constexpr int kMostDifferences = 2;
constexpr size_t kMostModels = 94;
// For longer seasons, seasonal coefficients cost more than they contribute; the
// seasonal difference remains. A convention.
constexpr int kLongestSeason = 200;

struct Limits {
  int ar = 0;
  int ma = 0;
  int seasonal_ar = 0;
  int seasonal_ma = 0;
};

Limits FindLimits(int present, int season) {
  Limits limits;
  limits.ar = limits.ma = std::min(kMostOrder, present / 3);
  if (season > 1 && season <= kLongestSeason) {
    limits.seasonal_ar = limits.seasonal_ma =
        std::min(kMostSeasonalOrder, present / 3 / season);
    // Longer polynomials would reach into the season.
    if (limits.seasonal_ar > 0) {
      limits.ar = limits.ma = std::min(limits.ar, season - 1);
    }
  }
  return limits;
}

// A neighbour's free numbers from those of a model: parts that it lacks are
// left out, new ones start at zero.
std::vector<double> Neighbouring(const ArimaFit& from, const ArimaForm& form) {
  std::vector<double> x;
  auto next = from.free.begin();
  const auto copy = [&](int given, int wanted) {
    x.insert(x.end(), next, next + std::min(given, wanted));
    x.insert(x.end(), std::max(0, wanted - given), 0.0);
    next += given;
  };
  copy(from.form.ar, form.ar);
  copy(from.form.ma, form.ma);
  copy(from.form.seasonal_ar, form.seasonal_ar);
  copy(from.form.seasonal_ma, form.seasonal_ma);
  return x;
}

class StepwiseSearch {
 public:
  StepwiseSearch(const ArimaDesign& design, const Limits& limits,
                 StopRequest stop)
      : limits_(limits), fitter_(design, stop), base_(design.form) {
    base_.has_constant = has_constant_ = design.allows_constant;
    few_values_ = design.levels.size() < 10;
  }

  void Run(ArimaSearch& search) {
    TryFirstModels();
    while (tried_.size() < kMostModels && TryNeighbours()) {
    }
    search.best = Refined();
    search.considered = std::move(considered_);
  }

 private:
  ArimaForm Form(int ar, int ma, int seasonal_ar, int seasonal_ma,
                 bool has_constant) const {
    ArimaForm form = base_;
    form.ar = ar;
    form.ma = ma;
    form.seasonal_ar = seasonal_ar;
    form.seasonal_ma = seasonal_ma;
    form.has_constant = has_constant;
    return form;
  }

  void TryFirstModels() {
    const bool constant = base_.has_constant;
    // The plainest model has a likelihood if any has.
    best_ = fitter_.Fit(Form(0, 0, 0, 0, false), {});
    tried_.push_back(best_.form);
    considered_.push_back(best_);
    if (constant) Try(Form(0, 0, 0, 0, true));
    const int order = few_values_ ? 1 : 2;
    const int seasonal = few_values_ ? 0 : 1;
    const bool is_seasonal = limits_.seasonal_ar > 0;
    Try(Form(std::min(limits_.ar, 1), 0, is_seasonal, 0, constant));
    Try(Form(0, std::min(limits_.ma, 1), 0, is_seasonal, constant));
    Try(Form(std::min(limits_.ar, order), std::min(limits_.ma, order),
             std::min(limits_.seasonal_ar, seasonal),
             std::min(limits_.seasonal_ma, seasonal), constant));
  }

  // In R's order; the first that is better becomes the model to start from. As
  // in R, neighbours of the plainest model have a constant where one is
  // allowed, although that model has none: it takes more to leave it.
  bool TryNeighbours() {
    constexpr std::pair<int, int> kChanges[] = {
        {-1, 0}, {0, -1}, {1, 0}, {0, 1}, {-1, -1}, {-1, 1}, {1, -1}, {1, 1}};
    ArimaForm now = best_.form;
    now.has_constant = has_constant_;
    for (const auto& [ar, ma] : kChanges) {
      ArimaForm form = now;
      form.seasonal_ar += ar;
      form.seasonal_ma += ma;
      if (Try(form)) return true;
    }
    for (const auto& [ar, ma] : kChanges) {
      ArimaForm form = now;
      form.ar += ar;
      form.ma += ma;
      if (Try(form)) return true;
    }
    if (!base_.has_constant) return false;
    now.has_constant = !has_constant_;
    if (!Try(now)) return false;
    has_constant_ = now.has_constant;
    return true;
  }

  // Whether the model is allowed, new and better than the best so far, which it
  // then becomes.
  bool Try(const ArimaForm& form) {
    if (form.ar < 0 || form.ar > limits_.ar || form.ma < 0 ||
        form.ma > limits_.ma || form.seasonal_ar < 0 ||
        form.seasonal_ar > limits_.seasonal_ar || form.seasonal_ma < 0 ||
        form.seasonal_ma > limits_.seasonal_ma ||
        std::find(tried_.begin(), tried_.end(), form) != tried_.end()) {
      return false;
    }
    tried_.push_back(form);
    ArimaFitOptions options;
    options.starts = {Neighbouring(best_, form)};
    options.searches = 3;
    options.tolerance = 1e-3;
    options.aicc_to_beat = best_.aicc;
    options.stop_near_unit_root = true;
    ArimaFit fit = fitter_.Fit(form, options);
    if (fit.near_unit_root || !std::isfinite(fit.aicc)) return false;
    considered_.push_back(fit);
    if (!(fit.aicc < best_.aicc)) return false;
    best_ = std::move(fit);
    return true;
  }

  // The best model fitted from more starting points and to the end.
  ArimaFit Refined() const {
    ArimaFitOptions options;
    options.starts = {best_.free};
    options.searches = 3;
    ArimaFit refined = fitter_.Fit(best_.form, options);
    const bool is_better = !refined.near_unit_root &&
                           refined.log_likelihood >= best_.log_likelihood;
    return is_better ? refined : best_;
  }

  const Limits limits_;
  const ArimaFitter fitter_;
  ArimaForm base_;
  bool few_values_ = false;
  bool has_constant_ = false;  // of the neighbours
  ArimaFit best_;
  std::vector<ArimaForm> tried_;
  std::vector<ArimaFit> considered_;
};

// The values less what a regression by least squares explains of them.
absl::StatusOr<std::vector<double>> Unexplained(
    const std::vector<double>& values, const Regressors& regressors,
    StopRequest stop) {
  if (regressors.empty()) return values;
  ArimaForm form;
  form.has_constant = true;
  ASSIGN_OR_RETURN(const ArimaDesign design,
                   MakeArimaDesign(values, form, regressors, stop));
  const ArimaFit fit = ArimaFitter(design, stop).Fit(form, {});
  if (stop.requested()) return GivenUp();
  std::vector<double> rest = values;
  for (size_t i = 0; i < regressors.size(); ++i) {
    for (size_t t = 0; t < rest.size(); ++t) {
      rest[t] -= fit.regression[i + 1] * regressors[i][t];
    }
  }
  return rest;
}

}  // namespace

absl::StatusOr<ArimaForm> FindDifferences(absl::Span<const double> values,
                                          int season,
                                          const Regressors& regressors,
                                          StopRequest stop) {
  if (const int present = CountPresent(values); present < kLeastValues) {
    return absl::FailedPreconditionError(
        absl::StrCat("the search for an ARIMA model needs at least ",
                     kLeastValues, " values, and there are ", present));
  }
  ASSIGN_OR_RETURN(
      std::vector<double> rest,
      Unexplained(FillGaps(values, season, stop), regressors, stop));
  ArimaForm form;
  form.season = season;
  if (NeedsSeasonalDifference(rest, season, stop))
    form.seasonal_differences = 1;
  if (stop.requested()) return GivenUp();
  rest = Difference(rest, form);
  form.differences = CountDifferences(rest, kMostDifferences);
  return form;
}

absl::StatusOr<ArimaSearch> SearchArima(absl::Span<const double> values,
                                        const ArimaForm& differences,
                                        const Regressors& regressors,
                                        StopRequest stop) {
  ArimaSearch search;
  ASSIGN_OR_RETURN(search.design,
                   MakeArimaDesign(values, differences, regressors, stop));
  Limits limits = FindLimits(CountPresent(values), differences.season);
  if (IsNearlyConstant(search.design.values)) limits = Limits();
  StepwiseSearch(search.design, limits, stop).Run(search);
  if (stop.requested()) return GivenUp();
  return search;
}

}  // namespace headway::forecast

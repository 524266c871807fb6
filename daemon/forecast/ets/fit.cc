#include "daemon/forecast/ets/fit.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/ets/lanes.h"
#include "daemon/forecast/ets/likelihood.h"
#include "daemon/forecast/ets/objective.h"
#include "daemon/forecast/ets/start.h"
#include "daemon/forecast/math/constants.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/optimize.h"
#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

// Evaluations from each starting point before only the best search goes on. A
// convention.
constexpr int kFirstLook = 30;
// The tolerances of the searches. Fits by full likelihood are compared with
// R's; shrunk fits end when forecasts no longer move. Their tuning is
// unrecorded.
constexpr double kFullTolerance = 1e-6;
constexpr double kShrunkTolerance = 1e-3;
// A search is given up after so many evaluations if even this many times the
// gain that it expects of its next step would leave it too far behind. Their
// tuning is unrecorded.
constexpr int kLeastEvaluations = 5;
constexpr double kOptimism = 4;
// The least amount by which a search must promise to end below another one for
// the same form.
constexpr double kWorthwhile = 0.01;

bool IsPositive(absl::Span<const double> values) {
  return std::none_of(values.begin(), values.end(),
                      [](double value) { return value <= 0; });
}

absl::Status CheckForm(absl::Span<const double> values, const EtsForm& form,
                       int season) {
  if (form.has_season() && (season < 2 || season > kMaxEtsSeason)) {
    return absl::FailedPreconditionError(
        absl::StrCat(EtsName(form), " takes a season of 2 to ", kMaxEtsSeason,
                     " periods, not ", season));
  }
  if ((form.error == kMultiplicative || form.season == kMultiplicative ||
       form.trend == kMultiplicative) &&
      !IsPositive(values)) {
    return absl::FailedPreconditionError(
        absl::StrCat(EtsName(form), " needs values above zero"));
  }
  // AICc counts the variance too and divides by what is left.
  const int least = CountEtsParameters(form, season) + 3;
  const int present = CountPresent(values);
  if (present < least) {
    return absl::FailedPreconditionError(
        absl::StrCat(EtsName(form), " needs at least ", least,
                     " values, and there are ", present));
  }
  return absl::OkStatus();
}

// Fits forms that share their kind of error and season, and that either all or
// none have a multiplicative trend. Searches from all starting points of all
// forms run side by side.
class FormFits {
 public:
  // Of checked forms. `filled` are the values without gaps; `least_aic` is the
  // least charged_aic of other forms, or infinite.
  FormFits(absl::Span<const double> values, absl::Span<const double> filled,
           absl::Span<const EtsForm> forms, int season,
           const EtsShrinkage& shrinkage, double least_aic, StopRequest stop)
      : values_(values),
        season_(season),
        shrinkage_(shrinkage),
        is_shrunk_(shrinkage.alpha_weight > 0),
        stop_(stop) {
    for (const EtsForm& form : forms) {
      objectives_.emplace_back(values, form, season,
                               StartingState(filled, form, season), shrinkage);
      limits_.push_back(least_aic + kEtsFarBehind -
                        2 * (CountEtsParameters(form, season) + 1));
    }
    if (forms[0].trend != kMultiplicative) {
      lanes_.emplace(values, forms[0], season);
    }
  }

  // Absent for a form without a finite likelihood, and once stopped.
  std::vector<std::optional<EtsFit>> Run() {
    // Full likelihood has many starting points and is followed to the end from
    // the best of them only.
    MinimizeOptions options;
    options.tolerance = is_shrunk_ ? kShrunkTolerance : kFullTolerance;
    MinimizeOptions first_look = options;
    if (!is_shrunk_) first_look.max_evaluations = kFirstLook;
    std::vector<Search> searches;
    for (size_t form = 0; form < objectives_.size(); ++form) {
      const EtsObjective& objective = objectives_[form];
      if (is_shrunk_) first_look.curvature = objective.Curvature();
      for (const EtsStartingPoint& point :
           EtsStartingPoints(objective.form(), shrinkage_)) {
        searches.push_back({form, BoxSearch(objective.Start(point),
                                            objective.box(), first_look)});
      }
    }
    std::vector<const BoxSearch*> best = RunAll(searches);
    std::vector<Search> last;
    if (!is_shrunk_) {
      for (size_t form = 0; form < best.size(); ++form) {
        if (best[form] == nullptr) continue;
        last.push_back({form, BoxSearch(best[form]->x(),
                                        objectives_[form].box(), options)});
      }
      best = RunAll(last);
    }
    std::vector<std::optional<EtsFit>> fits(best.size());
    if (stop_.requested()) return fits;
    for (size_t form = 0; form < best.size(); ++form) {
      if (best[form] != nullptr) fits[form] = FitAt(form, best[form]->x());
    }
    return fits;
  }

 private:
  struct Search {
    size_t form;
    BoxSearch search;
  };

  // The best search of each form, if any found a finite value.
  std::vector<const BoxSearch*> RunAll(std::vector<Search>& searches) {
    if (lanes_) {
      RunInLanes(searches);
    } else {
      for (Search& search : searches) RunAlone(search);
    }
    std::vector<const BoxSearch*> best(objectives_.size(), nullptr);
    for (const auto& [form, search] : searches) {
      if (!(search.value() < kInfinity)) continue;
      if (best[form] == nullptr || search.value() < best[form]->value()) {
        best[form] = &search;
      }
    }
    return best;
  }

  // To be asked before every evaluation, which takes several steps a value.
  bool WasStopped() const { return stop_.RequestedAfter(4 * values_.size()); }

  // A search that has ended leaves its lane to the next.
  void RunInLanes(std::vector<Search>& searches) {
    std::vector<Search*> running;
    auto next = searches.begin();
    while ((next != searches.end() || !running.empty()) && !WasStopped()) {
      while (next != searches.end() && running.size() < EtsLanes::kLanes) {
        running.push_back(&*next++);
      }
      size_t lane = 0;
      for (Search* search : running) {
        if (SetLane(static_cast<int>(lane), *search)) running[lane++] = search;
      }
      running.resize(lane);
      if (running.empty()) continue;
      lanes_->Evaluate(static_cast<int>(lane));
      for (lane = 0; lane < running.size(); ++lane) {
        const double value = lanes_->value(static_cast<int>(lane));
        if (value < kInfinity) {
          lanes_->GetGradient(static_cast<int>(lane), slope_);
        }
        Tell(value, *running[lane]);
      }
    }
  }

  // Whether the search is unlikely to end below a finished search of its form,
  // or close enough to the best form. Searches by full likelihood are never
  // given up.
  bool IsHopeless(const Search& search) const {
    const BoxSearch& state = search.search;
    return is_shrunk_ && state.evaluations() >= kLeastEvaluations &&
           state.value() - kOptimism * state.expected_gain() >
               limits_[search.form];
  }

  // False where the search has ended. Points outside the admissible region need
  // no evaluation.
  bool SetLane(int lane, Search& search) {
    if (IsHopeless(search)) return false;
    EtsObjective& objective = objectives_[search.form];
    while (!search.search.done()) {
      if (objective.Unpack(search.search.point())) {
        lanes_->Set(lane, objective.smoothing(), objective.state());
        return true;
      }
      search.search.Tell(kInfinity);
    }
    double& limit = limits_[search.form];
    limit = std::min(limit, search.search.value() - kWorthwhile);
    return false;
  }

  void RunAlone(Search& search) {
    EtsObjective& objective = objectives_[search.form];
    EtsLikelihood likelihood(values_, objective.form(), season_);
    while (!search.search.done() && !WasStopped()) {
      Tell(objective.Unpack(search.search.point())
               ? likelihood.EvaluateWithGradient(objective.smoothing(),
                                                 objective.state(), slope_)
               : kInfinity,
           search);
    }
  }

  // `value` is the likelihood's, and slope_ its gradient.
  void Tell(double value, Search& search) {
    if (value < kInfinity) {
      const EtsObjective& objective = objectives_[search.form];
      objective.PackGradient(search.search.point(), slope_,
                             search.search.gradient());
      value += objective.Charge(search.search.point());
    }
    search.search.Tell(value);
  }

  EtsFit FitAt(size_t form, absl::Span<const double> x) {
    EtsObjective& objective = objectives_[form];
    objective.Unpack(x);
    EtsLikelihood likelihood(values_, objective.form(), season_);
    EtsFit fit;
    fit.form = objective.form();
    fit.season = likelihood.season();
    fit.smoothing = objective.smoothing();
    fit.initial = objective.state();
    const double value = likelihood.Evaluate(fit.smoothing, fit.initial);
    fit.final = likelihood.FinalState();
    fit.log_likelihood = -value / 2;
    const int observed = likelihood.observed();
    const int parameters = CountEtsParameters(fit.form, season_);
    const double k = parameters + 1;
    fit.aicc = value + 2 * k + 2 * k * (k + 1) / (observed - k - 1);
    fit.charged_aic = value + objective.Charge(x) + 2 * k;
    fit.variance = likelihood.sum_of_squares() / (observed - parameters);
    return fit;
  }

  absl::Span<const double> values_;
  const int season_;
  const EtsShrinkage shrinkage_;
  const bool is_shrunk_;
  const StopRequest stop_;
  std::vector<EtsObjective> objectives_;
  // By form: the value that a search must end below.
  std::vector<double> limits_;
  std::optional<EtsLanes> lanes_;
  EtsLikelihood::Gradient slope_;
};

}  // namespace

absl::StatusOr<EtsFit> FitEts(absl::Span<const double> values,
                              const EtsForm& form, int season,
                              const EtsShrinkage& shrinkage, StopRequest stop) {
  RETURN_IF_ERROR(CheckForm(values, form, season));
  const std::vector<double> filled = FillGaps(values, season, stop);
  std::optional<EtsFit> fit =
      FormFits(values, filled, {form}, season, shrinkage, kInfinity, stop)
          .Run()[0];
  if (stop.requested()) return GivenUp();
  if (fit) return *std::move(fit);
  return absl::FailedPreconditionError(
      absl::StrCat(EtsName(form), " has no finite likelihood here"));
}

std::vector<EtsForm> DefaultEtsForms(absl::Span<const double> values,
                                     int season) {
  std::vector<EtsForm> forms;
  for (EtsComponent error : {kAdditive, kMultiplicative}) {
    for (EtsComponent trend : {kNone, kAdditive}) {
      for (bool damped : {false, true}) {
        for (EtsComponent seasonal : {kNone, kAdditive, kMultiplicative}) {
          const EtsForm form = {error, trend, damped, seasonal};
          if (damped && !form.has_trend()) continue;
          if (error == kAdditive && seasonal == kMultiplicative) continue;
          if (CheckForm(values, form, season).ok()) forms.push_back(form);
        }
      }
    }
  }
  return forms;
}

absl::StatusOr<std::vector<EtsFit>> FitEtsForms(absl::Span<const double> values,
                                                int season,
                                                const EtsShrinkage& shrinkage,
                                                StopRequest stop) {
  const std::vector<double> filled = FillGaps(values, season, stop);
  // The forms that are yet to be fitted. Each round takes out the first of them
  // and those that are fitted together with it.
  std::vector<EtsForm> rest = DefaultEtsForms(values, season);
  std::vector<EtsFit> fits;
  double least_aic = kInfinity;
  while (!rest.empty()) {
    const EtsForm first = rest[0];
    const auto others = std::stable_partition(
        rest.begin(), rest.end(), [&first](const EtsForm& form) {
          return form.error == first.error && form.season == first.season;
        });
    const std::vector<EtsForm> forms(rest.begin(), others);
    rest.erase(rest.begin(), others);
    FormFits group(values, filled, forms, season, shrinkage, least_aic, stop);
    for (std::optional<EtsFit>& fit : group.Run()) {
      if (!fit) continue;
      least_aic = std::min(least_aic, fit->charged_aic);
      fits.push_back(*std::move(fit));
    }
    if (stop.requested()) return GivenUp();
  }
  if (fits.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "exponential smoothing needs at least 5 values, and there are ",
        CountPresent(values)));
  }
  return fits;
}

absl::StatusOr<EtsFit> SearchEts(absl::Span<const double> values, int season) {
  ASSIGN_OR_RETURN(std::vector<EtsFit> fits,
                   FitEtsForms(values, season, EtsShrinkage{}));
  return *std::min_element(
      fits.begin(), fits.end(),
      [](const EtsFit& a, const EtsFit& b) { return a.aicc < b.aicc; });
}

}  // namespace headway::forecast

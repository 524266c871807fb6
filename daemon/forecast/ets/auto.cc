#include "daemon/forecast/ets/auto.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/ets/fit.h"
#include "daemon/forecast/ets/predict.h"
#include "daemon/forecast/math/seasonality.h"
#include "daemon/forecast/math/student.h"

namespace headway::forecast {
namespace {

// The largest variance of multiplicative errors that is accepted. Errors with a
// standard deviation above one half would turn values negative, and the
// variance of their products would explode. The limit was chosen with the
// shrinkage, see docs/forecasting.md.
constexpr double kMostRelativeVariance = 0.25;

// Without the forms whose variance is not to be believed, unless there are no
// others.
void DropExplosiveForms(std::vector<EtsFit>& fits) {
  const auto is_sound = [](const EtsFit& fit) {
    return fit.form.error == EtsComponent::kAdditive ||
           fit.variance <= kMostRelativeVariance;
  };
  if (std::none_of(fits.begin(), fits.end(), is_sound)) return;
  fits.erase(std::stable_partition(fits.begin(), fits.end(), is_sound),
             fits.end());
}

// Means, variances and points of the forms with weights that sum to one, as of
// a mixture: where forms disagree, the future is less certain than any of them
// has it. Each variance is that of one more value after estimating as many
// parameters as the form has, as in linear regression.
class Mixture {
 public:
  Mixture(int horizon, int observed)
      : point_(horizon),
        mean_(horizon),
        second_(horizon),
        variance_(horizon),
        observed_(observed) {}

  void Add(double weight, const EtsFit& fit, StopRequest stop) {
    const int horizon = static_cast<int>(point_.size());
    const int parameters = CountEtsParameters(fit.form, fit.season);
    const EtsMoments moments = EtsClosedMoments(fit, horizon, stop);
    const std::vector<double> point = EtsPoint(fit, horizon);
    const double inflation = 1 + parameters / observed_;
    for (int h = 0; h < horizon; ++h) {
      point_[h] += weight * point[h];
      mean_[h] += weight * moments.mean[h];
      second_[h] += weight * moments.mean[h] * moments.mean[h];
      variance_[h] += weight * moments.variance[h] * inflation;
    }
    parameters_ += weight * parameters;
  }

  Prediction Predict(std::string model,
                     absl::Span<const double> probabilities) const {
    std::vector<double> variance = variance_;
    for (size_t h = 0; h < variance.size(); ++h) {
      variance[h] += std::max(second_[h] - mean_[h] * mean_[h], 0.0);
    }
    Prediction prediction =
        StudentPrediction(std::move(model), mean_, variance,
                          observed_ - parameters_, probabilities);
    prediction.point = point_;
    return prediction;
  }

 private:
  std::vector<double> point_;
  std::vector<double> mean_;
  std::vector<double> second_;  // the mean of the squares of the forms' means
  std::vector<double> variance_;
  const double observed_;
  double parameters_ = 0;
};

absl::StatusOr<Prediction> AverageForms(const ModelInput& input,
                                        absl::Span<const double> values,
                                        int season) {
  ASSIGN_OR_RETURN(
      std::vector<EtsFit> fits,
      FitEtsForms(values, season, ForecastShrinkage(season), input.stop));
  DropExplosiveForms(fits);
  const EtsFit& best = *std::min_element(fits.begin(), fits.end(),
                                         [](const EtsFit& a, const EtsFit& b) {
                                           return a.charged_aic < b.charged_aic;
                                         });
  std::vector<double> weights(fits.size());
  double total = 0;
  int members = 0;
  for (size_t i = 0; i < fits.size(); ++i) {
    const double behind = fits[i].charged_aic - best.charged_aic;
    if (behind > kEtsFarBehind) continue;
    weights[i] = std::exp(-behind / 4);
    total += weights[i];
    ++members;
  }
  Mixture mixture(input.horizon, CountPresent(values));
  for (size_t i = 0; i < fits.size(); ++i) {
    if (!(weights[i] > 0)) continue;
    mixture.Add(weights[i] / total, fits[i], input.stop);
  }
  std::string model = EtsName(best.form);
  if (members > 1) {
    absl::StrAppend(&model, " averaged with ", members - 1,
                    members == 2 ? " other form" : " other forms");
  }
  return mixture.Predict(std::move(model), input.probabilities);
}

}  // namespace

absl::StatusOr<Prediction> AutoEts(const ModelInput& input) {
  if (input.season <= kMaxEtsSeason) {
    return AverageForms(input, input.values, input.season);
  }
  const SeasonalAdjustment adjustment(input.values, input.season, input.stop);
  if (!adjustment.is_seasonal()) return AverageForms(input, input.values, 1);
  const std::vector<double> adjusted = adjustment.Adjusted(input.values);
  ASSIGN_OR_RETURN(Prediction prediction, AverageForms(input, adjusted, 1));
  RestoreSeason(adjustment, static_cast<int>(adjusted.size()), prediction);
  absl::StrAppend(&prediction.model, " on seasonally adjusted values");
  return prediction;
}

}  // namespace headway::forecast

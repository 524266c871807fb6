#include "daemon/forecast/auto_ets.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/ets_fit.h"
#include "daemon/forecast/ets_forecast.h"
#include "daemon/forecast/seasonality.h"

namespace headway::forecast {
namespace {

// Multiplicative errors that deviate by more than a half would turn values
// negative, and their products let the variance explode.
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

void AddWeighted(double weight, const Prediction& member, Prediction& sum) {
  for (size_t h = 0; h < member.point.size(); ++h) {
    sum.point[h] += weight * member.point[h];
    sum.mean[h] += weight * member.mean[h];
    for (size_t i = 0; i < member.quantiles[h].size(); ++i) {
      sum.quantiles[h][i] += weight * member.quantiles[h][i];
    }
  }
}

absl::StatusOr<Prediction> AverageForms(const ModelInput& input,
                                        absl::Span<const double> values,
                                        int season) {
  ASSIGN_OR_RETURN(std::vector<EtsFit> fits,
                   FitEtsForms(values, season, ForecastShrinkage(season)));
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
  Prediction average;
  average.model =
      members == 1
          ? EtsName(best.form)
          : absl::StrCat(EtsName(best.form), " averaged with ", members - 1,
                         members == 2 ? " other form" : " other forms");
  average.point.resize(input.horizon);
  average.mean.resize(input.horizon);
  average.quantiles.assign(input.horizon,
                           std::vector<double>(input.probabilities.size()));
  for (size_t i = 0; i < fits.size(); ++i) {
    if (weights[i] == 0) continue;
    AddWeighted(
        weights[i] / total,
        PredictEts(fits[i], input.horizon, input.probabilities, input.seed),
        average);
  }
  return average;
}

}  // namespace

absl::StatusOr<Prediction> AutoEts(const ModelInput& input) {
  if (input.season <= kMaxEtsSeason) {
    return AverageForms(input, input.values, input.season);
  }
  const SeasonalAdjustment adjustment(input.values, input.season);
  if (!adjustment.is_seasonal()) return AverageForms(input, input.values, 1);
  const std::vector<double> adjusted = adjustment.Adjusted(input.values);
  ASSIGN_OR_RETURN(Prediction prediction, AverageForms(input, adjusted, 1));
  RestoreSeason(adjustment, static_cast<int>(adjusted.size()), prediction);
  absl::StrAppend(&prediction.model, " on seasonally adjusted values");
  return prediction;
}

}  // namespace headway::forecast

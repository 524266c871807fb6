// Intermittent demand: sizes above zero in some periods, and zeros between
// them.
//
// Sizes, intervals and sums are smoothed by simple exponential smoothing from
// their first value, with the smoothing parameter in [0.1, 0.3] of least
// squared one-step errors. Forecasts are flat: the point is the mean demand per
// period, and every period ahead has the same distribution, which is never
// negative:
//
//   croston, sba, tsb   zero, or else, with the probability of demand, one of
//   the
//                       past sizes, each with its weight in the smoothing
//   adida, imapa        one of the past values, all equally likely, scaled to
//   the
//                       mean
//
// The distribution has no size that was not observed, and ignores that the
// parameters were estimated. Missing periods are left out.
//
// Each fails with FAILED_PRECONDITION if a value is negative or none is above
// zero, and with no other error. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_INTERMITTENT_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_INTERMITTENT_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// "croston": the smoothed size over the smoothed interval (Croston 1972,
// "Forecasting and stock control for intermittent demands", Operational
// Research Quarterly 23).
absl::StatusOr<Prediction> Croston(const ModelInput& input);

// "sba": Croston's, times one minus half the smoothing parameter of the
// intervals, to correct its bias (Syntetos, Boylan 2005, "The accuracy of
// intermittent demand estimates", International Journal of Forecasting 21).
absl::StatusOr<Prediction> SyntetosBoylan(const ModelInput& input);

// "tsb": the smoothed size times the smoothed probability of demand, which
// falls in every period without demand (Teunter, Syntetos, Babai 2011,
// "Intermittent demand: linking forecasting to inventory obsolescence",
// European Journal of Operational Research 214). The probability starts, after
// the first demand, at one over the first interval.
absl::StatusOr<Prediction> TeunterSyntetosBabai(const ModelInput& input);

// "adida": sums over the average interval, smoothed and spread evenly
// (Nikolopoulos, Syntetos, Boylan, Petropoulos, Assimakopoulos 2011, "An
// aggregate-disaggregate intermittent demand approach (ADIDA) to forecasting",
// Journal of the Operational Research Society 62). If the periods do not divide
// evenly, the first ones are left out.
absl::StatusOr<Prediction> Adida(const ModelInput& input);

// "imapa": the mean of such forecasts from sums over one period up to the
// average interval (Petropoulos, Kourentzes 2015, "Forecast combinations for
// intermittent demand", Journal of the Operational Research Society 66).
absl::StatusOr<Prediction> Imapa(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_INTERMITTENT_H_

// Demand that comes in some periods only, as sizes above zero and zeros between
// them.
//
// Sizes, intervals and sums are smoothed by simple exponential smoothing from
// their first value, with the smoothing parameter in [0.1, 0.3] that has the
// least squared one-step errors. Forecasts are flat: the point is the mean
// demand per period, and every period ahead has the same distribution, which is
// never negative:
//   croston, sba, tsb   no demand, or else, with the probability of demand, one
//                       of the past sizes, each as likely as the smoothing
//                       weighs it
//   adida, imapa        one of the past values, all as likely, scaled to the
//                       mean
// Neither knows sizes beyond those seen, nor that the parameters were
// estimated. Missing periods are left out.
//
// All fail with FAILED_PRECONDITION for a negative value, and where none is
// above zero, and never otherwise. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_INTERMITTENT_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_INTERMITTENT_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// "croston": the smoothed size over the smoothed interval (Croston 1972).
absl::StatusOr<Prediction> Croston(const ModelInput& input);

// "sba": Croston's, times one less half the smoothing parameter of the
// intervals, against its bias (Syntetos, Boylan 2005).
absl::StatusOr<Prediction> SyntetosBoylan(const ModelInput& input);

// "tsb": the smoothed size times the smoothed probability, which falls in every
// period without demand (Teunter, Syntetos, Babai 2011). It starts, after the
// first demand, at one over the first interval.
absl::StatusOr<Prediction> TeunterSyntetosBabai(const ModelInput& input);

// "adida": sums over as many periods as an interval has on average, smoothed
// and spread evenly (Nikolopoulos, Syntetos, Boylan, Petropoulos,
// Assimakopoulos 2011). Periods left over are the first ones.
absl::StatusOr<Prediction> Adida(const ModelInput& input);

// "imapa": the mean of the same over sums of one period up to an average
// interval (Petropoulos, Kourentzes 2015).
absl::StatusOr<Prediction> Imapa(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_INTERMITTENT_H_

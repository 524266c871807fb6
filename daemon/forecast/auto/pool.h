// Several methods on one series, and their average.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_POOL_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_POOL_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/forecast/calibration/spread.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/math/transform.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// On which scales a member forecasts. Where two scales are the same for a
// series, it forecasts once and counts twice.
enum class Scales {
  kStraight,  // the straight one
  kBent,      // the logarithmic and the exponential one
  kAll,
};

struct Member {
  absl::string_view method;  // one of SingleMethods()
  Scales scales = Scales::kAll;
  double weight = 1;
};

struct Pool {
  // At the probabilities that were asked for and at kAnchors, in rising order.
  std::vector<double> probabilities;
  Prediction average;
  // [horizon]; empty if the pool has no spread.
  std::vector<SpreadFeatures> features;
  // To the scale without bounds on which the features describe the pool: the
  // straight one, or logarithms where the evidence for them is strong.
  Transform transform;
};

// As PredictWithinBounds (scale.h). The scales are those of
// options.quantity, or by evidence. Members that the series is too short for
// are left out. FAILED_PRECONDITION: no member is left. CANCELLED: stopped.
// Pure.
absl::StatusOr<Pool> MakePool(absl::Span<const Member> members,
                              absl::Span<const double> values,
                              const Options& options,
                              absl::Span<const double> probabilities,
                              StopRequest stop = {});

// The average at `wanted`, which are among the pool's probabilities, with the
// distances of quantiles from the point corrected for each step
// (calibration/spread.h). Pure.
Prediction Calibrated(Pool pool, absl::Span<const double> wanted);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_POOL_H_

// A series to be forecast, as the models of a pipeline are given it. Value
// types.
#ifndef HEADWAY_DAEMON_PIPELINE_MODELS_SERIES_WORK_H_
#define HEADWAY_DAEMON_PIPELINE_MODELS_SERIES_WORK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/options.h"
#include "daemon/series/labels.h"
#include "daemon/series/observations.h"
#include "daemon/series/step_axis.h"

namespace headway::pipeline {

struct SeriesWork {
  series::Labels labels;
  series::Frequency frequency = series::Frequency::kMonthly;
  std::string unit;
  // What the steps of `values` are, and the step of the first of them.
  series::StepAxis axis;
  int32_t first_step = 0;
  // NaN where there is none; the first and the last are values.
  std::vector<double> values;
  forecast::Options options;
};

// A series up to one of its origins: its first `length` values.
struct Cut {
  const SeriesWork* work = nullptr;
  size_t length = 0;

  absl::Span<const double> values() const {
    return absl::MakeConstSpan(work->values).first(length);
  }
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_MODELS_SERIES_WORK_H_

// The breaks of a column: those that its forecast's definition declares, and
// those that the status of its observations says. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECASTING_BREAKS_H_
#define HEADWAY_DAEMON_PIPELINE_FORECASTING_BREAKS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/forecast/options.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/series/observations.h"
#include "daemon/series/step_axis.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {

// What of a column is fitted, with its breaks mended.
struct MendedColumn {
  // Of the first value on its axis.
  int32_t first_step = 0;
  // NaN where there is none; the first and the last are values.
  std::vector<double> values;
  // What a value would be on the level of its own time; empty if on its own.
  std::function<double(int position, double value)> on_own_level;
  // forecast::MendedSeries::if_step_were_off, where few values tell the level
  // after the last break; else empty.
  std::function<std::vector<double>(double errors)> if_step_were_off;
  std::vector<v1::ForecastBreak> breaks;
  // On what is declared and changes nothing, and on what is hardly known.
  std::vector<std::string> notes;
};

// By the season, bounds, quantity and stop of `options`. An observation with
// the status "break" breaks the level, unless a declared break is there; of
// such that follow one another the first counts, and of many the last five, or
// as many as leave three values for each. INVALID_ARGUMENT: a declared break of
// another frequency; else the errors of forecast::MendBreaks.
absl::StatusOr<MendedColumn> MendColumn(
    const series::Observations& observations, const series::StepAxis& axis,
    const std::vector<DeclaredBreak>& declared,
    const forecast::Options& options);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECASTING_BREAKS_H_

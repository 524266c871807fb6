// A column of values as forecasts see it: what of it is fitted, and how far it
// is to go on. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECASTING_COLUMN_H_
#define HEADWAY_DAEMON_PIPELINE_FORECASTING_COLUMN_H_

#include <string>

#include "daemon/query/query.h"
#include "daemon/series/observations.h"
#include "daemon/series/step_axis.h"

namespace headway::pipeline {

// Without what is of a part of a period, which would look like a plunge; `note`
// then says so, and is left alone otherwise. The whole column where nothing
// else would be left.
query::LabelledColumn WithoutPartial(const query::LabelledColumn& column,
                                     std::string* note);

// How many steps a forecast has: `horizon`, or a year and at least four where
// that is 0.
int HorizonOf(int horizon, series::Frequency frequency,
              const series::StepAxis& axis);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECASTING_COLUMN_H_

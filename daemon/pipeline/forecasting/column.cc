#include "daemon/pipeline/forecasting/column.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

constexpr int kLeastDefaultHorizon = 4;

}  // namespace

query::LabelledColumn WithoutPartial(const query::LabelledColumn& column,
                                     std::string* note) {
  const series::Observations& x = column.observations;
  query::LabelledColumn kept = column;
  series::Observations& left = kept.observations;
  left.ordinals.clear();
  left.values.clear();
  left.statuses.clear();
  int32_t last_partial = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const series::ObservationStatus status = series::StatusAt(x.statuses, i);
    if (status == series::ObservationStatus::kPartial) {
      last_partial = x.ordinals[i];
      continue;
    }
    series::AppendStatus(status, left.size(), &left.statuses);
    left.ordinals.push_back(x.ordinals[i]);
    left.values.push_back(x.values[i]);
  }
  const size_t partial = x.size() - left.size();
  if (partial == 0 || left.empty()) return column;
  *note = absl::StrCat(
      partial == 1 ? "a partial value, of "
                   : absl::StrCat(partial, " partial values, the last of "),
      series::FormatPeriod({x.frequency, last_partial}),
      partial == 1 ? ", is not fitted" : ", are not fitted");
  return kept;
}

int HorizonOf(int horizon, series::Frequency frequency,
              const series::StepAxis& axis) {
  if (horizon > 0) return horizon;
  const int periods = series::PeriodsPerYear(frequency);
  const int year =
      axis.leaves_out_days() ? periods * axis.season() / 7 : periods;
  return std::max(kLeastDefaultHorizon, year);
}

}  // namespace headway::pipeline

#include "daemon/pipeline/forecasting/breaks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/breaks.h"
#include "daemon/series/observation_status.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

using forecast::BreakKind;
using series::Observations;
using series::ObservationStatus;

// Publishers that mark every second value mark nothing. Conventions.
constexpr size_t kMostBreaksOfData = 5;
constexpr size_t kValuesPerBreak = 3;
// Below this the level after a break is hardly known.
constexpr int kFewAfterBreak = 10;

struct KnownBreak {
  series::Period period;
  BreakKind kind = BreakKind::kLevel;
  std::string reason;
  bool from_data = false;
};

// By the place of the first observation that is measured in the new way.
using BreaksByPlace = std::map<size_t, KnownBreak>;

absl::Status TakeDeclared(const Observations& x,
                          const std::vector<DeclaredBreak>& declared,
                          BreaksByPlace& breaks,
                          std::vector<std::string>& notes) {
  for (const DeclaredBreak& one : declared) {
    const std::string period = series::FormatPeriod(one.period);
    if (one.period.frequency != x.frequency) {
      return absl::InvalidArgumentError(absl::StrCat(
          "break \"", period, "\" is ",
          series::FrequencyName(one.period.frequency), ", and the series is ",
          series::FrequencyName(x.frequency),
          "; declare it by a period of the series"));
    }
    const auto at = std::lower_bound(x.ordinals.begin(), x.ordinals.end(),
                                     one.period.ordinal);
    if (at == x.ordinals.begin()) {
      notes.push_back(absl::StrCat(
          "the break of ", period, " changes nothing: the first value is of ",
          series::FormatPeriod({x.frequency, x.ordinals.front()})));
    } else if (at == x.ordinals.end()) {
      notes.push_back(
          absl::StrCat("the break of ", period,
                       " changes nothing yet: the last value is of ",
                       series::FormatPeriod({x.frequency, x.ordinals.back()})));
    } else {
      const auto place = static_cast<size_t>(at - x.ordinals.begin());
      KnownBreak& known = breaks[place];
      // Of two without a value between them one that starts anew goes before.
      if (known.kind == BreakKind::kStart) continue;
      known = {one.period, one.kind, one.reason, false};
    }
  }
  return absl::OkStatus();
}

void TakeStated(const Observations& x, BreaksByPlace& breaks,
                std::vector<std::string>& notes) {
  std::vector<size_t> places;
  for (size_t i = 1; i < x.size(); ++i) {
    if (series::StatusAt(x.statuses, i) == ObservationStatus::kBreak &&
        series::StatusAt(x.statuses, i - 1) != ObservationStatus::kBreak &&
        breaks.count(i) == 0) {
      places.push_back(i);
    }
  }
  const size_t room = x.size() / kValuesPerBreak;
  const size_t most = std::min(
      kMostBreaksOfData, room > breaks.size() ? room - breaks.size() - 1 : 0);
  if (places.size() > most) {
    notes.push_back(absl::StrCat(
        places.size() - most, " of ", places.size(),
        " observations with the status break are taken for values like the "
        "others: too many for ",
        x.size(), " values"));
    places.erase(places.begin(), places.end() - static_cast<long>(most));
  }
  for (size_t place : places) {
    breaks[place] = {{x.frequency, x.ordinals[place]},
                     BreakKind::kLevel,
                     "the observation has the status break",
                     true};
  }
}

v1::ForecastBreak ToProto(const KnownBreak& known,
                          const forecast::MendedBreak& mended) {
  v1::ForecastBreak proto;
  proto.set_period(series::FormatPeriod(known.period));
  proto.set_kind(mended.kind == BreakKind::kStart ? v1::ForecastBreak::START
                                                  : v1::ForecastBreak::LEVEL);
  proto.set_reason(known.reason);
  proto.set_from_data(known.from_data);
  proto.set_step(mended.step);
  if (mended.standard_error.has_value()) {
    proto.set_standard_error(*mended.standard_error);
  }
  proto.set_values_after(mended.values_after);
  return proto;
}

std::string FewAfter(const v1::ForecastBreak& one) {
  return absl::StrCat(
      "only ", one.values_after(), " values since the break of ", one.period(),
      one.kind() == v1::ForecastBreak::START
          ? ": how wide the interval is says more of series like this one than "
            "of it"
          : ": the level after it is hardly known");
}

}  // namespace

absl::StatusOr<MendedColumn> MendColumn(
    const Observations& x, const series::StepAxis& axis,
    const std::vector<DeclaredBreak>& declared,
    const forecast::Options& options) {
  MendedColumn column;
  column.first_step = axis.StepOf(x.ordinals.front());
  column.values = series::WithGaps(x, axis);
  BreaksByPlace breaks;
  RETURN_IF_ERROR(TakeDeclared(x, declared, breaks, column.notes));
  TakeStated(x, breaks, column.notes);
  if (breaks.empty()) return column;
  std::vector<forecast::Break> positions;
  std::map<int, const KnownBreak*> by_position;
  for (const auto& [place, known] : breaks) {
    const int position = axis.StepOf(x.ordinals[place]) - column.first_step;
    positions.push_back({position, known.kind});
    by_position[position] = &known;
  }
  ASSIGN_OR_RETURN(forecast::MendedSeries mended,
                   forecast::MendBreaks(column.values, positions,
                                        {.season = options.season,
                                         .bounds = options.bounds,
                                         .quantity = options.quantity,
                                         .stopped = options.stopped}));
  column.first_step += mended.start;
  column.values = std::move(mended.values);
  column.on_own_level = std::move(mended.on_own_level);
  for (const forecast::MendedBreak& one : mended.breaks) {
    column.breaks.push_back(ToProto(*by_position.at(one.position), one));
  }
  if (!column.breaks.empty() &&
      column.breaks.back().values_after() < kFewAfterBreak) {
    column.notes.push_back(FewAfter(column.breaks.back()));
    column.if_step_were_off = std::move(mended.if_step_were_off);
  }
  return column;
}

}  // namespace headway::pipeline

// Functions of one column.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/call.h"
#include "daemon/query/math/column.h"
#include "daemon/query/math/path_transform.h"
#include "daemon/query/math/resample.h"
#include "daemon/query/math/rolling.h"
#include "daemon/query/math/seasonal.h"
#include "daemon/query/math/transform.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Observations;
using series::Unit;

absl::StatusOr<Value> ApplyResample(const Call& call) {
  ASSIGN_OR_RETURN(const Frequency frequency, call.CoarserFrequency(1));
  absl::StatusOr<ResampleMethod> method = ParseResampleMethod(call.String(2));
  if (!method.ok()) return call.Error(2, method.status().message());
  ASSIGN_OR_RETURN(Value result, MapColumns(call, [&](const Observations& x) {
                     return Resample(x, frequency, *method);
                   }));
  result.frequency = frequency;
  return result;
}

absl::StatusOr<Value> ApplyLag(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t step, call.PeriodCount(1));
  return MapColumns(call, [&](const auto& x) { return Lag(x, step); });
}

absl::StatusOr<Value> ApplyDiff(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t step, call.PeriodCount(1));
  return MapColumns(call, [&](const auto& x) { return Difference(x, step); });
}

absl::StatusOr<Value> ApplyPercentChange(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t step, call.PeriodCount(1));
  ASSIGN_OR_RETURN(Value result, MapColumns(call, [&](const auto& x) {
                     return PercentChange(x, step);
                   }));
  result.unit = UnitNamed("percent");
  return result;
}

absl::StatusOr<Value> ApplyYoy(const Call& call) {
  const std::optional<Frequency> frequency = call.Series(0).frequency;
  const int32_t step = frequency.has_value() ? StepOfOneYear(*frequency) : 0;
  ASSIGN_OR_RETURN(Value result, MapColumns(call, [&](const auto& x) {
                     return PercentChange(x, step);
                   }));
  result.unit = UnitNamed("percent");
  return result;
}

absl::StatusOr<Value> ApplyRollingMean(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t count, call.PeriodCount(1));
  return MapColumns(call, [&](const auto& x) { return RollingMean(x, count); });
}

absl::StatusOr<Value> ApplyRollingSum(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t count, call.PeriodCount(1));
  return MapColumns(call, [&](const auto& x) { return RollingSum(x, count); });
}

template <Observations (*kRoll)(const Observations&, int32_t), int kLeast>
absl::StatusOr<Value> ApplyRolling(const Call& call) {
  ASSIGN_OR_RETURN(const int32_t count, call.PeriodCount(1, kLeast));
  return MapColumns(call,
                    [&](const Observations& x) { return kRoll(x, count); });
}

absl::StatusOr<Value> ApplyCumulativeSum(const Call& call) {
  return MapColumns(call, [](const auto& x) { return CumulativeSum(x); });
}

absl::StatusOr<Value> ApplyCumulativeMax(const Call& call) {
  return MapColumns(call, [](const auto& x) { return CumulativeMax(x); });
}

// The last period to fill, and since when that is known.
struct FillEnd {
  int32_t last = std::numeric_limits<int32_t>::min();
  absl::Time known_at = absl::InfinitePast();
};

absl::StatusOr<FillEnd> EndOfFill(const Call& call) {
  ASSIGN_OR_RETURN(const bool to_instant, call.Option(1, "known"));
  FillEnd end;
  if (!to_instant || call.Series(0).columns.empty()) return end;
  ASSIGN_OR_RETURN(end.known_at, call.source().Instant());
  end.last = LastPeriodOver(*call.Series(0).frequency, end.known_at);
  return end;
}

absl::StatusOr<Value> ApplyFill(const Call& call) {
  ASSIGN_OR_RETURN(const FillEnd end, EndOfFill(call));
  int64_t periods = 0;
  for (const LabelledColumn& column : call.Series(0).columns) {
    const Observations& x = column.observations;
    periods +=
        int64_t{std::max(x.ordinals.back(), end.last)} - x.ordinals.front() + 1;
  }
  RETURN_IF_ERROR(CheckAddedPeriods("fill", periods));
  return MapColumns(call, [&](const Observations& x) {
    Observations filled = Fill(x, end.last);
    filled.known_at = std::max(filled.known_at, end.known_at);
    return filled;
  });
}

void NoteColumnsWithoutBase(const Call& call, const series::Period& base) {
  for (const LabelledColumn& column : call.Series(0).columns) {
    const Observations& x = column.observations;
    const auto found =
        std::lower_bound(x.ordinals.begin(), x.ordinals.end(), base.ordinal);
    const bool has_value = found != x.ordinals.end() && *found == base.ordinal;
    const double value = has_value ? x.values[found - x.ordinals.begin()] : 0;
    const bool is_on_paths =
        column.paths != nullptr && column.paths->first <= base.ordinal;
    if (value > 0 || is_on_paths) continue;
    call.Note(absl::StrCat(
        FormatLabels(column.labels), " is left out: ",
        has_value
            ? absl::StrCat("its value at ", series::FormatPeriod(base), " is ",
                           value, ", and must be above 0")
            : absl::StrCat("it has no value at ", series::FormatPeriod(base))));
  }
}

absl::StatusOr<Value> ApplyRebase(const Call& call) {
  const Value& x = call.Series(0);
  absl::StatusOr<series::Period> base =
      x.frequency.has_value()
          ? series::ParsePeriod(call.String(1), *x.frequency)
          : series::ParsePeriod(call.String(1));
  if (!base.ok()) return call.Error(1, base.status().message());
  const double level = call.Has(2) ? call.Number(2) : 100;
  NoteColumnsWithoutBase(call, *base);
  ASSIGN_OR_RETURN(Value result,
                   MapColumns(call, [&](const Observations& observations) {
                     return Rebase(observations, base->ordinal, level);
                   }));
  result.unit = UnitNamed("index");
  return result;
}

template <typename Element>
Observations MapEach(const Observations& x, Element element) {
  Observations result = EmptyLike(x);
  for (size_t i = 0; i < x.size(); ++i) {
    Append(x.ordinals[i], element(x.values[i]), &result,
           series::StatusAt(x.statuses, i));
  }
  return result;
}

template <typename Element>
PathBlock MapEach(const PathColumn& x, Element element) {
  return MapPaths(x, element);
}

// Each value by itself; what is no finite number is absent.
template <typename Element>
absl::StatusOr<Value> MapElements(const Call& call, Element element) {
  return MapColumns(call, [&](const auto& x) { return MapEach(x, element); });
}

absl::StatusOr<Value> ApplyAbs(const Call& call) {
  return MapElements(call, [](double value) { return std::abs(value); });
}

absl::Status CheckNoUnit(const Call& call) {
  const std::optional<Unit>& unit = call.Series(0).unit;
  if (!unit.has_value() || unit->IsDimensionless()) return absl::OkStatus();
  return call.Error(
      0, absl::StrCat("unit clash: the series is in ", unit->ToString(),
                      "; it must have no unit: divide by what is in it, such "
                      "as a value of the series itself"));
}

template <double (*kElement)(double)>
absl::StatusOr<Value> ApplyPlain(const Call& call) {
  RETURN_IF_ERROR(CheckNoUnit(call));
  ASSIGN_OR_RETURN(Value result, MapElements(call, kElement));
  result.unit = Unit();
  return result;
}

double Logarithm(double value) { return std::log(value); }
double Exponential(double value) { return std::exp(value); }

absl::StatusOr<Unit> RootOf(const Call& call, const Unit& unit) {
  Unit root;
  if (unit.IsDimensionless()) return root;
  for (const auto& [symbol, exponent] : unit.exponents()) {
    if (exponent % 2 != 0) {
      return call.Error(0, absl::StrCat("unit clash: ", unit.ToString(),
                                        " has no square root"));
    }
    for (int i = 0; i < std::abs(exponent) / 2; ++i) {
      root = exponent > 0 ? root * UnitNamed(symbol) : root / UnitNamed(symbol);
    }
  }
  return root;
}

absl::StatusOr<Value> ApplySqrt(const Call& call) {
  ASSIGN_OR_RETURN(Value result, MapElements(call, [](double value) {
                     return std::sqrt(value);
                   }));
  if (result.unit.has_value()) {
    ASSIGN_OR_RETURN(result.unit, RootOf(call, *result.unit));
  }
  return result;
}

absl::StatusOr<Value> ApplyRound(const Call& call) {
  const double step = call.Has(1) ? call.Number(1) : 1;
  if (!(step > 0)) {
    return call.Error(
        1, absl::StrCat("the step is ", step, "; write a number above 0"));
  }
  // By the inverse, as PromQL does it: 0.1 is no binary fraction, and 10 is.
  const double inverse = 1 / step;
  return MapElements(call, [&](double value) {
    return std::floor(value * inverse + 0.5) / inverse;
  });
}

absl::StatusOr<Value> ApplyClamp(const Call& call) {
  const double low = call.Number(1);
  const double high = call.Number(2);
  if (low > high) {
    return call.Error(1, absl::StrCat("the lower bound ", low,
                                      " is above the upper bound ", high));
  }
  return MapElements(
      call, [&](double value) { return std::clamp(value, low, high); });
}

absl::StatusOr<Value> ApplySeasonalAdjustment(const Call& call) {
  ASSIGN_OR_RETURN(const bool multiplicative, call.Option(1, "multiplicative"));
  if (call.Series(0).frequency == Frequency::kAnnual) {
    return call.Error(0,
                      "frequency clash: the series is annual, and a year "
                      "has no season");
  }
  const Value& x = call.Series(0);
  Value result;
  result.unit = x.unit;
  result.frequency = x.frequency;
  for (const LabelledColumn& column : x.columns) {
    // The decomposition passes over the values some dozens of times.
    RETURN_IF_ERROR(call.effort().Spend(100 * column.observations.size()));
    SeasonalAdjustment adjustment =
        AdjustSeasonally(column.observations, multiplicative);
    if (adjustment.problem.has_value()) {
      call.Note(absl::StrCat(FormatLabels(column.labels),
                             " is left out: ", *adjustment.problem));
    }
    result.columns.push_back({column.labels, std::move(adjustment.adjusted)});
  }
  return result;
}

const Function kColumnFunctions[] = {
    {"resample", "resample(x, \"Q\", \"sum\")", "xss", false, ApplyResample},
    {"lag", "lag(x, n)", "xn", false, ApplyLag, OverPaths::kAtOnce},
    {"diff", "diff(x) or diff(x, n)", "x|n", false, ApplyDiff,
     OverPaths::kAtOnce},
    {"pct_change", "pct_change(x) or pct_change(x, n)", "x|n", false,
     ApplyPercentChange, OverPaths::kAtOnce},
    {"yoy", "yoy(x)", "x", false, ApplyYoy, OverPaths::kAtOnce},
    {"rolling_mean", "rolling_mean(x, n)", "xn", false, ApplyRollingMean,
     OverPaths::kAtOnce},
    {"rolling_sum", "rolling_sum(x, n)", "xn", false, ApplyRollingSum,
     OverPaths::kAtOnce},
    {"rolling_max", "rolling_max(x, n)", "xn", false,
     ApplyRolling<RollingMax, 1>},
    {"rolling_std", "rolling_std(x, n)", "xn", false,
     ApplyRolling<RollingDeviation, 2>},
    {"cumsum", "cumsum(x)", "x", false, ApplyCumulativeSum, OverPaths::kAtOnce},
    {"cummax", "cummax(x)", "x", false, ApplyCumulativeMax, OverPaths::kAtOnce},
    {"fill", "fill(x) or fill(x, \"known\")", "x|s", false, ApplyFill},
    {"rebase", "rebase(x, \"2024-01\") or rebase(x, \"2024-01\", 100)", "xs|n",
     false, ApplyRebase},
    {"abs", "abs(x)", "x", false, ApplyAbs, OverPaths::kAtOnce},
    {"ln", "ln(x)", "x", false, ApplyPlain<Logarithm>, OverPaths::kAtOnce},
    {"exp", "exp(x)", "x", false, ApplyPlain<Exponential>, OverPaths::kAtOnce},
    {"sqrt", "sqrt(x)", "x", false, ApplySqrt, OverPaths::kAtOnce},
    {"round", "round(x) or round(x, step)", "x|n", false, ApplyRound,
     OverPaths::kAtOnce},
    {"clamp", "clamp(x, low, high)", "xnn", false, ApplyClamp,
     OverPaths::kAtOnce},
    {"seasonal_adjust",
     "seasonal_adjust(x) or seasonal_adjust(x, \"multiplicative\")", "x|s",
     false, ApplySeasonalAdjustment},
};

}  // namespace

absl::Span<const Function> ColumnFunctions() { return kColumnFunctions; }

}  // namespace headway::query

#include "daemon/query/math/seasonal.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/stl.h"
#include "daemon/query/math/column.h"

namespace headway::query {
namespace {

using series::Observations;

constexpr int kSeasonalWindow = 11;

// A value for each period from the first to the last, with straight lines over
// gaps.
std::vector<double> WithoutGaps(const Observations& x) {
  std::vector<double> values;
  for (size_t i = 0; i < x.size(); ++i) {
    if (i > 0) {
      const int32_t steps = x.ordinals[i] - x.ordinals[i - 1];
      for (int32_t step = 1; step < steps; ++step) {
        const double part = static_cast<double>(step) / steps;
        values.push_back((1 - part) * x.values[i - 1] + part * x.values[i]);
      }
    }
    values.push_back(x.values[i]);
  }
  return values;
}

std::optional<std::string> FindProblem(const Observations& x, int season,
                                       bool multiplicative) {
  const size_t span =
      static_cast<size_t>(int64_t{x.ordinals.back()} - x.ordinals.front() + 1);
  const size_t least = 2 * static_cast<size_t>(season);
  if (span < least) {
    return absl::StrCat("it spans ", span, " periods, and two cycles take ",
                        least);
  }
  // Business days leave more than a quarter out of a week.
  const size_t most_gaps =
      x.frequency == series::Frequency::kDaily ? span / 2 : span / 4;
  if (span - x.size() > most_gaps) {
    return absl::StrCat(span - x.size(), " of its ", span,
                        " periods have no value");
  }
  if (multiplicative &&
      absl::c_any_of(x.values, [](double value) { return value <= 0; })) {
    return "a value is not positive, and has no logarithm; leave out "
           "\"multiplicative\"";
  }
  return std::nullopt;
}

}  // namespace

SeasonalAdjustment AdjustSeasonally(const Observations& x,
                                    bool multiplicative) {
  SeasonalAdjustment result;
  result.adjusted = EmptyLike(x);
  if (x.empty()) return result;
  const int season = series::SeasonLength(x.frequency);
  result.problem = FindProblem(x, season, multiplicative);
  if (result.problem.has_value()) return result;
  Observations logs = x;
  if (multiplicative) {
    for (double& value : logs.values) value = std::log(value);
  }
  const std::vector<double> values = WithoutGaps(logs);
  const forecast::StlDecomposition parts = forecast::DecomposeStl(
      values, forecast::DefaultStlOptions(season, kSeasonalWindow));
  for (size_t i = 0; i < x.size(); ++i) {
    const double seasonal =
        parts.seasonal[static_cast<size_t>(x.ordinals[i] - x.ordinals[0])];
    Append(x.ordinals[i],
           multiplicative ? x.values[i] / std::exp(seasonal)
                          : x.values[i] - seasonal,
           &result.adjusted, series::StatusAt(x.statuses, i));
  }
  return result;
}

}  // namespace headway::query

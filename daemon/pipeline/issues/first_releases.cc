#include "daemon/pipeline/issues/first_releases.h"

#include <algorithm>
#include <cmath>

namespace headway::pipeline {
namespace {

// Of logarithms: a tenth, ten times, and factors that are one but for rounding
// and small revisions.
constexpr double kLeast = 0.0953;
constexpr double kBeyondRevision = 2.3026;
constexpr double kAlike = 0.01;
constexpr int kLeastAlike = 2;

}  // namespace

std::optional<double> ValueAt(const series::Observations& observations,
                              int32_t ordinal) {
  const auto& ordinals = observations.ordinals;
  const auto at = std::lower_bound(ordinals.begin(), ordinals.end(), ordinal);
  if (at == ordinals.end() || *at != ordinal) return std::nullopt;
  return observations.values[at - ordinals.begin()];
}

void FirstReleases::Note(int32_t ordinal, double value) {
  values_[ordinal] = value;
}

std::optional<double> FirstReleases::At(int32_t ordinal) const {
  const auto found = values_.find(ordinal);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::optional<double> FirstReleases::LogRatio(int32_t ordinal,
                                              double value) const {
  const std::optional<double> actual = ValueAt(actuals_, ordinal);
  if (!actual.has_value()) return std::nullopt;
  const double ratio = *actual / value;
  if (!std::isfinite(ratio) || ratio <= 0) return std::nullopt;
  return std::log(ratio);
}

bool FirstReleases::IsRescaled(int32_t ordinal, double value) const {
  const std::optional<double> own = LogRatio(ordinal, value);
  if (!own.has_value() || std::abs(*own) <= kLeast) return false;
  if (std::abs(*own) > kBeyondRevision) return true;
  int alike = 0;
  for (const auto& [other, first] : values_) {
    if (other == ordinal) continue;
    const std::optional<double> ratio = LogRatio(other, first);
    if (ratio.has_value() && std::abs(*ratio - *own) < kAlike) ++alike;
    if (alike == kLeastAlike) return true;
  }
  return false;
}

}  // namespace headway::pipeline

#include "daemon/forecast/path_functions.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::forecast {
namespace {

int StepsOf(PathSpan paths) {
  return paths.empty() ? 0 : static_cast<int>(paths[0].size());
}

}  // namespace

absl::StatusOr<std::vector<double>> SumSteps(PathSpan paths, int first,
                                             int end) {
  const int steps = StepsOf(paths);
  if (first < 0 || end <= first || end > steps) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the steps from ", first, " to before ", end,
        " cannot be summed; the paths have steps 0 to ", steps - 1));
  }
  std::vector<double> sums;
  for (const std::vector<double>& path : paths) {
    double sum = 0;
    for (int h = first; h < end; ++h) sum += path[h];
    sums.push_back(sum);
  }
  return sums;
}

absl::StatusOr<std::vector<std::vector<double>>> CycleTotals(PathSpan paths,
                                                             int cycle,
                                                             KnownPart known) {
  if (cycle < 1 || known.steps < 0 || known.steps >= cycle) {
    return absl::InvalidArgumentError(
        absl::StrCat(known.steps, " known steps of a cycle of ", cycle,
                     "; give a cycle of at least 1 and fewer known steps"));
  }
  std::vector<std::vector<double>> totals;
  int first = 0;
  for (int end = cycle - known.steps; end <= StepsOf(paths); end += cycle) {
    ASSIGN_OR_RETURN(std::vector<double> sums, SumSteps(paths, first, end));
    if (first == 0) {
      for (double& sum : sums) sum += known.sum;
    }
    totals.push_back(std::move(sums));
    first = end;
  }
  return totals;
}

std::vector<std::vector<double>> RunningMaxima(PathSpan paths,
                                               std::optional<double> so_far) {
  std::vector<std::vector<double>> maxima(paths.begin(), paths.end());
  for (std::vector<double>& path : maxima) {
    for (size_t h = 0; h < path.size(); ++h) {
      if (h > 0) path[h] = std::max(path[h], path[h - 1]);
      if (so_far.has_value()) path[h] = std::max(path[h], *so_far);
    }
  }
  return maxima;
}

std::vector<std::optional<int>> FirstCrossings(PathSpan paths, double level,
                                               Crossing crossing) {
  std::vector<std::optional<int>> first;
  for (const std::vector<double>& path : paths) {
    const auto found =
        std::find_if(path.begin(), path.end(), [&](double value) {
          return crossing == Crossing::kAtOrAbove ? value >= level
                                                  : value <= level;
        });
    first.push_back(found == path.end()
                        ? std::optional<int>()
                        : static_cast<int>(found - path.begin()));
  }
  return first;
}

std::vector<double> ProbabilityCrossed(PathSpan paths, double level,
                                       Crossing crossing) {
  std::vector<double> crossed(static_cast<size_t>(StepsOf(paths)));
  for (const std::optional<int>& first :
       FirstCrossings(paths, level, crossing)) {
    if (first.has_value()) ++crossed[*first];
  }
  double sum = 0;
  for (double& share : crossed) {
    sum += share;
    share = sum / static_cast<double>(paths.size());
  }
  return crossed;
}

double SampleQuantile(std::vector<double> sample, double probability) {
  const double place = probability * static_cast<double>(sample.size() - 1);
  const size_t below = static_cast<size_t>(place);
  const auto at = sample.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(sample.begin(), at, sample.end());
  const double part = place - static_cast<double>(below);
  if (part == 0) return *at;
  return std::lerp(*at, *std::min_element(at + 1, sample.end()), part);
}

}  // namespace headway::forecast

#include "daemon/forecast/models/long_season.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/forecast/math/constants.h"

namespace headway::forecast {
namespace {

struct CalendarCycle {
  int season;
  int cycle;
};

// Weeks of days of 24 hours, of 48, 96, 144, 288 parts; the year of days in
// weeks; the year of weeks.
constexpr CalendarCycle kCalendar[] = {{24, 168},   {48, 336},   {96, 672},
                                       {144, 1008}, {288, 2016}, {7, 365},
                                       {1, 52}};
// The least number of cycles of changes. Chosen with `ridge_ar` on three
// windows at the ends of the training parts of M4 weekly and hourly, see
// docs/forecasting.md.
constexpr int kLeastLongCycles = 3;

}  // namespace

double CycleScore(absl::Span<const double> values, int lag, int cycle) {
  const int n = static_cast<int>(values.size()) - lag;
  if (n < 2 * cycle) return 0;
  const auto change = [&](int t) { return values[t + lag] - values[t]; };
  double mean = 0;
  for (int t = 0; t < n; ++t) mean += change(t) / n;
  double squares = 0;
  double products = 0;
  for (int t = 0; t < n; ++t) {
    const double deviation = change(t) - mean;
    squares += deviation * deviation;
    if (t >= cycle) products += deviation * (change(t - cycle) - mean);
  }
  return squares > 0 ? products / squares * std::sqrt(n) : 0;
}

int FindLongSeason(absl::Span<const double> values, int season) {
  for (const CalendarCycle& known : kCalendar) {
    const int least = kLeastLongCycles * known.cycle + season;
    if (known.season == season && static_cast<int>(values.size()) >= least &&
        CycleScore(values, season, known.cycle) > kNormal95) {
      return known.cycle;
    }
  }
  return 0;
}

std::vector<int> Cycles(const ModelInput& input,
                        absl::Span<const double> filled, int repeats) {
  std::vector<int> cycles;
  const auto add = [&](int cycle) {
    if (cycle > 1 && filled.size() >= static_cast<size_t>(repeats) * cycle) {
      cycles.push_back(cycle);
    }
  };
  add(input.season);
  for (int cycle : input.long_seasons) add(cycle);
  if (input.long_seasons.empty()) add(FindLongSeason(filled, input.season));
  return cycles;
}

std::string CyclesSuffix(absl::Span<const int> cycles) {
  if (cycles.empty()) return "";
  return absl::StrCat(
      cycles.size() == 1 ? " with a cycle of " : " with cycles of ",
      absl::StrJoin(cycles, ", "));
}

}  // namespace headway::forecast

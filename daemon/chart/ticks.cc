#include "daemon/chart/ticks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "daemon/base/number_text.h"

namespace headway::chart {
namespace {

// Beyond these, digits are no longer read at a glance.
constexpr double kLargest = 1e12;
constexpr double kLeastStep = 1e-6;

double RoundStep(double raw) {
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double multiple : {1.0, 2.0, 2.5, 5.0}) {
    if (multiple * power >= raw * (1 - 1e-9)) return multiple * power;
  }
  return 10 * power;
}

std::string TickText(double value, double step) {
  if (std::fabs(value) >= kLargest || step < kLeastStep) {
    return value == 0 ? "0" : absl::StrFormat("%.3g", value);
  }
  int decimals = 0;
  double scaled = step;
  while (decimals < 7 && std::fabs(scaled - std::round(scaled)) > 1e-6) {
    scaled *= 10;
    ++decimals;
  }
  return FormatFixed(value, decimals);
}

// The whole number that a label is: "1989", "17".
std::optional<int64_t> WholeNumber(absl::string_view label) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(label, &number)) return std::nullopt;
  return number;
}

bool BeginsYear(absl::string_view label) {
  if (label.size() < 6 ||
      !absl::c_all_of(label.substr(0, 4), absl::ascii_isdigit)) {
    return false;
  }
  const absl::string_view rest = label.substr(4);
  return rest == "-01" || rest == "Q1" || rest == "-Q1" || rest == "m1" ||
         rest == "q1" || rest == "-01-01";
}

std::vector<PeriodTick> NumberedTicks(absl::Span<const std::string> labels,
                                      size_t most) {
  const int64_t first = *WholeNumber(labels.front());
  const int64_t span =
      std::max<int64_t>(1, *WholeNumber(labels.back()) - first);
  const int64_t step = std::max<int64_t>(
      1, std::llround(std::ceil(RoundStep(static_cast<double>(span) /
                                          static_cast<double>(most)))));
  std::vector<PeriodTick> ticks;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (*WholeNumber(labels[i]) % step == 0) ticks.push_back({i, labels[i]});
  }
  return ticks;
}

// Every year, every second, fifth, ... of `years`, the places of their begins.
std::vector<PeriodTick> YearTicks(absl::Span<const std::string> labels,
                                  const std::vector<size_t>& years,
                                  size_t most) {
  const auto year_of = [&](size_t place) {
    return *WholeNumber(labels[place].substr(0, 4));
  };
  for (const int step : {1, 2, 5, 10, 20, 50, 100, 200, 500}) {
    std::vector<PeriodTick> ticks;
    for (const size_t place : years) {
      if (year_of(place) % step == 0) {
        ticks.push_back({place, labels[place].substr(0, 4)});
      }
    }
    if (ticks.size() <= most && ticks.size() >= 2) return ticks;
  }
  return {};
}

}  // namespace

std::vector<NumberTick> NumberTicks(double low, double high, int count) {
  if (!(high > low)) {
    const double margin = low == 0 ? 1 : std::fabs(low) * 0.1;
    low -= margin;
    high += margin;
  }
  const double step = RoundStep((high - low) / std::max(count, 1));
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  std::vector<NumberTick> ticks;
  for (double place = first; place <= last; ++place) {
    const double value = place * step;
    ticks.push_back({value, TickText(value == 0 ? 0.0 : value, step)});
  }
  return ticks;
}

std::vector<PeriodTick> PeriodTicks(absl::Span<const std::string> labels,
                                    size_t most) {
  if (labels.empty()) return {};
  most = std::max<size_t>(most, 1);
  std::vector<size_t> years;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (BeginsYear(labels[i])) years.push_back(i);
  }
  if (years.size() >= 3) {
    std::vector<PeriodTick> ticks = YearTicks(labels, years, most);
    if (!ticks.empty()) return ticks;
  }
  const bool numbered = absl::c_all_of(labels, [](const std::string& label) {
    return WholeNumber(label).has_value();
  });
  if (numbered) {
    std::vector<PeriodTick> ticks = NumberedTicks(labels, most);
    if (!ticks.empty() && ticks.size() <= most + 1) return ticks;
  }
  const size_t step = (labels.size() + most - 1) / most;
  std::vector<PeriodTick> ticks;
  for (size_t i = 0; i < labels.size(); i += step) {
    ticks.push_back({i, labels[i]});
  }
  return ticks;
}

}  // namespace headway::chart

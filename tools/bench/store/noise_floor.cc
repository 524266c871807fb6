#include "tools/bench/store/noise_floor.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"

namespace headway::bench {
namespace {

constexpr int kMonths = 12;
constexpr size_t kLeastPoints = 36;

// The digits after the point of the shortest text that reads back as `value`.
int Decimals(double value) {
  char text[400];
  const auto end =
      std::to_chars(text, text + sizeof(text), value, std::chars_format::fixed);
  const absl::string_view digits(text, end.ptr - text);
  const size_t point = digits.find('.');
  return point == absl::string_view::npos
             ? 0
             : static_cast<int>(digits.size() - point - 1);
}

double Deviation(const std::vector<double>& sample) {
  double mean = 0;
  for (double value : sample) mean += value / sample.size();
  double variance = 0;
  for (double value : sample) {
    variance += (value - mean) * (value - mean) / sample.size();
  }
  return std::sqrt(variance);
}

// Where a month is missing its neighbour stands in: few are.
double RelativeNoise(const std::vector<double>& values) {
  std::vector<double> steps;
  for (size_t t = 1; t < values.size(); ++t) {
    steps.push_back(std::log(values[t] / values[t - 1]));
  }
  std::vector<double> seasonal;
  for (size_t t = kMonths; t < steps.size(); ++t) {
    seasonal.push_back(steps[t] - steps[t - kMonths]);
  }
  return std::min(Deviation(steps), Deviation(seasonal));
}

}  // namespace

NoiseFloor ComputeNoiseFloor(const SeriesColumns& columns) {
  const double normal = std::sqrt(2 * std::numbers::pi * std::numbers::e);
  NoiseFloor floor;
  for (const auto& [key, column] : columns) {
    std::vector<double> values;
    for (const auto& [ordinal, value] : column) {
      if (value > 0) values.push_back(value);
    }
    if (key.frequency != series::Frequency::kMonthly ||
        values.size() < kLeastPoints) {
      continue;
    }
    const double noise = RelativeNoise(values);
    for (double value : values) {
      const double steps =
          value * noise * normal * std::pow(10, Decimals(value));
      floor.bytes += std::max(0.0, std::log2(steps)) / 8;
      ++floor.points;
    }
  }
  return floor;
}

}  // namespace headway::bench

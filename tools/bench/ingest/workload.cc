#include "tools/bench/ingest/workload.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace headway::bench {
namespace {

// Spreads the bits of a number (the finaliser of SplitMix64).
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

int Workload::FirstSeries(int commit) const {
  return std::min(series, commit * series_per_commit);
}

std::string Workload::IdOf(int series) const {
  return absl::StrCat("s", series);
}

std::string Workload::StreamOf(int commit) const {
  return absl::StrCat("part-", commit);
}

series::SeriesInfo Workload::InfoOf(int series) const {
  series::SeriesInfo info;
  info.key.metric = "trade_value_musd";
  info.key.frequency = frequency;
  // What is given here is well formed.
  info.key.labels =
      series::Labels::Create({{"commodity", absl::StrCat(8400 + series % 97)},
                              {"flow", series % 2 == 0 ? "export" : "import"},
                              {"partner", absl::StrCat("P", series / 97)},
                              {"reporter", "USA"}})
          .value();
  info.unit = series::Unit::Parse("USD").value();
  info.title = absl::StrCat("Trade of the USA, part ", series);
  info.source_name = "Made up";
  return info;
}

series::Period Workload::PeriodOf(int place) const {
  series::Period period =
      series::PeriodContaining(frequency, absl::CivilDay(1970, 1, 1));
  period.ordinal += place;
  return period;
}

double Workload::ValueOf(int series, int place) const {
  const uint64_t own = Mix(static_cast<uint64_t>(series));
  const uint64_t noise = Mix(own + static_cast<uint64_t>(place));
  const double level = std::pow(10, 2 + static_cast<double>(own % 500) / 100);
  double value = level * (1 + static_cast<double>(noise % 1000) / 10000);
  const bool is_revised =
      static_cast<int>(Mix(noise) % 1000) < revised_per_mille;
  if (is_revised) value *= 1.01;
  return std::round(value * 100) / 100;
}

}  // namespace headway::bench

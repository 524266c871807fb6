#include "tools/bench/store/synthetic.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/series/period.h"

namespace headway::bench {
namespace {

constexpr int kVintagesPerYear = 12;
constexpr int kFirstYear = 2000;

uint64_t Mix(uint64_t x) {  // SplitMix64 (Steele, Lea, Flood 2014)
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

double Uniform(uint64_t hash) {
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

// Near enough to a standard normal: the sum of four uniforms, scaled.
double Normal(uint64_t hash) {
  const double sum =
      static_cast<double>((hash & 0xffff) + (hash >> 16 & 0xffff) +
                          (hash >> 32 & 0xffff) + (hash >> 48)) /
      65536;
  return (sum - 2) * 1.7320508;
}

std::string CountryCode(int number) {
  return {static_cast<char>('A' + number % 26),
          static_cast<char>('A' + number / 26 % 26),
          static_cast<char>('A' + number * 7 % 26)};
}

bool IsAnnual(int vintage) { return vintage % kVintagesPerYear == 6; }

store::Batch EmptyBatch(std::string state) {
  store::Batch batch;
  batch.provenance = {"census-trade", "census", "1.4.0",
                      "sha256:0123456789abcdef", "runs/chip-trade/1"};
  batch.checkpoints.push_back({"census-trade", "exports", std::move(state)});
  return batch;
}

}  // namespace

int64_t SyntheticSet::points_per_series() const {
  int64_t points = 0;
  for (int v = 0; v < options_.vintages; ++v) {
    points += LastMonth(v) - FirstMonth(v) + 1;
  }
  return points;
}

series::SeriesInfo SyntheticSet::Info(int series) const {
  const bool is_export = series % 2 == 0;
  const std::string partner = CountryCode(series / 2 % 50);
  const std::string reporter = CountryCode(100 + series / 100 % 20);
  const std::string hs = absl::StrCat(8400 + series / 2000);
  series::SeriesInfo info;
  info.key.metric = options_.metric;
  // Names and values are plain words, so this cannot fail.
  info.key.labels =
      series::Labels::Create({{"flow", is_export ? "export" : "import"},
                              {"hs", hs},
                              {"partner", partner},
                              {"reporter", reporter},
                              {"source", "synthetic"}})
          .value();
  info.key.frequency = series::Frequency::kMonthly;
  info.unit = series::Unit::Parse("USD").value();
  info.title =
      absl::StrCat(reporter, is_export ? " exports of HS " : " imports of HS ",
                   hs, is_export ? " to " : " from ", partner);
  info.vintage_kind = series::VintageKind::kNative;
  info.source_name = "Synthetic trade";
  return info;
}

absl::Time SyntheticSet::KnownAt(int vintage) const {
  // The fifth day of the month after the newest one.
  const absl::CivilMonth newest(kFirstYear, 1 + LastMonth(vintage));
  return absl::FromCivil(absl::CivilDay(newest + 1) + 4, absl::UTCTimeZone());
}

absl::Time SyntheticSet::InstantInHistory(uint64_t random) const {
  const absl::Time end = KnownAt(options_.vintages - 1) + absl::Hours(24 * 30);
  return KnownAt(0) + Uniform(random) * (end - KnownAt(0));
}

int SyntheticSet::FirstMonth(int vintage) const {
  if (vintage == 0) return 0;
  return std::max(0, LastMonth(vintage) - (IsAnnual(vintage) ? 24 : 2));
}

double SyntheticSet::Value(int series, int month, int vintage) const {
  const uint64_t base = Mix(options_.seed ^ Mix(series));
  const double level = 10 * std::pow(5000, Uniform(base));
  const double growth = 0.006 * Uniform(Mix(base + 1));
  const double season = 1 + 0.12 * Normal(Mix(base + 2 + month % 12));
  const double noise = 1 + 0.06 * Normal(Mix(base + 100 + month));
  double value = level * (1 + growth * month) * season * noise;
  const int first_vintage = std::max(0, month - options_.first_months + 1);
  if (vintage > first_vintage) {
    value *= 1 + 0.01 * Normal(Mix(base + 1000 + month * 1000 + vintage));
  }
  const double scale = base % 4 == 0 ? 100 : 10;
  return std::round(value * scale) / scale;
}

int SyntheticSet::SeriesPerBatch(int points) const {
  return std::max(1, options_.points_per_batch / points);
}

int SyntheticSet::NumBatches(int vintage) const {
  const int per_batch =
      SeriesPerBatch(LastMonth(vintage) - FirstMonth(vintage) + 1);
  return (options_.series + per_batch - 1) / per_batch;
}

store::Batch SyntheticSet::MakeBatch(int vintage, int batch) const {
  const int first = FirstMonth(vintage);
  const int last = LastMonth(vintage);
  const int per_batch = SeriesPerBatch(last - first + 1);
  const int32_t origin = (kFirstYear - 1970) * 12;
  store::Batch made =
      EmptyBatch(absl::StrCat("vintage ", vintage, " page ", batch));
  const int end = std::min(options_.series, (batch + 1) * per_batch);
  for (int s = batch * per_batch; s < end; ++s) {
    store::VintageUpdate& update = made.updates.emplace_back();
    update.info = Info(s);
    update.known_at = KnownAt(vintage);
    for (int month = first; month <= last; ++month) {
      update.ordinals.push_back(origin + month);
      update.values.push_back(Value(s, month, vintage));
    }
  }
  return made;
}

int SyntheticSet::NumWholeBatches() const {
  const int per_batch = SeriesPerBatch(months());
  return (options_.series + per_batch - 1) / per_batch;
}

store::Batch SyntheticSet::MakeWholeBatch(int batch, int days) const {
  const int per_batch = SeriesPerBatch(months());
  const int32_t origin = (kFirstYear - 1970) * 12;
  const int newest = options_.vintages - 1;
  store::Batch made = EmptyBatch(absl::StrCat("again ", days, " page ", batch));
  const int end = std::min(options_.series, (batch + 1) * per_batch);
  for (int s = batch * per_batch; s < end; ++s) {
    store::VintageUpdate& update = made.updates.emplace_back();
    update.info = Info(s);
    update.known_at = KnownAt(newest) + absl::Hours(24) * days;
    for (int month = 0; month < months(); ++month) {
      int vintage = newest;
      while (month < FirstMonth(vintage) || month > LastMonth(vintage)) {
        --vintage;
      }
      update.ordinals.push_back(origin + month);
      update.values.push_back(Value(s, month, vintage));
    }
  }
  return made;
}

int64_t NumPoints(const store::Batch& batch) {
  int64_t points = 0;
  for (const store::VintageUpdate& update : batch.updates) {
    points += update.ordinals.size();
  }
  return points;
}

}  // namespace headway::bench

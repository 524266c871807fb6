#include "daemon/scores/stratum.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "daemon/base/status_macros.h"

namespace headway::scores {
namespace {

// The quantile 0.975 of the normal distribution.
constexpr double kNormal975 = 1.959963984540054;
constexpr int kMillion = 1'000'000;

int InMillionths(double share) {
  return static_cast<int>(std::lround(share * kMillion));
}

// The probabilities that an actual may stand for, from `low` to `high`.
struct Stretch {
  double low = 0;
  double high = 1;
};

Stretch StretchOf(const Outcome& outcome) {
  const std::vector<Quantile>& quantiles = outcome.quantiles;
  const double actual = outcome.actual;
  const auto first = std::find_if(
      quantiles.begin(), quantiles.end(),
      [&](const Quantile& quantile) { return quantile.value >= actual; });
  if (first == quantiles.end()) return {quantiles.back().probability, 1};
  if (first->value == actual) {
    const auto behind = std::find_if(
        first, quantiles.end(),
        [&](const Quantile& quantile) { return quantile.value > actual; });
    const auto last = std::prev(behind);
    // An atom at an end of the grid is all that lies beyond it, too.
    const bool is_atom = first != last;
    return {is_atom && first == quantiles.begin() ? 0 : first->probability,
            is_atom && behind == quantiles.end() ? 1 : last->probability};
  }
  if (first == quantiles.begin()) return {0, first->probability};
  const Quantile& below = *std::prev(first);
  const double part = (actual - below.value) / (first->value - below.value);
  const double at =
      below.probability + part * (first->probability - below.probability);
  return {at, at};
}

int BinOf(double probability) {
  // A probability such as 0.3 begins its bin, however it was rounded.
  const double at = probability * kPitBins + 1e-9;
  return std::clamp(static_cast<int>(at), 0, kPitBins - 1);
}

}  // namespace

StepRange StepRangeOf(int distance) {
  constexpr StepRange kRanges[] = {{1, 1},  {2, 3},   {4, 6},
                                   {7, 12}, {13, 24}, {25, 1000}};
  for (const StepRange& range : kRanges) {
    if (distance <= range.last) return range;
  }
  return std::end(kRanges)[-1];
}

Band ShareBand(int hits, int count) {
  const double n = count;
  const double share = hits / n;
  const double square = kNormal975 * kNormal975;
  const double centre = (share + square / (2 * n)) / (1 + square / n);
  const double half = kNormal975 / (1 + square / n) *
                      std::sqrt(share * (1 - share) / n + square / (4 * n * n));
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

std::optional<double> SeasonalNaive(absl::Span<const double> history,
                                    int season, int distance) {
  const int64_t seasons = (distance + int64_t{season} - 1) / season;
  const int64_t place =
      static_cast<int64_t>(history.size()) - 1 + distance - seasons * season;
  if (place < 0 || std::isnan(history[place])) return std::nullopt;
  return history[place];
}

absl::Status StratumBuilder::Add(const Outcome& outcome,
                                 std::optional<double> benchmark_error) {
  ASSIGN_OR_RETURN(const OutcomeScore score, Score(outcome));
  ++outcomes_;
  absolute_error_ += score.absolute_error;
  weighted_interval_score_ += score.weighted_interval_score;
  if (benchmark_error.has_value()) {
    compared_error_ += score.absolute_error;
    benchmark_error_ += *benchmark_error;
  }
  AddIntervals(outcome);
  AddPit(outcome);
  return absl::OkStatus();
}

void StratumBuilder::AddIntervals(const Outcome& outcome) {
  const std::vector<Quantile>& quantiles = outcome.quantiles;
  for (size_t i = 0; i < quantiles.size(); ++i) {
    const int low = InMillionths(quantiles[i].probability);
    for (size_t j = i + 1; j < quantiles.size(); ++j) {
      if (low + InMillionths(quantiles[j].probability) != kMillion) continue;
      const int millionths = kMillion - 2 * low;
      Interval& interval = intervals_[millionths];
      interval.level = static_cast<double>(millionths) / kMillion;
      ++interval.outcomes;
      interval.within += quantiles[i].value <= outcome.actual &&
                         outcome.actual <= quantiles[j].value;
    }
  }
}

void StratumBuilder::AddPit(const Outcome& outcome) {
  const auto [low, high] = StretchOf(outcome);
  if (high <= low) {
    pit_[BinOf(low)] += 1;
    return;
  }
  for (int bin = 0; bin < kPitBins; ++bin) {
    const double from = std::max(low, static_cast<double>(bin) / kPitBins);
    const double to = std::min(high, static_cast<double>(bin + 1) / kPitBins);
    if (to > from) pit_[bin] += (to - from) / (high - low);
  }
}

void StratumBuilder::SetScale(std::optional<double> scale) {
  scaled_ = scale.has_value() ? outcomes_ : 0;
  scaled_error_ = scale.has_value() ? absolute_error_ / *scale : 0;
  scaled_interval_score_ =
      scale.has_value() ? weighted_interval_score_ / *scale : 0;
}

void StratumBuilder::Merge(const StratumBuilder& other) {
  outcomes_ += other.outcomes_;
  absolute_error_ += other.absolute_error_;
  weighted_interval_score_ += other.weighted_interval_score_;
  scaled_ += other.scaled_;
  scaled_error_ += other.scaled_error_;
  scaled_interval_score_ += other.scaled_interval_score_;
  compared_error_ += other.compared_error_;
  benchmark_error_ += other.benchmark_error_;
  for (const auto& [millionths, from] : other.intervals_) {
    Interval& interval = intervals_[millionths];
    interval.level = from.level;
    interval.outcomes += from.outcomes;
    interval.within += from.within;
  }
  for (int bin = 0; bin < kPitBins; ++bin) pit_[bin] += other.pit_[bin];
}

Stratum StratumBuilder::Build() const {
  Stratum stratum;
  if (outcomes_ == 0) return stratum;
  stratum.outcomes = outcomes_;
  stratum.mean_absolute_error = absolute_error_ / outcomes_;
  stratum.mean_weighted_interval_score = weighted_interval_score_ / outcomes_;
  if (scaled_ > 0) {
    stratum.mean_scaled_error = scaled_error_ / scaled_;
    stratum.mean_scaled_interval_score = scaled_interval_score_ / scaled_;
  }
  if (benchmark_error_ > 0) {
    stratum.skill = 1 - compared_error_ / benchmark_error_;
  }
  for (const auto& [millionths, interval] : intervals_) {
    stratum.coverage.push_back(
        {interval.level, interval.outcomes,
         static_cast<double>(interval.within) / interval.outcomes,
         ShareBand(interval.within, interval.outcomes)});
  }
  for (int bin = 0; bin < kPitBins; ++bin) {
    stratum.pit[bin] = pit_[bin] / outcomes_;
  }
  return stratum;
}

}  // namespace headway::scores

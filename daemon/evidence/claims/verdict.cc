#include "daemon/evidence/claims/verdict.h"

#include <cmath>

#include "absl/strings/str_format.h"

namespace headway::evidence {
namespace {

// Shares of the weight that tells something. A rounding error of a sum of
// weights must not decide.
constexpr double kMost = 0.6 - 1e-9;
constexpr double kSome = 0.2 - 1e-9;
constexpr double kEnough = 1e-9;

struct Weights {
  double all = 0;
  double judged = 0;
  double gated = 0;
  double supports = 0;
  double contradicts = 0;
  double no_effect = 0;
};

Weights WeighVotes(absl::Span<const Vote> votes) {
  Weights weights;
  for (const Vote& vote : votes) {
    weights.all += vote.weight;
    switch (vote.outcome) {
      case Outcome::kNoData:
      case Outcome::kUnclear:
        continue;
      case Outcome::kGateFailed:
        weights.gated += vote.weight;
        continue;
      case Outcome::kSupports:
        weights.supports += vote.weight;
        break;
      case Outcome::kContradicts:
        weights.contradicts += vote.weight;
        break;
      case Outcome::kNoEffect:
        weights.no_effect += vote.weight;
        break;
    }
    weights.judged += vote.weight;
  }
  return weights;
}

VerdictKind KindOf(const Weights& weights, double required) {
  if (weights.all <= 0) return VerdictKind::kInsufficientData;
  const double needed = required * weights.all - kEnough;
  if (weights.judged <= 0 || weights.judged < needed) {
    return weights.gated > 0 && weights.judged + weights.gated >= needed
               ? VerdictKind::kSuspended
               : VerdictKind::kInsufficientData;
  }
  const auto is_share = [&](double weight, double share) {
    return weight >= share * weights.judged;
  };
  if (is_share(weights.supports, kSome) &&
      is_share(weights.contradicts, kSome)) {
    return VerdictKind::kMixed;
  }
  if (is_share(weights.supports, kMost)) return VerdictKind::kSupported;
  if (is_share(weights.contradicts, kMost)) return VerdictKind::kContradicted;
  if (is_share(weights.no_effect, kMost)) return VerdictKind::kNoMaterialEffect;
  return VerdictKind::kMixed;
}

std::optional<double> MeanProbability(absl::Span<const Vote> votes) {
  double weight = 0;
  double sum = 0;
  for (const Vote& vote : votes) {
    if (!vote.probability.has_value()) continue;
    weight += vote.weight;
    sum += vote.weight * *vote.probability;
  }
  if (weight <= 0) return std::nullopt;
  return sum / weight;
}

int CountJudged(absl::Span<const Vote> votes) {
  int count = 0;
  for (const Vote& vote : votes) {
    if (vote.outcome == Outcome::kSupports ||
        vote.outcome == Outcome::kContradicts ||
        vote.outcome == Outcome::kNoEffect) {
      ++count;
    }
  }
  return count;
}

bool IsDecided(VerdictKind kind) {
  return kind != VerdictKind::kInsufficientData &&
         kind != VerdictKind::kSuspended;
}

// Each reason takes a step off the highest certainty.
void RateCertainty(absl::Span<const Vote> votes, Verdict& verdict) {
  const int judged = CountJudged(votes);
  if (judged == 1) verdict.reasons.push_back("It rests on a single test.");
  if (judged > 0 && verdict.judged_weight < 1 - kEnough) {
    verdict.reasons.push_back(
        absl::StrFormat("%.0f %% of the tests' weight tells nothing.",
                        100 * (1 - verdict.judged_weight)));
  }
  if (verdict.kind == VerdictKind::kMixed) {
    verdict.reasons.push_back("The tests contradict each other.");
  }
  if (!IsDecided(verdict.kind)) {
    verdict.certainty = Certainty::kLow;
    return;
  }
  switch (verdict.reasons.size()) {
    case 0:
      verdict.certainty = Certainty::kHigh;
      return;
    case 1:
      verdict.certainty = Certainty::kMedium;
      return;
    default:
      verdict.certainty = Certainty::kLow;
  }
}

}  // namespace

Outcome OutcomeOf(const Interval& interval, Side side, double threshold,
                  double band) {
  const bool is_above = interval.low > threshold + band;
  const bool is_below = interval.high < threshold - band;
  if (is_above || is_below) {
    return is_above == (side == Side::kAbove) ? Outcome::kSupports
                                              : Outcome::kContradicts;
  }
  if (band > 0 && interval.low >= threshold - band &&
      interval.high <= threshold + band) {
    return Outcome::kNoEffect;
  }
  return Outcome::kUnclear;
}

Verdict Judge(absl::Span<const Vote> votes, double required) {
  const Weights weights = WeighVotes(votes);
  Verdict verdict;
  verdict.kind = KindOf(weights, required);
  verdict.probability = MeanProbability(votes);
  verdict.judged_weight = weights.all > 0 ? weights.judged / weights.all : 0;
  RateCertainty(votes, verdict);
  return verdict;
}

}  // namespace headway::evidence

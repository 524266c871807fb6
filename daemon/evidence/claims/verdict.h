// From the results of a claim's tests to its verdict. Pure functions.
//
// A test's result is an estimate with an interval; the claim says on which side
// of a threshold it should lie, and how near to the threshold it is of no
// matter (the band of practical equivalence: Wellek 2010, "Testing Statistical
// Hypotheses of Equivalence and Noninferiority"). The tests vote by their
// weights. What the votes decide is one object, from which every sentence,
// number and picture of the claim is made.
#ifndef HEADWAY_DAEMON_EVIDENCE_CLAIMS_VERDICT_H_
#define HEADWAY_DAEMON_EVIDENCE_CLAIMS_VERDICT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace headway::evidence {

enum class Side { kAbove, kBelow };

enum class Outcome {
  kSupports,
  kContradicts,
  // The whole interval lies within the band.
  kNoEffect,
  // The interval reaches over an edge of the band.
  kUnclear,
  // There are not the data to test with.
  kNoData,
  // There are, but a condition of the test does not hold.
  kGateFailed,
};

// low <= estimate <= high.
struct Interval {
  double estimate = 0;
  double low = 0;
  double high = 0;
};

// What the interval says; `band` is 0 or more. Without a band an interval that
// has the threshold within is unclear, and none says that there is no effect.
Outcome OutcomeOf(const Interval& interval, Side side, double threshold,
                  double band);

struct Vote {
  // Above 0.
  double weight = 1;
  Outcome outcome = Outcome::kNoData;
  // That the result lies on the claim's side of the threshold; absent without a
  // result.
  std::optional<double> probability;
};

enum class VerdictKind {
  kSupported,
  kContradicted,
  kNoMaterialEffect,
  kMixed,
  kInsufficientData,
  kSuspended,
};

enum class Certainty { kLow, kMedium, kHigh };

struct Verdict {
  VerdictKind kind = VerdictKind::kInsufficientData;
  // The mean of the votes' probabilities, by weight; absent if none has one.
  std::optional<double> probability;
  Certainty certainty = Certainty::kLow;
  // Why the certainty is no higher, a sentence each.
  std::vector<std::string> reasons;
  // The part of the weight that tells something, 0 to 1.
  double judged_weight = 0;
};

// The rule:
// - A vote that is unclear or has no data tells nothing. If the others have
//   less than `required` of the weight: SUSPENDED if with the tests whose
//   conditions do not hold it would be enough, else INSUFFICIENT_DATA.
// - Of the weight that tells something, a fifth or more speaks for the claim
//   and a fifth or more against it: MIXED.
// - At least three fifths speak for it, against it, or of no effect:
//   SUPPORTED, CONTRADICTED, NO_MATERIAL_EFFECT. Else MIXED.
// No votes are INSUFFICIENT_DATA.
Verdict Judge(absl::Span<const Vote> votes, double required);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_CLAIMS_VERDICT_H_

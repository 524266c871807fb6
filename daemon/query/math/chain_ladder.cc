#include "daemon/query/math/chain_ladder.h"

#include <algorithm>
#include <cmath>

namespace headway::query {
namespace {

size_t NewestAge(const DevelopmentRow& row) {
  return row.first_age + row.values.size() - 1;
}

// Calls visit(earlier, later) for each row that was seen to take the step from
// `age` from a value above 0.
template <typename Visit>
void ForEachRowTaking(size_t age, const std::vector<DevelopmentRow>& rows,
                      Visit visit) {
  for (const DevelopmentRow& row : rows) {
    if (age < row.first_age || age >= NewestAge(row)) continue;
    const double earlier = row.values[age - row.first_age];
    if (earlier > 0) visit(earlier, row.values[age - row.first_age + 1]);
  }
}

DevelopmentStep EstimateStep(size_t age,
                             const std::vector<DevelopmentRow>& rows) {
  DevelopmentStep step;
  double grown = 0;
  ForEachRowTaking(age, rows, [&](double earlier, double later) {
    ++step.rows;
    step.base += earlier;
    grown += later;
  });
  if (step.rows == 0) return step;
  step.factor = grown / step.base;
  if (step.rows == 1) return step;
  ForEachRowTaking(age, rows, [&](double earlier, double later) {
    const double deviation = later / earlier - step.factor;
    step.variance += earlier * deviation * deviation;
  });
  step.variance /= static_cast<double>(step.rows - 1);
  return step;
}

// Of the step after two others, whose variances fall.
double ExtrapolateVariance(double before_last, double last) {
  const double least = std::min(before_last, last);
  return before_last > 0 ? std::min(last * last / before_last, least) : least;
}

// What the step adds to the squared relative error of a row that is expected to
// stand at `value` before it: by chance, and by the doubt in the factor.
double RelativeError(const DevelopmentStep& step, double value) {
  return step.variance / (step.factor * step.factor) *
         (1 / value + 1 / step.base);
}

std::optional<Completion> Complete(const DevelopmentRow& row, size_t last_age,
                                   size_t least_rows,
                                   const std::vector<DevelopmentStep>& steps) {
  Completion completion = {row.values.back(), 0};
  if (completion.value <= 0) return std::nullopt;
  double error = 0;
  for (size_t age = NewestAge(row); age < last_age; ++age) {
    const DevelopmentStep& step = steps[age];
    if (step.rows < least_rows || step.factor <= 0) return std::nullopt;
    error += RelativeError(step, completion.value);
    completion.value *= step.factor;
  }
  completion.standard_error = completion.value * std::sqrt(error);
  return completion;
}

// Rows are independent but for the factors that they have in common, whose
// doubt makes their errors go together.
Completion SumUp(const std::vector<DevelopmentRow>& rows, size_t last_age,
                 const ChainLadder& ladder) {
  Completion reserve;
  double variance = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!ladder.rows[i].has_value()) continue;
    reserve.value += ladder.rows[i]->value - rows[i].values.back();
    variance += ladder.rows[i]->standard_error * ladder.rows[i]->standard_error;
  }
  for (size_t age = 0; age < last_age; ++age) {
    const DevelopmentStep& step = ladder.steps[age];
    if (step.base <= 0 || step.factor <= 0) continue;
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!ladder.rows[i].has_value() || NewestAge(rows[i]) > age) continue;
      sum += ladder.rows[i]->value;
      squares += ladder.rows[i]->value * ladder.rows[i]->value;
    }
    variance += step.variance / (step.factor * step.factor) / step.base *
                (sum * sum - squares);
  }
  reserve.standard_error = std::sqrt(std::max(0.0, variance));
  return reserve;
}

}  // namespace

ChainLadder FitChainLadder(const std::vector<DevelopmentRow>& rows,
                           size_t last_age, size_t least_rows) {
  ChainLadder ladder;
  for (size_t age = 0; age < last_age; ++age) {
    DevelopmentStep step = EstimateStep(age, rows);
    if (step.rows == 1 && age >= 2) {
      step.variance = ExtrapolateVariance(ladder.steps[age - 2].variance,
                                          ladder.steps[age - 1].variance);
    }
    ladder.steps.push_back(step);
  }
  for (const DevelopmentRow& row : rows) {
    ladder.rows.push_back(Complete(row, last_age, least_rows, ladder.steps));
  }
  ladder.reserve = SumUp(rows, last_age, ladder);
  return ladder;
}

}  // namespace headway::query

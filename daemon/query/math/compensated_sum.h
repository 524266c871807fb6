// A sum that keeps what rounding would lose: 1e16 + 1 - 1e16 is 1.
//
// Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation
// endlicher Summen", over terms of double precision that are held in extended
// precision: no finite number of doubles overflows on the way, so that the mean
// of two numbers near the greatest one is right, and a total is infinite only
// if it is beyond every double itself.
#ifndef HEADWAY_DAEMON_QUERY_MATH_COMPENSATED_SUM_H_
#define HEADWAY_DAEMON_QUERY_MATH_COMPENSATED_SUM_H_

#include <cmath>
#include <cstddef>
#include <limits>

namespace headway::query {

class CompensatedSum {
 public:
  void Add(double term) { AddTerm(term); }

  // As if the terms of `other` had been added.
  void Add(const CompensatedSum& other) {
    AddTerm(other.sum_);
    compensation_ += other.compensation_;
  }

  // Infinite if no double is that large.
  double Total() const { return ToDouble(sum_ + compensation_); }

  // Of `count` terms, at least one.
  double Mean(size_t count) const {
    return ToDouble((sum_ + compensation_) / static_cast<long double>(count));
  }

 private:
  void AddTerm(long double term) {
    const long double sum = sum_ + term;
    compensation_ += std::abs(sum_) >= std::abs(term) ? (sum_ - sum) + term
                                                      : (term - sum) + sum_;
    sum_ = sum;
  }

  static double ToDouble(long double value) {
    constexpr double kMost = std::numeric_limits<double>::max();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (value > kMost) return kInfinity;
    if (value < -kMost) return -kInfinity;
    return static_cast<double>(value);
  }

  long double sum_ = 0;
  long double compensation_ = 0;
};

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_COMPENSATED_SUM_H_

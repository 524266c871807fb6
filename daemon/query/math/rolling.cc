#include "daemon/query/math/rolling.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "daemon/query/math/column.h"
#include "daemon/query/math/compensated_sum.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Observations;

struct Pair {
  double x = 0;
  double y = 0;
};

class Greatest {
 public:
  void Add(double value) { value_ = std::max(value_, value); }
  void Add(const Greatest& other) { Add(other.value_); }
  double value() const { return value_; }

 private:
  double value_ = -std::numeric_limits<double>::infinity();
};

// Means, squares and products of deviations, which can be put together: Chan,
// Golub, LeVeque 1979, "Updating Formulae and a Pairwise Algorithm for
// Computing Sample Variances".
class Moments {
 public:
  void Add(const Pair& pair) {
    Moments one;
    one.count_ = 1;
    one.mean_x_ = pair.x;
    one.mean_y_ = pair.y;
    Add(one);
  }
  void Add(double value) { Add(Pair{value, value}); }

  void Add(const Moments& other) {
    if (other.count_ == 0) return;
    const long double all = count_ + other.count_;
    const long double dx = other.mean_x_ - mean_x_;
    const long double dy = other.mean_y_ - mean_y_;
    const long double weight = count_ * other.count_ / all;
    square_x_ += other.square_x_ + dx * dx * weight;
    square_y_ += other.square_y_ + dy * dy * weight;
    product_ += other.product_ + dx * dy * weight;
    mean_x_ += dx * other.count_ / all;
    mean_y_ += dy * other.count_ / all;
    count_ = all;
  }

  double SampleDeviation() const {
    return static_cast<double>(std::sqrt(square_x_ / (count_ - 1)));
  }
  // Not finite if one of the two does not change.
  double Correlation() const {
    const long double correlation =
        product_ / std::sqrt(square_x_) / std::sqrt(square_y_);
    return std::isfinite(correlation)
               ? std::clamp(static_cast<double>(correlation), -1.0, 1.0)
               : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  long double count_ = 0;
  long double mean_x_ = 0;
  long double mean_y_ = 0;
  long double square_x_ = 0;
  long double square_y_ = 0;
  long double product_ = 0;
};

// A queue that knows the summary of what it holds without ever taking anything
// out of one, for a large value that has left must leave no error behind.
template <typename Summary, typename Item>
class SummingQueue {
 public:
  void Push(const Item& item) {
    back_.push_back(item);
    back_summary_.Add(item);
  }

  void Pop() {
    if (front_summaries_.empty()) {
      Summary summary;
      for (; !back_.empty(); back_.pop_back()) {
        summary.Add(back_.back());
        front_summaries_.push_back(summary);
      }
      back_summary_ = Summary();
    }
    front_summaries_.pop_back();
  }

  size_t size() const { return front_summaries_.size() + back_.size(); }

  Summary Total() const {
    Summary total = back_summary_;
    if (!front_summaries_.empty()) total.Add(front_summaries_.back());
    return total;
  }

 private:
  // Summaries of the older items, each from itself to the newest of them; the
  // oldest at the end.
  std::vector<Summary> front_summaries_;
  std::vector<Item> back_;
  Summary back_summary_;
};

// `items` go with the periods of x. The value of a complete window is that of
// `reduce`, which takes its summary and its size.
template <typename Summary, typename Item, typename Reduce>
Observations Roll(const Observations& x, const std::vector<Item>& items,
                  int32_t count, Reduce reduce) {
  Observations result = EmptyLike(x);
  const bool gaps_are_natural = x.frequency == Frequency::kDaily;
  SummingQueue<Summary, Item> window;
  for (size_t i = 0; i < x.size(); ++i) {
    window.Push(items[i]);
    const int64_t first = int64_t{x.ordinals[i]} - count + 1;
    while (x.ordinals[i + 1 - window.size()] < first) window.Pop();
    const bool complete = gaps_are_natural
                              ? x.ordinals[0] <= first
                              : window.size() == static_cast<size_t>(count);
    if (complete) {
      Append(x.ordinals[i], reduce(window.Total(), window.size()), &result,
             series::LeastFirm(x.statuses, i + 1 - window.size(), i + 1));
    }
  }
  return result;
}

}  // namespace

Observations RollingMean(const Observations& x, int32_t count) {
  return Roll<CompensatedSum>(
      x, x.values, count,
      [](const CompensatedSum& sum, size_t size) { return sum.Mean(size); });
}

Observations RollingSum(const Observations& x, int32_t count) {
  return Roll<CompensatedSum>(
      x, x.values, count,
      [](const CompensatedSum& sum, size_t) { return sum.Total(); });
}

Observations RollingMax(const Observations& x, int32_t count) {
  return Roll<Greatest>(
      x, x.values, count,
      [](const Greatest& greatest, size_t) { return greatest.value(); });
}

Observations RollingDeviation(const Observations& x, int32_t count) {
  return Roll<Moments>(
      x, x.values, count, [](const Moments& moments, size_t size) {
        return size < 2 ? std::numeric_limits<double>::quiet_NaN()
                        : moments.SampleDeviation();
      });
}

Observations RollingCorrelation(const Observations& x, const Observations& y,
                                int32_t count) {
  Observations both = EmptyLike(x);
  both.known_at = std::max(x.known_at, y.known_at);
  std::vector<Pair> pairs;
  for (size_t i = 0, j = 0; i < x.size() && j < y.size();) {
    if (x.ordinals[i] < y.ordinals[j]) {
      ++i;
    } else if (y.ordinals[j] < x.ordinals[i]) {
      ++j;
    } else {
      both.ordinals.push_back(x.ordinals[i]);
      pairs.push_back({x.values[i++], y.values[j++]});
    }
  }
  return Roll<Moments>(
      both, pairs, count, [](const Moments& moments, size_t size) {
        return size < 3 ? std::numeric_limits<double>::quiet_NaN()
                        : moments.Correlation();
      });
}

}  // namespace headway::query

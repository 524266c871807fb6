#include "daemon/query/columns/release_triangle.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/query/math/resample.h"

namespace headway::query {
namespace {

// How those who list releases list them changes: what was seen longer ago tells
// nothing of today.
constexpr int32_t kMostPeriodsSeen = 120;

}  // namespace

ReleaseTriangle::ReleaseTriangle(const Span& span) : span_(span) {
  while (periods_seen_ < kMostPeriodsSeen &&
         span_.last - periods_seen_ > span_.first &&
         TakenAt(periods_seen_ + 1) >= span_.first_seen) {
    ++periods_seen_;
  }
  const int64_t oldest =
      int64_t{span_.last} - periods_seen_ - span_.final_age + 1;
  first_row_ = static_cast<int32_t>(
      std::clamp<int64_t>(oldest, span_.first, span_.last));
  for (int32_t period = first_row_; period <= span_.last; ++period) {
    const int32_t youngest = std::max(0, span_.last - periods_seen_ - period);
    const int32_t eldest = std::min(span_.final_age, span_.last - period);
    DevelopmentRow row;
    row.first_age = static_cast<size_t>(youngest);
    row.values.resize(static_cast<size_t>(eldest - youngest) + 1);
    rows_.push_back(std::move(row));
  }
}

absl::Time ReleaseTriangle::TakenAt(int32_t back) const {
  return span_.known_at - series::EndTime({span_.frequency, span_.last}) +
         series::EndTime({span_.frequency, span_.last - back});
}

void ReleaseTriangle::Count(const series::Observations& state, int32_t back) {
  const int32_t newest = span_.last - back;
  for (const int32_t ordinal : state.ordinals) {
    const int32_t period = Coarsen({state.frequency, ordinal}, span_.frequency);
    if (period < first_row_ || period > newest) continue;
    DevelopmentRow& row = rows_[static_cast<size_t>(period - first_row_)];
    const int32_t place = newest - period - static_cast<int32_t>(row.first_age);
    if (place < 0 || place >= static_cast<int32_t>(row.values.size())) continue;
    ++row.values[static_cast<size_t>(place)];
  }
}

void ReleaseTriangle::Add(const std::vector<series::Observations>& states) {
  auto next = states.begin();
  for (int32_t back = periods_seen_; back >= 0; --back) {
    while (next != states.end() && next->known_at <= TakenAt(back)) ++next;
    if (next != states.begin()) Count(*std::prev(next), back);
  }
}

}  // namespace headway::query

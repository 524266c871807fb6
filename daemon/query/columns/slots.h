// The values of a group of columns by period.
#ifndef HEADWAY_DAEMON_QUERY_COLUMNS_SLOTS_H_
#define HEADWAY_DAEMON_QUERY_COLUMNS_SLOTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/query/columns/columns.h"
#include "daemon/query/columns/effort.h"

namespace headway::query {

// What a column of the group has at one period.
struct Member {
  // Index into the group.
  uint32_t column = 0;
  series::ObservationStatus status = series::ObservationStatus::kFinal;
  double value = 0;
};

// One slot for each period from the first of a group to its last. Periods lie
// within some hundreds of years, so there are at most a few hundred thousand.
class Slots {
 public:
  // A column without observations has no part in it. Errors are what `effort`
  // says.
  static absl::StatusOr<Slots> Create(
      const std::vector<const LabelledColumn*>& group, Effort& effort);

  size_t size() const { return ends_.size(); }
  size_t SlotOf(int32_t ordinal) const {
    return static_cast<size_t>(int64_t{ordinal} - first_);
  }
  int32_t OrdinalOf(size_t slot) const {
    return first_ + static_cast<int32_t>(slot);
  }
  // By the order of the group.
  absl::Span<const Member> At(size_t slot) const {
    const size_t begin = slot == 0 ? 0 : ends_[slot - 1];
    return absl::MakeConstSpan(members_).subspan(begin, ends_[slot] - begin);
  }

  // How many columns of the group have begun by each slot.
  std::vector<size_t> Begun(
      const std::vector<const LabelledColumn*>& group) const;

 private:
  Slots(int32_t first, size_t size) : first_(first), ends_(size) {}

  absl::Status Count(const std::vector<const LabelledColumn*>& group,
                     Effort& effort);
  absl::Status Fill(const std::vector<const LabelledColumn*>& group,
                    Effort& effort);

  int32_t first_;
  // Into members_.
  std::vector<size_t> ends_;
  std::vector<Member> members_;
};

// RESOURCE_EXHAUSTED if the groups span too many periods together.
absl::Status CheckSpans(const Groups& groups);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_COLUMNS_SLOTS_H_

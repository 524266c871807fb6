#include "daemon/series/observation_status.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace headway::series {
namespace {

constexpr std::array<absl::string_view, kLastObservationStatus + 1>
    kStatusNames = {"final", "provisional", "partial", "estimated", "break"};

int Doubt(ObservationStatus status) {
  switch (status) {
    case ObservationStatus::kFinal:
      return 0;
    case ObservationStatus::kBreak:
      return 1;
    case ObservationStatus::kProvisional:
      return 2;
    case ObservationStatus::kEstimated:
      return 3;
    case ObservationStatus::kPartial:
      return 4;
  }
  return 0;
}

}  // namespace

ObservationStatus LessFirm(ObservationStatus a, ObservationStatus b) {
  return Doubt(a) < Doubt(b) ? b : a;
}

ObservationStatus LeastFirm(const Statuses& statuses, size_t begin,
                            size_t end) {
  ObservationStatus least = ObservationStatus::kFinal;
  if (statuses.empty()) return least;
  for (size_t i = begin; i < end; ++i) least = LessFirm(least, statuses[i]);
  return least;
}

absl::string_view ObservationStatusName(ObservationStatus status) {
  return kStatusNames[static_cast<size_t>(status)];
}

absl::StatusOr<ObservationStatus> ParseObservationStatus(
    absl::string_view name) {
  const auto it = std::find(kStatusNames.begin(), kStatusNames.end(), name);
  if (it != kStatusNames.end()) {
    return static_cast<ObservationStatus>(it - kStatusNames.begin());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" is no status of an observation; write ",
                   absl::StrJoin(kStatusNames, ", ")));
}

void AppendStatus(ObservationStatus status, size_t size, Statuses* statuses) {
  if (statuses->empty() && status == ObservationStatus::kFinal) return;
  statuses->resize(size, ObservationStatus::kFinal);
  statuses->push_back(status);
}

void AppendStatuses(const Statuses& other, size_t begin, size_t end,
                    size_t size, Statuses* statuses) {
  if (statuses->empty() && other.empty()) return;
  statuses->resize(size, ObservationStatus::kFinal);
  if (other.empty()) {
    statuses->resize(size + (end - begin), ObservationStatus::kFinal);
  } else {
    statuses->insert(statuses->end(),
                     other.begin() + static_cast<ptrdiff_t>(begin),
                     other.begin() + static_cast<ptrdiff_t>(end));
  }
  DropFinalStatuses(statuses);
}

Statuses SliceStatuses(const Statuses& statuses, size_t begin, size_t end) {
  Statuses slice;
  AppendStatuses(statuses, begin, end, 0, &slice);
  return slice;
}

void DropFinalStatuses(Statuses* statuses) {
  const bool all_final = std::all_of(
      statuses->begin(), statuses->end(),
      [](ObservationStatus s) { return s == ObservationStatus::kFinal; });
  if (all_final) statuses->clear();
}

}  // namespace headway::series

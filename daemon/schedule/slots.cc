#include "daemon/schedule/slots.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"

namespace headway::schedule {
namespace {

absl::Duration JitterOf(const Job& job) {
  const int64_t seconds = absl::ToInt64Seconds(job.schedule->jitter);
  if (seconds <= 0) return absl::ZeroDuration();
  return absl::Seconds(StableHash().Add(job.name).value() % (seconds + 1));
}

// What a slot record was taken under: slots of another schedule say nothing.
std::string Fingerprint(const Schedule& schedule) {
  return absl::StrCat(schedule.cron.text(), "|", schedule.zone.name(),
                      schedule.paused ? "|paused" : "");
}

std::string SlotKey(absl::string_view job) {
  return absl::StrCat("schedule/", job, "/slot");
}
std::string PausedKey(absl::string_view job) {
  return absl::StrCat("schedule/", job, "/paused");
}

absl::string_view BoolText(bool value) { return value ? "true" : "false"; }

}  // namespace

// Looked for from the end: a job that fires every second may have been down for
// a year.
std::optional<absl::Time> NewestSlot(const Schedule& schedule, absl::Time after,
                                     absl::Time until) {
  absl::Duration span = absl::Minutes(1);
  absl::Time from = std::max(after, until - span);
  absl::Time slot = schedule.cron.NextAfter(from, schedule.zone);
  while (slot > until) {
    if (from == after) return std::nullopt;
    span *= 4;
    from = std::max(after, until - span);
    slot = schedule.cron.NextAfter(from, schedule.zone);
  }
  while (true) {
    const absl::Time next = schedule.cron.NextAfter(slot, schedule.zone);
    if (next > until) return slot;
    slot = next;
  }
}

absl::StatusOr<JobState> JobState::Load(const store::Reader& reader, Job job,
                                        absl::Time now, store::Batch& batch) {
  JobState state;
  state.job_ = std::move(job);
  state.slot_ = now;
  if (!state.has_schedule()) return state;
  const Schedule& schedule = state.schedule();
  state.jitter_ = JitterOf(state.job_);

  // "true\nfalse": a call paused it when its definition did not. Records of
  // before lack the second word, and hold until the definition changes next.
  ASSIGN_OR_RETURN(
      const auto paused,
      reader.FindRecord(store::RecordKind::kState, PausedKey(state.name())));
  state.paused_ = schedule.paused;
  if (paused.has_value()) {
    const std::pair<absl::string_view, absl::string_view> words =
        absl::StrSplit(*paused, absl::MaxSplits('\n', 1));
    if (words.second.empty() || words.second == BoolText(schedule.paused)) {
      state.paused_ = words.first == "true";
      if (words.second.empty()) {
        batch.records.push_back(state.PausedRecord(state.paused_));
      }
    } else {
      batch.records.push_back(
          {store::RecordKind::kState, PausedKey(state.name()), std::nullopt});
    }
  }

  ASSIGN_OR_RETURN(
      state.slot_record_,
      reader.FindRecord(store::RecordKind::kState, SlotKey(state.name())));
  const std::string record = state.slot_record_.value_or("");
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(record, absl::MaxSplits('\n', 1));
  const bool same_schedule = parts.second == Fingerprint(schedule);
  std::string error;
  if (!same_schedule ||
      !absl::ParseTime(absl::RFC3339_full, parts.first, &state.slot_, &error)) {
    state.Take(now, batch);
    state.Took(now);
  }
  return state;
}

absl::Time JobState::DueAfter(absl::Time slot) const {
  return schedule().cron.NextAfter(slot, schedule().zone) + jitter_;
}

void JobState::Take(absl::Time slot, store::Batch& batch) const {
  batch.preconditions.push_back(
      {store::RecordKind::kState, SlotKey(name()), slot_record_});
  batch.records.push_back(SlotRecord(slot));
}

void JobState::Took(absl::Time slot) {
  slot_ = slot;
  slot_record_ = SlotRecord(slot).value;
}

void JobState::SetPaused(bool paused, store::Batch& batch) const {
  batch.records.push_back(PausedRecord(paused));
}

store::Record JobState::SlotRecord(absl::Time slot) const {
  return {store::RecordKind::kState, SlotKey(name()),
          absl::StrCat(
              absl::FormatTime(absl::RFC3339_full, slot, absl::UTCTimeZone()),
              "\n", Fingerprint(schedule()))};
}

store::Record JobState::PausedRecord(bool paused) const {
  return {store::RecordKind::kState, PausedKey(name()),
          absl::StrCat(BoolText(paused), "\n", BoolText(schedule().paused))};
}

}  // namespace headway::schedule

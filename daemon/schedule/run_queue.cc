#include "daemon/schedule/run_queue.h"

#include <algorithm>

namespace headway::schedule {

using Phase = RunAtWork::Phase;

RunQueue::Entry RunQueue::Find(absl::string_view name) const {
  for (const Entry& entry : runs_) {
    if (entry->name() == name) return entry;
  }
  return nullptr;
}

bool RunQueue::IsBusy(absl::string_view job) const {
  return std::any_of(runs_.begin(), runs_.end(), [&](const Entry& entry) {
    return entry->job() == job && entry->pulls();
  });
}

bool RunQueue::HasPieceAtWork() const {
  return std::any_of(runs_.begin(), runs_.end(), [](const Entry& entry) {
    return entry->doing.has_value();
  });
}

bool RunQueue::MayBeAtWork(const RunAtWork& entry) const {
  return std::none_of(runs_.begin(), runs_.end(), [&](const Entry& other) {
    if (other.get() == &entry || other->job() != entry.job()) return false;
    if (other->phase == Phase::kAtWork) return true;
    // One run of a job pulls at a time.
    return other->phase == Phase::kWaiting && other->pulls() &&
           entry.phase == Phase::kQueued && entry.pulls();
  });
}

const Piece* RunQueue::NextPiece(const RunAtWork& entry, absl::Time now) const {
  if (entry.doing.has_value()) return nullptr;
  const auto piece = std::find_if(
      entry.next.begin(), entry.next.end(), [&](const Piece& piece) {
        return piece.not_before <= now && places_.AreFree(piece);
      });
  if (piece == entry.next.end()) return nullptr;
  if (entry.phase != Phase::kAtWork && !MayBeAtWork(entry)) return nullptr;
  return &*piece;
}

absl::Time RunQueue::NextDue(absl::Time now) const {
  absl::Time next = absl::InfiniteFuture();
  for (const Entry& entry : runs_) {
    if (entry->doing.has_value()) continue;
    for (const Piece& piece : entry->next) {
      if (piece.not_before > now) next = std::min(next, piece.not_before);
    }
  }
  return next;
}

void RunQueue::Begin(RunAtWork& entry, const Piece& piece) {
  entry.doing = piece;
  places_.Take(*entry.doing);
}

void RunQueue::End(RunAtWork& entry) {
  if (!entry.doing.has_value()) return;
  places_.Give(*entry.doing);
  entry.doing.reset();
}

}  // namespace headway::schedule

#include "daemon/store/history/commit_log.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"

namespace headway::store {
namespace {

constexpr size_t kCommitsAtOnce = 1000;

absl::Status Damaged(const View& view, CommitNumber number,
                     absl::string_view how) {
  return absl::DataLossError(absl::StrCat(
      "store ", view.location(), ": entry ", number,
      " of the commit log is damaged, restore it from a backup: ", how));
}

absl::StatusOr<NumberedCommit> DecodeEntry(const View& view, const Cursor& it) {
  ASSIGN_OR_RETURN(CommitNumber number, DecodeId(it.key()));
  absl::StatusOr<StoredCommit> commit = DecodeCommit(it.value());
  if (!commit.ok()) return Damaged(view, number, commit.status().message());
  return NumberedCommit(number, *std::move(commit));
}

void LogPassedOver(const absl::Status& status) {
  Log(LogLevel::kError, "an entry of the commit log is passed over",
      {{"error", std::string(status.message())}});
}

void NoteChange(CommitNumber number, const StoredCommit& commit,
                WriteBatch* batch) {
  if (commit.changed_series.empty()) return;
  batch->Put(Family::kChanges, EncodeId(number), "");
}

}  // namespace

absl::StatusOr<StoredCommit> ReadCommit(const View& view, CommitNumber number) {
  ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                   view.Get(Family::kCommits, EncodeId(number)));
  if (!bytes) return Damaged(view, number, "it is missing");
  absl::StatusOr<StoredCommit> commit = DecodeCommit(*bytes);
  if (!commit.ok()) return Damaged(view, number, commit.status().message());
  return commit;
}

absl::StatusOr<NumberedCommit> LastCommit(const View& view) {
  const std::unique_ptr<Cursor> it =
      view.NewCursor(Family::kCommits, {.descending = true});
  it->SeekToFirst();
  RETURN_IF_ERROR(it->status());
  if (!it->Valid()) return NumberedCommit(0, StoredCommit());
  return DecodeEntry(view, *it);
}

absl::StatusOr<std::vector<NumberedCommit>> CommitsAfter(const View& view,
                                                         CommitNumber after,
                                                         size_t limit) {
  std::vector<NumberedCommit> commits;
  // Beyond the last number there is nothing, and no next one to seek.
  if (after == UINT64_MAX) return commits;
  const std::unique_ptr<Cursor> it =
      view.NewCursor(Family::kCommits, {.lower = EncodeId(after + 1)});
  for (it->SeekToFirst(); it->Valid() && commits.size() < limit; it->Next()) {
    absl::StatusOr<NumberedCommit> commit = DecodeEntry(view, *it);
    if (commit.ok()) {
      commits.push_back(*std::move(commit));
    } else {
      LogPassedOver(commit.status());
    }
  }
  RETURN_IF_ERROR(it->status());
  return commits;
}

absl::StatusOr<std::vector<NumberedCommit>> ChangesAfter(const View& view,
                                                         CommitNumber after,
                                                         size_t limit) {
  std::vector<NumberedCommit> commits;
  if (after == UINT64_MAX) return commits;
  const std::unique_ptr<Cursor> it =
      view.NewCursor(Family::kChanges, {.lower = EncodeId(after + 1)});
  for (it->SeekToFirst(); it->Valid() && commits.size() < limit; it->Next()) {
    ASSIGN_OR_RETURN(const CommitNumber number, DecodeId(it->key()));
    absl::StatusOr<StoredCommit> commit = ReadCommit(view, number);
    if (commit.ok()) {
      commits.emplace_back(number, *std::move(commit));
    } else if (absl::IsDataLoss(commit.status())) {
      LogPassedOver(commit.status());
    } else {
      return commit.status();
    }
  }
  RETURN_IF_ERROR(it->status());
  return commits;
}

absl::Status ListChanges(Engine* engine) {
  const std::unique_ptr<View> view = engine->NewView();
  CommitNumber after = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<NumberedCommit> commits,
                     CommitsAfter(*view, after, kCommitsAtOnce));
    if (commits.empty()) return absl::OkStatus();
    WriteBatch batch;
    for (const auto& [number, commit] : commits) {
      NoteChange(number, commit, &batch);
    }
    RETURN_IF_ERROR(engine->Write(batch));
    after = commits.back().first;
  }
}

void WriteCommit(CommitNumber number, const StoredCommit& commit,
                 WriteBatch* batch) {
  // Before the entry, which is the last write of a commit (upkeep/journal.h).
  NoteChange(number, commit, batch);
  batch->Put(Family::kCommits, EncodeId(number), EncodeCommit(commit));
}

}  // namespace headway::store

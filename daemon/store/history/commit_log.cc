#include "daemon/store/history/commit_log.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"

namespace headway::store {
namespace {

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
      Log(LogLevel::kError, "an entry of the commit log is passed over",
          {{"error", std::string(commit.status().message())}});
    }
  }
  RETURN_IF_ERROR(it->status());
  return commits;
}

void WriteCommit(CommitNumber number, const StoredCommit& commit,
                 WriteBatch* batch) {
  batch->Put(Family::kCommits, EncodeId(number), EncodeCommit(commit));
}

}  // namespace headway::store

#include "daemon/ingest/pull/takeover.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "daemon/base/status_macros.h"
#include "daemon/ingest/pull/members.h"

namespace headway::ingest {

absl::StatusOr<store::CommitResult> WithdrawAll(
    absl::string_view replaced, const store::Provenance& provenance,
    absl::Time now, const std::vector<store::RecordPrecondition>& preconditions,
    store::Store* store) {
  const std::unique_ptr<store::Reader> reader = store->NewReader();
  ASSIGN_OR_RETURN(
      const auto members,
      reader->ScanRecords(store::RecordKind::kState, MemberPrefix(replaced)));
  if (members.empty()) return store::CommitResult();
  store::Batch batch;
  batch.provenance = provenance;
  batch.preconditions = preconditions;
  // Two streams may deliver one series.
  std::set<series::SeriesKey> seen;
  for (const auto& [name, record] : members) {
    ASSIGN_OR_RETURN(std::optional<store::VintageUpdate> withdrawal,
                     Withdrawal(record, name, now, *reader));
    if (withdrawal && seen.insert(withdrawal->info.key).second) {
      withdrawal->source = std::string(replaced);
      batch.updates.push_back(*std::move(withdrawal));
    }
    batch.records.push_back({store::RecordKind::kState, name, std::nullopt});
  }
  ASSIGN_OR_RETURN(std::vector<store::Checkpoint> checkpoints,
                   reader->GetCheckpoints(replaced));
  for (store::Checkpoint& checkpoint : checkpoints) {
    checkpoint.state.clear();
    batch.checkpoints.push_back(std::move(checkpoint));
  }
  return store->Commit(batch);
}

}  // namespace headway::ingest

#include "daemon/ingest/plugin/quota_store.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"

namespace headway::ingest {
namespace {

std::string QuotaKey(absl::string_view host) {
  return absl::StrCat("ingest/quota/", host);
}

}  // namespace

absl::StatusOr<std::optional<DayCount>> QuotaStore::Read(
    const std::string& host) {
  ASSIGN_OR_RETURN(const std::optional<std::string> text,
                   store_->NewReader()->FindRecord(store::RecordKind::kState,
                                                   QuotaKey(host)));
  if (!text.has_value()) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(*text, ' ');
  DayCount count;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &count.day) ||
      !absl::SimpleAtoi(parts[1], &count.requests)) {
    Log(LogLevel::kWarning,
        "how often a host was asked today is not known; it counts from 0",
        {{"host", host}, {"record", *text}});
    return std::nullopt;
  }
  return count;
}

absl::Status QuotaStore::Write(const std::string& host, const DayCount& count) {
  store::Batch batch;
  batch.records.push_back({store::RecordKind::kState, QuotaKey(host),
                           absl::StrCat(count.day, " ", count.requests)});
  return store_->Commit(batch).status();
}

}  // namespace headway::ingest

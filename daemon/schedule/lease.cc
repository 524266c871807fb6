#include "daemon/schedule/lease.h"

#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"

namespace headway::schedule {
namespace {

// Two records for each thing: the token alone, which is what commits check, and
// who holds it until when, which renewals rewrite.
std::string TokenKey(absl::string_view thing) {
  return absl::StrCat("lease/", thing, "/token");
}
std::string HolderKey(absl::string_view thing) {
  return absl::StrCat("lease/", thing, "/holder");
}

}  // namespace

absl::StatusOr<Lease> Lease::Take(const store::Reader& reader,
                                  absl::string_view thing,
                                  absl::string_view holder, absl::Time now,
                                  absl::Duration length, store::Batch& batch) {
  ASSIGN_OR_RETURN(
      const std::optional<std::string> token,
      reader.FindRecord(store::RecordKind::kState, TokenKey(thing)));
  ASSIGN_OR_RETURN(
      const std::optional<std::string> held,
      reader.FindRecord(store::RecordKind::kState, HolderKey(thing)));
  if (held.has_value()) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(*held, absl::MaxSplits('\n', 1));
    int64_t expiry = 0;
    if (absl::SimpleAtoi(parts.first, &expiry) && parts.second != holder &&
        absl::FromUnixMicros(expiry) > now) {
      return absl::UnavailableError(absl::StrCat(
          thing, " is held by ", parts.second, " until ",
          absl::FormatTime(absl::FromUnixMicros(expiry), absl::UTCTimeZone()),
          "; wait, or stop that process"));
    }
  }
  int64_t last = 0;
  if (token.has_value() && !absl::SimpleAtoi(*token, &last)) {
    return absl::DataLossError(
        absl::StrCat("the token of ", thing, " is \"", *token,
                     "\", not a number; restore the store from a backup"));
  }
  Lease lease(std::string(thing), std::string(holder), last + 1, now + length);
  batch.preconditions.push_back(
      {store::RecordKind::kState, TokenKey(thing), token});
  batch.records.push_back(
      {store::RecordKind::kState, TokenKey(thing), absl::StrCat(lease.token_)});
  batch.records.push_back(lease.HolderRecord());
  return lease;
}

store::RecordPrecondition Lease::Holds() const {
  return {store::RecordKind::kState, TokenKey(thing_), absl::StrCat(token_)};
}

void Lease::Renew(absl::Time now, absl::Duration length, store::Batch& batch) {
  expiry_ = now + length;
  batch.records.push_back(HolderRecord());
}

void Lease::Forget(absl::string_view thing, store::Batch& batch) {
  for (std::string key : {TokenKey(thing), HolderKey(thing)}) {
    batch.records.push_back(
        {store::RecordKind::kState, std::move(key), std::nullopt});
  }
}

store::Record Lease::HolderRecord() const {
  return {store::RecordKind::kState, HolderKey(thing_),
          absl::StrCat(absl::ToUnixMicros(expiry_), "\n", holder_)};
}

}  // namespace headway::schedule

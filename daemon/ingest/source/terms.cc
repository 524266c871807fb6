#include "daemon/ingest/source/terms.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::ingest {
namespace {

constexpr absl::string_view kTermsPrefix = "ingest/terms/";

}  // namespace

absl::Status KeepTerms(absl::string_view source, const plugin::v1::Terms& terms,
                       store::Store* store) {
  const std::string key = absl::StrCat(kTermsPrefix, source);
  const std::string now = terms.SerializeAsString();
  ASSIGN_OR_RETURN(
      const std::optional<std::string> before,
      store->NewReader()->FindRecord(store::RecordKind::kState, key));
  // Without a record nobody said anything.
  if (before.value_or("") == now) return absl::OkStatus();
  store::Batch batch;
  batch.records.push_back({store::RecordKind::kState, key, now});
  return store->Commit(batch).status();
}

absl::StatusOr<std::map<std::string, SourceTerms>> ReadTerms(
    const store::Reader& reader) {
  ASSIGN_OR_RETURN(const auto records,
                   reader.ScanRecords(store::RecordKind::kState, kTermsPrefix));
  std::map<std::string, SourceTerms> all;
  for (const auto& [key, value] : records) {
    plugin::v1::Terms terms;
    all[key.substr(kTermsPrefix.size())] =
        terms.ParseFromString(value)
            ? ToSourceTerms(terms)
            : SourceTerms{.forbids_sharing = true,
                          .summary =
                              "the record of its terms is damaged; "
                              "pull the source again",
                          .url = ""};
  }
  return all;
}

SourceTerms ToSourceTerms(const plugin::v1::Terms& terms) {
  return {.forbids_sharing = terms.sharing() == plugin::v1::Terms::FORBIDDEN,
          .summary = terms.summary(),
          .url = terms.url()};
}

bool IsRestricted(Sharing sharing, const SourceTerms& terms) {
  if (sharing == Sharing::kAsPublisher) return terms.forbids_sharing;
  return sharing == Sharing::kForbidden;
}

}  // namespace headway::ingest

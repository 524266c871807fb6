#include "daemon/service/sharing/sharing.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/pipeline/manager.h"
#include "daemon/store/store.h"

namespace headway::service {

absl::StatusOr<Sharing> Sharing::For(const Caller& caller, const Parts& parts,
                                     const store::Reader& reader) {
  Sharing sharing(parts.pipelines->definitions(), reader);
  if (caller.is_operator) return sharing;
  ASSIGN_OR_RETURN(auto said, ingest::ReadTerms(reader));
  // One that was never pulled has no record, and no numbers either; but its
  // definition may have come to forbid what was pulled before.
  for (const auto& [name, source] : sharing.definitions_->sources) {
    said.try_emplace(name);
  }
  for (auto& [name, terms] : said) {
    const auto defined = sharing.definitions_->sources.find(name);
    const ingest::Sharing wish = defined == sharing.definitions_->sources.end()
                                     ? ingest::Sharing::kAsPublisher
                                     : defined->second.source.sharing;
    if (ingest::IsRestricted(wish, terms)) {
      sharing.restricted_.emplace(name, std::move(terms));
    }
  }
  return sharing;
}

absl::Status Sharing::Refuse(absl::string_view what,
                             const std::string& source) const {
  const ingest::SourceTerms& terms = restricted_.at(source);
  std::string why = terms.summary;
  // By the definition of the source alone.
  if (!terms.forbids_sharing) why = "its definition says so";
  if (terms.forbids_sharing && !terms.url.empty()) {
    absl::StrAppend(&why, " (", terms.url, ")");
  }
  return messages::WithReason(
      absl::PermissionDeniedError(absl::StrCat(
          what, " is not shown: the numbers of source \"", source,
          "\" are for operators alone: ", why,
          "; ask on the daemon's machine, over loopback or its Unix socket, "
          "or have its operator declare sharing: SHARING_ALLOWED in the "
          "source, if the publisher allows it")),
      "RESTRICTED_SOURCE", {{"source", source}});
}

absl::Status Sharing::CheckSeries(const series::SeriesKey& key) const {
  const std::string what =
      absl::StrCat("series ", series::FormatSeriesKey(key));
  for (const auto& [source, terms] : restricted_) {
    if (key.labels.Has(series::kSourceLabel)) {
      if (key.labels.Get(series::kSourceLabel) == source) {
        return Refuse(what, source);
      }
      continue;
    }
    const absl::Status found = reader_->FindSeriesOf(key, source).status();
    if (found.ok()) return Refuse(what, source);
    if (!absl::IsNotFound(found)) return found;
  }
  return absl::OkStatus();
}

absl::Status Sharing::CheckSelector(const series::Selector& selector) const {
  ASSIGN_OR_RETURN(const std::vector<store::SeriesEntry> entries,
                   reader_->SelectSeries(selector));
  for (const store::SeriesEntry& entry : entries) {
    RETURN_IF_ERROR(CheckSeries(entry.info.key));
  }
  return absl::OkStatus();
}

absl::Status Sharing::CheckParsed(const query::Expression& expression) const {
  for (const series::Selector& selector : expression.SelectorsOfSeries()) {
    RETURN_IF_ERROR(CheckSelector(selector));
  }
  for (const std::string& name : expression.BareNames()) {
    RETURN_IF_ERROR(CheckName(name));
  }
  return absl::OkStatus();
}

absl::Status Sharing::CheckName(std::string name) const {
  // A chain of names ends, for indicators in force form no circle.
  auto found = definitions_->expressions.find(name);
  while (found != definitions_->expressions.end()) {
    const query::Expression& expression = found->second.expression;
    if (!expression.IsSelector()) return absl::OkStatus();
    const std::set<std::string> bare = expression.BareNames();
    if (bare.empty()) return CheckParsed(expression);
    name = *bare.begin();
    found = definitions_->expressions.find(name);
  }
  series::Selector selector;
  selector.metric = std::move(name);
  return CheckSelector(selector);
}

absl::Status Sharing::CheckExpression(absl::string_view expression) const {
  if (shows_all()) return absl::OkStatus();
  const absl::StatusOr<query::Expression> parsed = query::Parse(expression);
  return parsed.ok() ? CheckParsed(*parsed) : absl::OkStatus();
}

absl::Status Sharing::CheckDefinition(absl::string_view expression) const {
  if (shows_all()) return absl::OkStatus();
  const absl::StatusOr<query::Expression> parsed = query::Parse(expression);
  if (!parsed.ok() || !parsed->IsSelector()) return absl::OkStatus();
  return CheckParsed(*parsed);
}

absl::Status Sharing::CheckIndicator(absl::string_view name) const {
  if (shows_all()) return absl::OkStatus();
  // Of what an indicator was before, its citations ask.
  const auto found = definitions_->expressions.find(std::string(name));
  if (found == definitions_->expressions.end()) return absl::OkStatus();
  return CheckName(found->first);
}

absl::Status CheckIndicatorShown(const Caller& caller, const Parts& parts,
                                 absl::string_view name) {
  if (caller.is_operator) return absl::OkStatus();
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(const Sharing sharing, Sharing::For(caller, parts, *reader));
  return sharing.CheckIndicator(name);
}

absl::Status Sharing::CheckDocuments() const {
  if (shows_all()) return absl::OkStatus();
  return Refuse("a kept document", restricted_.begin()->first);
}

}  // namespace headway::service

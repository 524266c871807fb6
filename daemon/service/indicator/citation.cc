#include "daemon/service/indicator/citation.h"

#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/clock.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/definitions/indicator_history.h"
#include "daemon/pipeline/manager.h"
#include "daemon/service/calls/expression.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/indicator/indicators.h"
#include "daemon/service/indicator/reference.h"
#include "daemon/service/sharing/sharing.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::AsOf;
using messages::AtField;
using messages::FieldError;
using messages::ToProto;
using messages::ToTimestamp;

constexpr size_t kDigestDigits = 16;

// Of a store's identity, the part before its epoch: a restored backup is the
// same store.
std::string StoreOf(const store::Store& store) {
  return store.identity().substr(0, store.identity().find('-'));
}

std::string DigestOf(const query::Panel& panel) {
  std::string text = absl::StrCat(panel.unit.ToString(), "\n");
  for (const query::LabelledColumn& column : panel.columns) {
    absl::StrAppend(&text, series::FormatLabels(column.labels), "\n");
    const series::Observations& x = column.observations;
    for (size_t i = 0; i < x.size(); ++i) {
      absl::StrAppend(
          &text, series::FormatPeriod({x.frequency, x.ordinals[i]}), "\t",
          absl::Hex(std::bit_cast<uint64_t>(x.values[i]), absl::kZeroPad16),
          "\n");
    }
  }
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         hash);
  return absl::BytesToHexString(
             absl::string_view(reinterpret_cast<const char*>(hash),
                               sizeof(hash)))
      .substr(0, kDigestDigits);
}

// An answer, and what it rests on.
struct CitedAnswer {
  query::Panel panel;
  std::string title;
  std::string meaning;
};

const pipeline::IndicatorVersion* VersionOf(
    const pipeline::Definitions& definitions, const Reference& reference) {
  return definitions.history->At(
      reference.indicator, std::min(reference.as_of, reference.recorded_at));
}

// `reference` needs no digest.
absl::StatusOr<CitedAnswer> Answer(const Parts& parts, const Call& call,
                                   const store::Reader& reader,
                                   const Reference& reference) {
  CitedAnswer answer;
  std::string expression = reference.expression;
  std::optional<series::Unit> unit;
  std::vector<query::MemberSet> members;
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(const Sharing sharing,
                   Sharing::For(call.caller(), parts, reader));
  if (reference.indicator.empty()) {
    RETURN_IF_ERROR(sharing.CheckExpression(expression));
  } else {
    const pipeline::IndicatorVersion* version =
        VersionOf(*definitions, reference);
    if (version == nullptr) {
      return absl::NotFoundError(absl::StrCat("there was no indicator \"",
                                              reference.indicator, "\" then"));
    }
    RETURN_IF_ERROR(version->compiled.status());
    expression = version->expression;
    unit = version->compiled->unit;
    members = version->members;
    RETURN_IF_ERROR(sharing.CheckDefinition(expression));
    answer.title = version->title;
    answer.meaning = version->meaning;
  }
  ASSIGN_OR_RETURN(answer.panel, parts.pipelines->EvaluateExpression(
                                     expression, reader,
                                     {.as_of = reference.as_of,
                                      .recorded_by = reference.recorded_at,
                                      .check_alive = call.AliveCheck()},
                                     members));
  if (unit) answer.panel.unit = *unit;
  return answer;
}

v1::Citation Describe(const Reference& reference, const CitedAnswer& answer) {
  v1::Citation citation;
  citation.set_reference(FormatReference(reference));
  if (reference.indicator.empty()) {
    citation.set_expression(reference.expression);
  } else {
    citation.set_indicator(absl::StrCat("indicators/", reference.indicator));
    citation.set_definition_version(reference.version);
  }
  *citation.mutable_as_of() = ToTimestamp(reference.as_of);
  citation.set_commit(reference.commit);
  *citation.mutable_recorded_at() = ToTimestamp(reference.recorded_at);
  citation.set_digest(reference.digest);
  citation.set_text(
      absl::StrCat(reference.indicator.empty() ? reference.expression
                   : answer.title.empty()      ? reference.indicator
                                               : answer.title,
                   reference.indicator.empty()
                       ? ""
                       : absl::StrCat(" (definition ", reference.version, ")"),
                   ", as known at ", FormatInstant(reference.as_of),
                   " and recorded by commit ", reference.commit, ". Headway. ",
                   citation.reference()));
  return citation;
}

absl::StatusOr<store::CommitEntry> FindCommit(const store::Reader& reader,
                                              int64_t commit) {
  const auto number = static_cast<store::CommitNumber>(commit);
  ASSIGN_OR_RETURN(const std::vector<store::CommitEntry> entries,
                   reader.ListCommits(number - 1, 1));
  if (!entries.empty() && entries.front().commit == number) {
    return entries.front();
  }
  return absl::NotFoundError(absl::StrCat("there is no commit ", commit));
}

absl::StatusOr<Reference> NewReference(const Parts& parts,
                                       const v1::CiteRequest& request) {
  Reference reference;
  if (request.indicator().empty() == request.expression().empty()) {
    return FieldError("indicator",
                      "or expression is needed, one of the two: it is what is "
                      "cited");
  }
  if (request.expression().empty()) {
    const auto definitions = parts.pipelines->definitions();
    ASSIGN_OR_RETURN(
        const pipeline::Indicator* indicator,
        FindIndicator(*definitions, "indicator", request.indicator()));
    reference.indicator = indicator->name;
  } else {
    RETURN_IF_ERROR(CheckExpression("expression", request.expression()));
    reference.expression = request.expression();
  }
  reference.store = StoreOf(*parts.store);
  ASSIGN_OR_RETURN(reference.as_of, AsOf(request));
  reference.as_of = std::min(reference.as_of, parts.clock->Now());
  // As instants are kept.
  reference.as_of = absl::FromUnixMicros(absl::ToUnixMicros(reference.as_of));
  return reference;
}

// That the reference is to this store, and to the history that it has now.
absl::Status CheckHistory(const Parts& parts, const store::Reader& reader,
                          const Reference& reference) {
  if (reference.store != StoreOf(*parts.store)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the reference is to store ", reference.store, ", and this is store ",
        StoreOf(*parts.store), "; ask the daemon that gave it"));
  }
  const absl::StatusOr<store::CommitEntry> entry =
      FindCommit(reader, reference.commit);
  if (entry.ok() && entry->recorded_at == reference.recorded_at) {
    return absl::OkStatus();
  }
  if (!entry.ok() && !absl::IsNotFound(entry.status())) return entry.status();
  return absl::FailedPreconditionError(absl::StrCat(
      "commit ", reference.commit, ", recorded at ",
      FormatInstant(reference.recorded_at),
      ", is not in the history of this store: a backup of before it was "
      "restored, or its clock was put right"));
}

absl::Status CheckUnchanged(const Parts& parts, const Reference& reference,
                            const query::Panel& panel) {
  if (!reference.indicator.empty()) {
    const int version =
        VersionOf(*parts.pipelines->definitions(), reference)->number;
    if (version != reference.version) {
      return absl::DataLossError(
          absl::StrCat("definition ", reference.version, " of indicator \"",
                       reference.indicator, "\" was cited, and definition ",
                       version, " is the one of that instant"));
    }
  }
  const std::string digest = DigestOf(panel);
  if (digest == reference.digest) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "the answer is not what it was: its digest was ", reference.digest,
      ", and is ", digest,
      "; this version of Headway may compute the expression otherwise"));
}

}  // namespace

absl::StatusOr<v1::Citation> Cite(const Parts& parts, const Call& call,
                                  const v1::CiteRequest& request) {
  ASSIGN_OR_RETURN(Reference reference, NewReference(parts, request));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  if (reader->commit() == 0) {
    return absl::FailedPreconditionError(
        "nothing is stored yet, so there is no answer to cite");
  }
  reference.commit = static_cast<int64_t>(reader->commit());
  ASSIGN_OR_RETURN(const store::CommitEntry entry,
                   FindCommit(*reader, reference.commit));
  reference.recorded_at = entry.recorded_at;
  const absl::StatusOr<CitedAnswer> answer =
      Answer(parts, call, *reader, reference);
  RETURN_IF_ERROR(call.CheckAlive());
  if (!answer.ok()) {
    return AtField(reference.indicator.empty() ? "expression" : "indicator",
                   answer.status());
  }
  if (!reference.indicator.empty()) {
    reference.version =
        VersionOf(*parts.pipelines->definitions(), reference)->number;
  }
  reference.digest = DigestOf(answer->panel);
  return Describe(reference, *answer);
}

absl::StatusOr<v1::ReadCitationResponse> ReadCitation(
    const Parts& parts, const Call& call,
    const v1::ReadCitationRequest& request) {
  const absl::StatusOr<Reference> reference =
      ParseReference(request.reference());
  if (!reference.ok()) return AtField("reference", reference.status());
  ASSIGN_OR_RETURN(const AnswerPage page,
                   ParseAnswerPage(request.page_size(), request.page_token(),
                                   ScopeOf("ReadCitation", request)));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  RETURN_IF_ERROR(CheckHistory(parts, *reader, *reference));
  ASSIGN_OR_RETURN(const CitedAnswer answer,
                   Answer(parts, call, *reader, *reference));
  RETURN_IF_ERROR(CheckUnchanged(parts, *reference, answer.panel));
  v1::ReadCitationResponse response;
  *response.mutable_citation() = Describe(*reference, answer);
  response.set_title(answer.title);
  response.set_meaning(answer.meaning);
  response.set_unit(answer.panel.unit.ToString());
  for (series::VintageKind kind : answer.panel.vintage_kinds) {
    response.add_vintage_kinds(ToProto(kind));
  }
  const std::vector<query::LabelledColumn>& columns = answer.panel.columns;
  const auto add = [&](size_t place) -> absl::StatusOr<size_t> {
    *response.add_series() =
        ToProto(columns[place].labels, columns[place].observations);
    return response.series().rbegin()->ByteSizeLong();
  };
  ASSIGN_OR_RETURN(const std::optional<size_t> next,
                   FillPage(page, columns.size(), add));
  if (next.has_value()) {
    response.set_next_page_token(
        MakeAnswerToken(ScopeOf("ReadCitation", request), *next,
                        {reference->as_of, reference->recorded_at}));
  }
  return response;
}

}  // namespace headway::service

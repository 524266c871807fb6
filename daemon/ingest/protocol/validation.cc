#include "daemon/ingest/protocol/validation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/protocol/redaction.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"
#include "daemon/series/unit.h"

namespace headway::ingest {
namespace {

using series::Frequency;
using series::Period;
using series::SeriesInfo;
using series::VintageKind;

constexpr size_t kMaxStateBytes = size_t{64} << 10;
constexpr size_t kMaxStreamBytes = 256;
constexpr size_t kMaxIdBytes = 1024;
constexpr size_t kMaxTextBytes = 4096;

template <typename... Args>
absl::Status Broken(const Args&... args) {
  return absl::InternalError(absl::StrCat(args...));
}

// An error of series/, as one of the plugin.
absl::Status Blame(const absl::Status& status, absl::string_view context) {
  return Broken(context, ": ", status.message());
}

absl::Status CheckLength(absl::string_view field, absl::string_view value,
                         size_t limit) {
  if (value.size() <= limit) return absl::OkStatus();
  return Broken(field, " has ", value.size(), " bytes, more than ", limit);
}

bool HasControlCharacter(absl::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_iscntrl(c); });
}

// --- Description ---

bool IsPluginName(absl::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         absl::ascii_islower(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

absl::Status ValidateSecretName(absl::string_view name) {
  const bool form =
      !name.empty() && name.size() <= 128 &&
      absl::ascii_isupper(static_cast<unsigned char>(name[0])) &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
      });
  if (!form) {
    return Broken("secret ", Quote(name),
                  " is not the name of an environment variable such as "
                  "CENSUS_API_KEY");
  }
  // These the daemon sets, or the dynamic linker obeys.
  static constexpr absl::string_view kTaken[] = {"PATH", "HOME", "TMPDIR",
                                                 "LANG", "TZ"};
  if (absl::StartsWith(name, "LD_") ||
      std::find(std::begin(kTaken), std::end(kTaken), name) !=
          std::end(kTaken)) {
    return Broken("secret ", Quote(name),
                  " is a variable that no plugin may ask for; rename it");
  }
  return absl::OkStatus();
}

absl::Status CheckEvidence(const plugin::v1::Evidence& evidence) {
  const absl::StatusOr<Period> day = series::ParsePeriod(evidence.date());
  const bool is_day = day.ok() && day->frequency == Frequency::kDaily;
  if (evidence.kind() != plugin::v1::Evidence::KIND_UNSPECIFIED && is_day) {
    return absl::OkStatus();
  }
  return Broken("evidence of kind ", static_cast<int>(evidence.kind()),
                " and date ", Quote(evidence.date()),
                "; say RECORDED or DOCUMENTED, and the day, such as "
                "\"2026-11-30\"");
}

absl::Status CheckTerms(const plugin::v1::Terms& terms) {
  RETURN_IF_ERROR(CheckLength("summary of terms", terms.summary(), 1024));
  RETURN_IF_ERROR(CheckLength("url of terms", terms.url(), 1024));
  if (terms.summary().empty() || HasControlCharacter(terms.summary())) {
    return Broken("the summary of terms is ", Quote(terms.summary()),
                  "; say in one sentence on what terms the numbers are given");
  }
  const bool is_address = absl::StartsWith(terms.url(), "https://") ||
                          absl::StartsWith(terms.url(), "http://");
  if (!is_address || HasControlCharacter(terms.url())) {
    return Broken("the url of terms is ", Quote(terms.url()),
                  "; give the page on which the publisher says them");
  }
  return absl::OkStatus();
}

template <typename Fields>
absl::Status CheckNoneTwice(absl::string_view what, const Fields& fields) {
  absl::flat_hash_set<absl::string_view> names;
  for (const auto& field : fields) {
    if (field.name().empty()) return Broken("a ", what, " has no name");
    if (!names.insert(field.name()).second) {
      return Broken(what, " ", Quote(field.name()), " is declared twice");
    }
  }
  return absl::OkStatus();
}

// --- SeriesDefinition ---

absl::StatusOr<VintageKind> ToVintageKind(plugin::v1::VintageKind kind) {
  switch (kind) {
    case plugin::v1::VINTAGE_KIND_UNSPECIFIED:
    case plugin::v1::OBSERVED:
      return VintageKind::kObserved;
    case plugin::v1::NATIVE:
      return VintageKind::kNative;
    case plugin::v1::ASSUMED:
      return VintageKind::kAssumed;
    default:
      return Broken("vintage_kind ", static_cast<int>(kind),
                    " is not known; use NATIVE, OBSERVED or ASSUMED");
  }
}

absl::StatusOr<Frequency> ToFrequency(plugin::v1::Frequency frequency) {
  switch (frequency) {
    case plugin::v1::ANNUAL:
    case plugin::v1::SEMIANNUAL:
    case plugin::v1::QUARTERLY:
    case plugin::v1::MONTHLY:
    case plugin::v1::WEEKLY:
    case plugin::v1::DAILY:
      return static_cast<Frequency>(frequency);
    default:
      return Broken(
          "frequency ", static_cast<int>(frequency),
          " is not known; use ANNUAL, SEMIANNUAL, QUARTERLY, MONTHLY, "
          "WEEKLY or DAILY");
  }
}

absl::StatusOr<absl::Duration> ToReleaseLag(
    const plugin::v1::SeriesDefinition& definition, VintageKind kind) {
  if (kind != VintageKind::kAssumed) {
    if (!definition.has_release_lag()) return absl::ZeroDuration();
    return Broken("release_lag is given, but vintage_kind is not ASSUMED");
  }
  const absl::Duration lag =
      absl::Seconds(definition.release_lag().seconds()) +
      absl::Nanoseconds(definition.release_lag().nanos());
  if (lag < absl::ZeroDuration() || lag > series::kMaxReleaseLag) {
    return Broken("release_lag ", absl::FormatDuration(lag),
                  " is not between 0 and 10 years");
  }
  return lag;
}

// The definition's own part of ToSeriesInfo, without its name for errors.
absl::StatusOr<SeriesInfo> Convert(
    const plugin::v1::SeriesDefinition& definition) {
  SeriesInfo info;
  if (absl::Status metric = series::CheckMetric(definition.metric());
      !metric.ok()) {
    return Blame(metric, "metric");
  }
  info.key.metric = definition.metric();
  auto labels = series::Labels::Create(std::vector<series::Labels::Pair>(
      definition.labels().begin(), definition.labels().end()));
  if (!labels.ok()) return Blame(labels.status(), "labels");
  info.key.labels = *std::move(labels);
  ASSIGN_OR_RETURN(info.key.frequency, ToFrequency(definition.frequency()));
  auto unit = series::Unit::Parse(definition.unit());
  if (!unit.ok()) return Blame(unit.status(), "unit");
  info.unit = *std::move(unit);
  ASSIGN_OR_RETURN(info.vintage_kind, ToVintageKind(definition.vintage_kind()));
  ASSIGN_OR_RETURN(info.release_lag,
                   ToReleaseLag(definition, info.vintage_kind));
  RETURN_IF_ERROR(CheckLength("title", definition.title(), kMaxTextBytes));
  RETURN_IF_ERROR(
      CheckLength("description", definition.description(), kMaxTextBytes));
  RETURN_IF_ERROR(
      CheckLength("source_name", definition.source_name(), kMaxTextBytes));
  info.title = definition.title();
  info.description = definition.description();
  info.source_name = definition.source_name();
  return info;
}

// --- ObservationBatch ---

absl::StatusOr<absl::Time> ToKnownAt(const google::protobuf::Timestamp& stamp,
                                     absl::Time now) {
  const absl::Time time =
      absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
  if (stamp.nanos() < 0 || stamp.nanos() > 999999999 ||
      time < absl::FromCivil(absl::CivilYear(series::kFirstYear),
                             absl::UTCTimeZone())) {
    return Broken("known_at of ", stamp.seconds(), " s and ", stamp.nanos(),
                  " ns is no instant from the year ", series::kFirstYear,
                  " on");
  }
  if (time > now) {
    return Broken("known_at ", FormatInstant(time),
                  " lies in the future; the latest it can be is the time of "
                  "the read, ",
                  FormatInstant(now));
  }
  // The store keeps microseconds.
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

absl::StatusOr<int32_t> ToOrdinal(absl::string_view text, Period latest) {
  absl::StatusOr<Period> period = series::ParsePeriod(text, latest.frequency);
  if (!period.ok()) return Blame(period.status(), "period");
  if (period->ordinal > latest.ordinal) {
    return Broken("period ", Quote(text), " lies more than ",
                  series::kMaxYearsAhead, " years ahead");
  }
  return period->ordinal;
}

absl::Status Twice(Frequency frequency, int32_t ordinal,
                   absl::string_view where) {
  return Broken("period ", series::FormatPeriod({frequency, ordinal}),
                " occurs twice in ", where);
}

absl::StatusOr<series::ObservationStatus> ToStatus(
    const plugin::v1::ObservationBatch& batch, int index) {
  if (batch.statuses().empty()) return series::ObservationStatus::kFinal;
  const int status = batch.statuses(index);
  if (status < 0 || status > series::kLastObservationStatus) {
    return Broken("the status of period ", batch.periods(index), ", ", status,
                  ", is not known; use FINAL, PROVISIONAL, PARTIAL, ESTIMATED "
                  "or BREAK");
  }
  return static_cast<series::ObservationStatus>(status);
}

absl::Status CheckCounts(const plugin::v1::ObservationBatch& batch) {
  if (batch.periods_size() != batch.values_size()) {
    return Broken("there are ", batch.periods_size(), " periods and ",
                  batch.values_size(), " values; there must be as many");
  }
  if (!batch.statuses().empty() &&
      batch.statuses_size() != batch.values_size()) {
    return Broken("there are ", batch.values_size(), " values and ",
                  batch.statuses_size(),
                  " statuses; there must be as many, or none if all values "
                  "are final");
  }
  return absl::OkStatus();
}

template <typename T>
void Reorder(const std::vector<size_t>& order, std::vector<T>* column) {
  std::vector<T> ordered;
  ordered.reserve(order.size());
  for (size_t place : order) ordered.push_back((*column)[place]);
  *column = std::move(ordered);
}

// Puts the columns in the order of the ordinals.
void SortByOrdinal(CheckedBatch* checked) {
  const std::vector<int32_t>& ordinals = checked->ordinals;
  // Most plugins deliver them so.
  if (std::is_sorted(ordinals.begin(), ordinals.end())) return;
  std::vector<size_t> order(ordinals.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return ordinals[a] < ordinals[b]; });
  if (!checked->statuses.empty()) Reorder(order, &checked->statuses);
  Reorder(order, &checked->values);
  Reorder(order, &checked->ordinals);
}

absl::Status CheckObservations(const plugin::v1::ObservationBatch& batch,
                               Period latest, CheckedBatch* checked) {
  RETURN_IF_ERROR(CheckCounts(batch));
  const auto size = static_cast<size_t>(batch.periods_size());
  checked->ordinals.reserve(size);
  checked->values.reserve(size);
  for (int i = 0; i < batch.periods_size(); ++i) {
    ASSIGN_OR_RETURN(const int32_t ordinal,
                     ToOrdinal(batch.periods(i), latest));
    if (!std::isfinite(batch.values(i))) {
      return Broken("the value of period ", batch.periods(i), " is ",
                    batch.values(i),
                    ", which is no finite number; leave a missing period out");
    }
    ASSIGN_OR_RETURN(const series::ObservationStatus status,
                     ToStatus(batch, i));
    series::AppendStatus(status, checked->values.size(), &checked->statuses);
    checked->ordinals.push_back(ordinal);
    checked->values.push_back(batch.values(i));
  }
  SortByOrdinal(checked);
  const auto twice =
      std::adjacent_find(checked->ordinals.begin(), checked->ordinals.end());
  if (twice == checked->ordinals.end()) return absl::OkStatus();
  return Twice(latest.frequency, *twice, "the batch");
}

absl::StatusOr<std::vector<int32_t>> CheckWithdrawn(
    const plugin::v1::ObservationBatch& batch, Period latest,
    const std::vector<int32_t>& delivered) {
  std::vector<int32_t> withdrawn;
  for (const std::string& text : batch.withdrawn_periods()) {
    ASSIGN_OR_RETURN(int32_t ordinal, ToOrdinal(text, latest));
    if (std::binary_search(delivered.begin(), delivered.end(), ordinal)) {
      return Broken("period ", text,
                    " is both given a value and withdrawn in one batch");
    }
    withdrawn.push_back(ordinal);
  }
  std::sort(withdrawn.begin(), withdrawn.end());
  auto twice = std::adjacent_find(withdrawn.begin(), withdrawn.end());
  if (twice != withdrawn.end()) {
    return Twice(latest.frequency, *twice, "withdrawn_periods");
  }
  return withdrawn;
}

absl::StatusOr<CheckedBatch> ConvertBatch(
    const plugin::v1::ObservationBatch& batch, const SeriesInfo& info,
    absl::Time now) {
  CheckedBatch checked;
  checked.snapshot = batch.snapshot();
  const bool native = info.vintage_kind == VintageKind::kNative;
  if (native && !batch.has_known_at()) {
    return Broken(
        "known_at is missing, and the series' vintages are NATIVE; date the "
        "batch, or define the series as OBSERVED");
  }
  if (!native && batch.has_known_at()) {
    return Broken(
        "known_at is given, but the series' vintages are not NATIVE; define "
        "the series as NATIVE, or leave known_at out");
  }
  if (native) {
    ASSIGN_OR_RETURN(checked.known_at, ToKnownAt(batch.known_at(), now));
  }
  const Period latest = series::LatestAccepted(info.key.frequency, now);
  RETURN_IF_ERROR(CheckObservations(batch, latest, &checked));
  ASSIGN_OR_RETURN(checked.withdrawn,
                   CheckWithdrawn(batch, latest, checked.ordinals));
  return checked;
}

}  // namespace

absl::Status ValidateDescription(const plugin::v1::Description& description,
                                 absl::string_view file_name) {
  if (description.protocol_version() != kProtocolVersion) {
    return Broken("it speaks protocol version ", description.protocol_version(),
                  " and this daemon version ", kProtocolVersion,
                  "; install a plugin made for this daemon");
  }
  if (!IsPluginName(description.name())) {
    return Broken("name ", Quote(description.name()),
                  " is not lower-case letters, digits and hyphens");
  }
  if (description.name() != file_name) {
    return Broken("it calls itself ", Quote(description.name()),
                  " and its file ", Quote(file_name),
                  "; rename the file or correct the name");
  }
  if (description.version().empty()) {
    return Broken("version is missing; it is stamped on every batch");
  }
  RETURN_IF_ERROR(CheckLength("version", description.version(), 128));
  if (HasControlCharacter(description.version())) {
    return Broken("version ", Quote(description.version()),
                  " holds control characters; write one line of text");
  }
  if (description.has_evidence()) {
    RETURN_IF_ERROR(CheckEvidence(description.evidence()));
  }
  if (description.has_terms()) {
    RETURN_IF_ERROR(CheckTerms(description.terms()));
  }
  RETURN_IF_ERROR(CheckLength("summary", description.summary(), kMaxTextBytes));
  RETURN_IF_ERROR(CheckNoneTwice("config field", description.config()));
  RETURN_IF_ERROR(CheckNoneTwice("secret", description.secrets()));
  for (const auto& secret : description.secrets()) {
    RETURN_IF_ERROR(ValidateSecretName(secret.name()));
  }
  return absl::OkStatus();
}

absl::StatusOr<SeriesInfo> ToSeriesInfo(
    const plugin::v1::SeriesDefinition& definition) {
  if (definition.id().empty()) {
    return Broken(
        "a series definition has no id; give each series an id of "
        "its own, which its batches name");
  }
  RETURN_IF_ERROR(CheckLength("series id", definition.id(), kMaxIdBytes));
  absl::StatusOr<SeriesInfo> info = Convert(definition);
  if (info.ok()) return info;
  return Annotate(info.status(),
                  absl::StrCat("series ", Quote(definition.id())));
}

absl::StatusOr<CheckedBatch> CheckBatch(
    const plugin::v1::ObservationBatch& batch, const SeriesInfo& info,
    absl::Time now) {
  absl::StatusOr<CheckedBatch> checked = ConvertBatch(batch, info, now);
  if (checked.ok()) return checked;
  return Annotate(checked.status(),
                  absl::StrCat("series ", Quote(batch.series()), " (",
                               series::FormatSeriesKey(info.key), ")"));
}

absl::StatusOr<std::optional<absl::Time>> CheckCheckpoint(
    const plugin::v1::Checkpoint& checkpoint, absl::Time now) {
  if (checkpoint.stream().size() > kMaxStreamBytes ||
      HasControlCharacter(checkpoint.stream())) {
    return Broken("checkpoint stream ", Quote(checkpoint.stream()),
                  " is longer than ", kMaxStreamBytes,
                  " bytes or holds control characters");
  }
  if (checkpoint.state().size() > kMaxStateBytes) {
    return Broken("the state of checkpoint stream ", Quote(checkpoint.stream()),
                  " has ", checkpoint.state().size(), " bytes, more than ",
                  kMaxStateBytes, "; keep a cursor, not the data");
  }
  if (!checkpoint.has_known_at()) return std::nullopt;
  if (!checkpoint.complete()) {
    return Broken("checkpoint stream ", Quote(checkpoint.stream()),
                  " has known_at without complete");
  }
  ASSIGN_OR_RETURN(absl::Time known_at, ToKnownAt(checkpoint.known_at(), now));
  return known_at;
}

}  // namespace headway::ingest

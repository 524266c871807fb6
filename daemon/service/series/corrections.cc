// SeriesService.CorrectObservations and ListCorrections: what an operator says
// against the sources. It is a vintage of its own source, which goes before all
// others, so that nothing is lost and all can be undone.
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/series/period.h"
#include "daemon/service/calls/names.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/series/handlers.h"
#include "daemon/service/series/lookup.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::AtField;
using messages::FieldError;
using messages::ToStatus;
using Change = v1::Correction::Change;

constexpr absl::string_view kCorrectionPrefix = "correction/";
constexpr size_t kLongestReason = 4096;

// What is asked of one period.
struct Wish {
  Change::Kind kind = Change::CORRECTED;
  double value = 0;
  series::ObservationStatus status = series::ObservationStatus::kFinal;
};
using Wishes = std::map<int32_t, Wish>;

absl::Status CheckWords(absl::string_view field, absl::string_view text) {
  if (text.empty()) {
    return FieldError(field, "is needed: it is shown with the correction");
  }
  if (text.size() > kLongestReason) {
    return FieldError(field,
                      absl::StrCat("has ", text.size(), " bytes; at most ",
                                   kLongestReason, " are kept"));
  }
  return absl::OkStatus();
}

absl::Status AddWish(const std::string& field, absl::string_view period,
                     series::Frequency frequency, Wish wish, Wishes* wishes) {
  const auto parsed = series::ParsePeriod(period, frequency);
  if (!parsed.ok()) return AtField(field, parsed.status());
  if (!wishes->emplace(parsed->ordinal, wish).second) {
    return FieldError(field, absl::StrCat("\"", period, "\" occurs twice"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Wishes> ToWishes(const v1::CorrectObservationsRequest& request,
                                series::Frequency frequency) {
  Wishes wishes;
  for (int i = 0; i < request.observations_size(); ++i) {
    const v1::Observation& observation = request.observations(i);
    const std::string field = absl::StrCat("observations[", i, "]");
    if (!std::isfinite(observation.value())) {
      return FieldError(absl::StrCat(field, ".value"),
                        absl::StrCat("is ", observation.value(),
                                     "; strike the period out instead"));
    }
    ASSIGN_OR_RETURN(
        const series::ObservationStatus status,
        ToStatus(absl::StrCat(field, ".status"), observation.status()));
    RETURN_IF_ERROR(
        AddWish(absl::StrCat(field, ".period"), observation.period(), frequency,
                {Change::CORRECTED, observation.value(), status}, &wishes));
  }
  for (int i = 0; i < request.struck_periods_size(); ++i) {
    RETURN_IF_ERROR(AddWish(absl::StrCat("struck_periods[", i, "]"),
                            request.struck_periods(i), frequency,
                            {Change::STRUCK}, &wishes));
  }
  for (int i = 0; i < request.undone_periods_size(); ++i) {
    RETURN_IF_ERROR(AddWish(absl::StrCat("undone_periods[", i, "]"),
                            request.undone_periods(i), frequency,
                            {Change::UNDONE}, &wishes));
  }
  if (wishes.empty()) {
    return FieldError("observations",
                      "are empty, as are struck_periods and undone_periods; "
                      "nothing is to be done");
  }
  return wishes;
}

// The values that `source` has of the series now.
absl::StatusOr<std::map<int32_t, double>> Values(const store::Reader& reader,
                                                 const series::SeriesKey& key,
                                                 absl::string_view source) {
  std::map<int32_t, double> values;
  const auto own = reader.FindSeriesOf(key, source);
  if (absl::IsNotFound(own.status())) return values;
  RETURN_IF_ERROR(own.status());
  ASSIGN_OR_RETURN(const series::Observations column, reader.Read(own->id));
  for (size_t i = 0; i < column.size(); ++i) {
    values[column.ordinals[i]] = column.values[i];
  }
  return values;
}

// The vintage of one of the two sources by hand that fulfils the wishes, where
// it has `standing` values; empty if it has nothing to say.
store::VintageUpdate ToUpdate(const series::SeriesInfo& info,
                              absl::string_view source, Change::Kind kind,
                              const std::map<int32_t, double>& standing,
                              const Wishes& wishes, absl::Time now) {
  store::VintageUpdate update;
  update.info = info;
  update.known_at = now;
  update.source = std::string(source);
  for (const auto& [ordinal, wish] : wishes) {
    if (wish.kind == kind) {
      series::AppendStatus(wish.status, update.values.size(), &update.statuses);
      update.ordinals.push_back(ordinal);
      update.values.push_back(kind == Change::STRUCK ? 1 : wish.value);
    } else if (standing.contains(ordinal)) {
      update.withdrawn.push_back(ordinal);
    }
  }
  return update;
}

bool IsEmpty(const store::VintageUpdate& update) {
  return update.ordinals.empty() && update.withdrawn.empty();
}

std::string RecordKey(absl::Time time) {
  return absl::StrFormat("%s%020d", kCorrectionPrefix,
                         absl::ToUnixMicros(time));
}

// The first of `undone` that was neither corrected nor struck out is an error.
absl::Status CheckUndone(const v1::CorrectObservationsRequest& request,
                         const std::map<int32_t, double>& corrected,
                         const std::map<int32_t, double>& struck) {
  for (int i = 0; i < request.undone_periods_size(); ++i) {
    const int32_t ordinal =
        series::ParsePeriod(request.undone_periods(i)).value().ordinal;
    if (corrected.contains(ordinal) || struck.contains(ordinal)) continue;
    return FieldError(absl::StrCat("undone_periods[", i, "]"),
                      absl::StrCat("\"", request.undone_periods(i),
                                   "\" is neither corrected nor struck out"));
  }
  return absl::OkStatus();
}

v1::Correction Describe(const v1::CorrectObservationsRequest& request,
                        const store::SeriesEntry& entry, const Wishes& wishes,
                        const series::Observations& before, absl::Time now) {
  v1::Correction correction;
  *correction.mutable_time() = messages::ToTimestamp(now);
  correction.set_series(request.name());
  correction.set_series_key(series::FormatSeriesKey(entry.info.key));
  correction.set_reason(request.reason());
  correction.set_author(request.author());
  std::map<int32_t, double> stood;
  for (size_t i = 0; i < before.size(); ++i) {
    stood[before.ordinals[i]] = before.values[i];
  }
  for (const auto& [ordinal, wish] : wishes) {
    Change& change = *correction.add_changes();
    change.set_period(
        series::FormatPeriod({entry.info.key.frequency, ordinal}));
    change.set_kind(wish.kind);
    const auto value = stood.find(ordinal);
    if (value != stood.end()) change.set_before(value->second);
    if (wish.kind == Change::CORRECTED) change.set_after(wish.value);
  }
  return correction;
}

}  // namespace

absl::StatusOr<v1::Correction> CorrectObservations(
    const Parts& parts, const Call& call,
    const v1::CorrectObservationsRequest& request) {
  RETURN_IF_ERROR(CheckWords("reason", request.reason()));
  RETURN_IF_ERROR(CheckWords("author", request.author()));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(
      const store::SeriesEntry entry,
      FindShownSeries(parts, call, *reader, "name", request.name()));
  const series::SeriesKey& key = entry.info.key;
  if (key.labels.Has(series::kSourceLabel)) {
    return FieldError("name", absl::StrCat("is what one source says; correct ",
                                           "the series without the label ",
                                           std::string(series::kSourceLabel)));
  }
  ASSIGN_OR_RETURN(const Wishes wishes, ToWishes(request, key.frequency));
  ASSIGN_OR_RETURN(const auto corrected,
                   Values(*reader, key, store::kCorrectionSource));
  ASSIGN_OR_RETURN(const auto struck,
                   Values(*reader, key, store::kStrikeSource));
  RETURN_IF_ERROR(CheckUndone(request, corrected, struck));
  ASSIGN_OR_RETURN(const series::Observations before, reader->Read(entry.id));
  const absl::Time now = parts.clock->Now();
  store::Batch batch;
  batch.provenance.source = std::string(store::kCorrectionSource);
  batch.provenance.run = RecordKey(now);
  for (store::VintageUpdate& update : std::vector<store::VintageUpdate>{
           ToUpdate(entry.info, store::kCorrectionSource, Change::CORRECTED,
                    corrected, wishes, now),
           ToUpdate(entry.info, store::kStrikeSource, Change::STRUCK, struck,
                    wishes, now)}) {
    if (!IsEmpty(update)) batch.updates.push_back(std::move(update));
  }
  const v1::Correction correction =
      Describe(request, entry, wishes, before, now);
  batch.records.push_back({store::RecordKind::kState, RecordKey(now),
                           correction.SerializeAsString()});
  batch.preconditions.push_back(
      {store::RecordKind::kState, RecordKey(now), std::nullopt});
  // The last moment to turn back: a commit is done or not done.
  RETURN_IF_ERROR(call.CheckAlive());
  RETURN_IF_ERROR(parts.store->Commit(batch).status());
  return correction;
}

absl::StatusOr<v1::ListCorrectionsResponse> ListCorrections(
    const Parts& parts, const Call& call,
    const v1::ListCorrectionsRequest& request) {
  constexpr absl::string_view kScope = "ListCorrections";
  ASSIGN_OR_RETURN(
      Page page, ParsePage(request.page_size(), request.page_token(), kScope));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(const auto records,
                   reader->ScanRecords(
                       store::RecordKind::kState, kCorrectionPrefix,
                       page.cursor, page.size + 1, store::Order::kDescending));
  v1::ListCorrectionsResponse response;
  for (size_t i = 0; i < records.size(); ++i) {
    if (i == page.size) {
      response.set_next_page_token(MakeToken(kScope, records[i - 1].first));
      break;
    }
    v1::Correction& correction = *response.add_corrections();
    if (!correction.ParseFromString(records[i].second)) {
      return absl::DataLossError(
          absl::StrCat("record ", records[i].first,
                       " is damaged; restore the store from a backup"));
    }
    // It has the numbers that stood before.
    RETURN_IF_ERROR(
        FindShownSeries(parts, call, *reader, "series", correction.series())
            .status());
  }
  return response;
}

}  // namespace headway::service

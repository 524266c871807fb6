#include "daemon/service/series/handlers.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/bounds.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/evaluations.h"
#include "daemon/pipeline/manager.h"
#include "daemon/query/query.h"
#include "daemon/service/calls/expression.h"
#include "daemon/service/calls/names.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/series/lookup.h"
#include "daemon/service/sharing/sharing.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::AsOf;
using messages::AtField;
using messages::Clip;
using messages::PeriodBounds;
using messages::ToPeriodBounds;
using messages::ToProto;
using messages::ToSelector;
using messages::ToTimestamp;

// The description of a series, and the extent of `column`, its whole content.
v1::Series DescribeSeries(const store::SeriesEntry& entry,
                          const series::Observations& column) {
  const series::SeriesInfo& info = entry.info;
  v1::Series proto;
  proto.set_name(FormatSeriesName(entry.id));
  proto.set_key(series::FormatSeriesKey(info.key));
  proto.set_metric(info.key.metric);
  ToProto(info.key.labels, proto.mutable_labels());
  proto.set_frequency(ToProto(info.key.frequency));
  proto.set_unit(info.unit.ToString());
  proto.set_title(info.title);
  proto.set_description(info.description);
  proto.set_vintage_kind(ToProto(info.vintage_kind));
  proto.set_source_name(info.source_name);
  proto.set_observation_count(column.size());
  if (!column.empty()) {
    const series::Frequency frequency = info.key.frequency;
    proto.set_first_period(
        series::FormatPeriod({frequency, column.ordinals.front()}));
    proto.set_last_period(
        series::FormatPeriod({frequency, column.ordinals.back()}));
  }
  if (column.known_at != absl::InfinitePast()) {
    *proto.mutable_known_at() = ToTimestamp(column.known_at);
  }
  return proto;
}

v1::Vintage DescribeVintage(const store::Vintage& vintage,
                            series::Frequency frequency) {
  v1::Vintage proto;
  *proto.mutable_known_at() = ToTimestamp(vintage.known_at);
  *proto.mutable_recorded_at() = ToTimestamp(vintage.recorded_at);
  for (size_t i = 0; i < vintage.ordinals.size(); ++i) {
    v1::Observation* changed = proto.add_changed();
    changed->set_period(series::FormatPeriod({frequency, vintage.ordinals[i]}));
    changed->set_value(vintage.values[i]);
  }
  for (int32_t ordinal : vintage.withdrawn) {
    proto.add_withdrawn_periods(series::FormatPeriod({frequency, ordinal}));
  }
  v1::Provenance* provenance = proto.mutable_provenance();
  provenance->set_source(vintage.provenance.source);
  provenance->set_plugin(vintage.provenance.plugin);
  provenance->set_plugin_version(vintage.provenance.plugin_version);
  provenance->set_plugin_hash(vintage.provenance.plugin_hash);
  provenance->set_run(vintage.provenance.run);
  return proto;
}

}  // namespace

absl::StatusOr<v1::ListSeriesResponse> ListSeries(
    const Parts& parts, const Call& call,
    const v1::ListSeriesRequest& request) {
  const std::string scope = absl::StrCat("ListSeries\n", request.filter());
  ASSIGN_OR_RETURN(Page page,
                   ParsePage(request.page_size(), request.page_token(), scope));
  ASSIGN_OR_RETURN(series::Selector selector, ToSelector(request.filter()));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  // The cursor is the last series' number: its key says where to go on.
  std::optional<series::SeriesKey> after;
  if (!page.cursor.empty()) {
    ASSIGN_OR_RETURN(store::SeriesEntry last,
                     FindSeriesEntry(*reader, "page_token", page.cursor));
    after = std::move(last.info.key);
  }
  // One more than the page, to know whether there is another.
  ASSIGN_OR_RETURN(std::vector<store::SeriesEntry> entries,
                   reader->SelectSeries(selector, page.size + 1, after));
  v1::ListSeriesResponse response;
  size_t bytes = 0;
  for (const store::SeriesEntry& entry : entries) {
    if (static_cast<size_t>(response.series_size()) == page.size ||
        bytes >= kPageBytes) {
      const std::string& last = response.series().rbegin()->name();
      response.set_next_page_token(MakeToken(scope, last));
      break;
    }
    RETURN_IF_ERROR(call.CheckAlive());
    ASSIGN_OR_RETURN(series::Observations column, reader->Read(entry.id));
    *response.add_series() = DescribeSeries(entry, column);
    bytes += response.series().rbegin()->ByteSizeLong();
  }
  return response;
}

absl::StatusOr<v1::Series> GetSeries(const Parts& parts, const Call&,
                                     const v1::GetSeriesRequest& request) {
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(store::SeriesEntry entry,
                   FindSeriesEntry(*reader, "name", request.name()));
  ASSIGN_OR_RETURN(series::Observations column, reader->Read(entry.id));
  return DescribeSeries(entry, column);
}

absl::StatusOr<v1::ReadSeriesResponse> ReadSeries(
    const Parts& parts, const Call& call,
    const v1::ReadSeriesRequest& request) {
  const std::string scope = ScopeOf("ReadSeries", request);
  ASSIGN_OR_RETURN(
      const AnswerPage page,
      ParseAnswerPage(request.page_size(), request.page_token(), scope));
  ASSIGN_OR_RETURN(store::ReadOptions options, ToReadOptions(request));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(
      store::SeriesEntry entry,
      FindShownSeries(parts, call, *reader, "name", request.name(),
                      std::min(options.as_of, options.recorded_by)));
  ASSIGN_OR_RETURN(PeriodBounds bounds,
                   ToPeriodBounds(request.first_period(), request.last_period(),
                                  entry.info.key.frequency));
  ASSIGN_OR_RETURN(const absl::Time recorded_by,
                   pipeline::NewestRecordedAt(*reader));
  options.recorded_by =
      std::min({options.recorded_by, page.recorded_by(), recorded_by});
  // Whole, for the series' extent as of then is part of the answer.
  ASSIGN_OR_RETURN(series::Observations column,
                   reader->Read(entry.id, options));
  v1::ReadSeriesResponse response;
  *response.mutable_series() = DescribeSeries(entry, column);
  const series::Observations clipped = Clip(column, bounds);
  const auto add = [&](size_t place) -> absl::StatusOr<size_t> {
    *response.add_observations() = ToProto(clipped, place);
    return response.observations().rbegin()->ByteSizeLong();
  };
  ASSIGN_OR_RETURN(const std::optional<size_t> next,
                   FillPage(page, clipped.size(), add));
  if (next.has_value()) {
    response.set_next_page_token(
        MakeAnswerToken(scope, *next, {options.as_of, options.recorded_by}));
  }
  return response;
}

absl::StatusOr<v1::ListVintagesResponse> ListVintages(
    const Parts& parts, const Call& call,
    const v1::ListVintagesRequest& request) {
  const std::string scope = absl::StrCat("ListVintages\n", request.parent());
  ASSIGN_OR_RETURN(Page page,
                   ParsePage(request.page_size(), request.page_token(), scope));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(
      store::SeriesEntry entry,
      FindShownSeries(parts, call, *reader, "parent", request.parent()));
  ASSIGN_OR_RETURN(std::vector<store::Vintage> vintages,
                   reader->ListVintages(entry.id));
  // The cursor is the last vintage's known_at, of which each has its own: a
  // vintage backfilled between two pages disturbs neither.
  ASSIGN_OR_RETURN(absl::Time after, CursorTime(page));
  v1::ListVintagesResponse response;
  size_t bytes = 0;
  for (const store::Vintage& vintage : vintages) {
    if (vintage.known_at <= after) continue;
    if (static_cast<size_t>(response.vintages_size()) == page.size ||
        bytes >= kPageBytes) {
      response.set_next_page_token(MakeToken(scope, MakeTimeCursor(after)));
      break;
    }
    *response.add_vintages() =
        DescribeVintage(vintage, entry.info.key.frequency);
    bytes += response.vintages().rbegin()->ByteSizeLong();
    after = vintage.known_at;
  }
  return response;
}

absl::StatusOr<v1::QueryResponse> Query(const Parts& parts, const Call& call,
                                        const v1::QueryRequest& request) {
  RETURN_IF_ERROR(CheckExpression("expression", request.expression()));
  const std::string scope =
      absl::StrCat(ScopeOf("Query", request), "\n",
                   pipeline::FingerprintOfAll(*parts.pipelines->definitions()));
  ASSIGN_OR_RETURN(
      const AnswerPage page,
      ParseAnswerPage(request.page_size(), request.page_token(), scope));
  ASSIGN_OR_RETURN(const absl::Time as_of, AsOf(request));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(const absl::Time newest,
                   pipeline::NewestRecordedAt(*reader));
  const absl::Time recorded_by = std::min(newest, page.recorded_by());
  ASSIGN_OR_RETURN(const Sharing sharing,
                   Sharing::For(call.caller(), parts, *reader));
  RETURN_IF_ERROR(sharing.CheckExpression(request.expression()));
  const absl::StatusOr<query::Panel> panel =
      parts.pipelines->EvaluateExpression(request.expression(), *reader,
                                          {.as_of = as_of,
                                           .recorded_by = recorded_by,
                                           .check_alive = call.AliveCheck()});
  RETURN_IF_ERROR(call.CheckAlive());
  if (!panel.ok()) return AtField("expression", panel.status());
  v1::QueryResponse response;
  response.set_unit(panel->unit.ToString());
  for (series::VintageKind kind : panel->vintage_kinds) {
    response.add_vintage_kinds(messages::ToProto(kind));
  }
  if (request.page_token().empty()) {
    for (const std::string& note : panel->notes) response.add_notes(note);
  }
  const auto add = [&](size_t place) -> absl::StatusOr<size_t> {
    const query::LabelledColumn& column = panel->columns[place];
    *response.add_series() = ToProto(column.labels, column.observations);
    return response.series().rbegin()->ByteSizeLong();
  };
  ASSIGN_OR_RETURN(const std::optional<size_t> next,
                   FillPage(page, panel->columns.size(), add));
  if (next.has_value()) {
    response.set_next_page_token(
        MakeAnswerToken(scope, *next, {as_of, recorded_by}));
  }
  return response;
}

}  // namespace headway::service

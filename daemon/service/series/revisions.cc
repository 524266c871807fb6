// SeriesService.ListRevisions and ReadTriangle: how the figures of a series
// changed after they were first published.
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/bounds.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/service/calls/names.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/series/handlers.h"
#include "daemon/service/series/lookup.h"
#include "daemon/service/sharing/sharing.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::DayBounds;
using messages::PeriodBounds;
using messages::PeriodsWithin;
using messages::ToDayBounds;
using messages::ToPeriodBounds;
using messages::ToProto;
using messages::ToSelector;
using messages::ToTimestamp;

// What a page holds at most beyond its last series or vintage, so that it fits
// the four MiB that clients accept unless told otherwise.
constexpr int kReleasesPerPage = 20000;
constexpr int kObservationsPerPage = 50000;

v1::Release DescribeRelease(const store::Release& release,
                            series::Frequency frequency) {
  v1::Release proto;
  proto.set_period(series::FormatPeriod({frequency, release.ordinal}));
  proto.set_first_value(release.first);
  *proto.mutable_first_known_at() = ToTimestamp(release.first_known_at);
  proto.set_latest_value(release.latest);
  *proto.mutable_latest_known_at() = ToTimestamp(release.latest_known_at);
  proto.set_revision_count(release.revisions);
  return proto;
}

v1::SeriesRevisions DescribeRevisions(
    const store::SeriesEntry& entry,
    const std::vector<store::Release>& releases) {
  const series::SeriesKey& key = entry.info.key;
  v1::SeriesRevisions proto;
  proto.set_name(FormatSeriesName(entry.id));
  proto.set_key(series::FormatSeriesKey(key));
  proto.set_frequency(ToProto(key.frequency));
  proto.set_unit(entry.info.unit.ToString());
  // Wider than the values, so that no sum of them overflows.
  long double sum = 0;
  long double sum_of_sizes = 0;
  int revised = 0;
  for (const store::Release& release : releases) {
    *proto.add_releases() = DescribeRelease(release, key.frequency);
    const long double revision =
        static_cast<long double>(release.latest) - release.first;
    sum += revision;
    sum_of_sizes += std::abs(revision);
    if (release.revisions > 0) ++revised;
  }
  proto.set_revised_count(revised);
  if (!releases.empty()) {
    proto.set_mean_revision(static_cast<double>(sum / releases.size()));
    proto.set_mean_absolute_revision(
        static_cast<double>(sum_of_sizes / releases.size()));
  }
  return proto;
}

}  // namespace

absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(
    const Parts& parts, const Call& call,
    const v1::ListRevisionsRequest& request) {
  const std::string scope = ScopeOf("ListRevisions", request);
  ASSIGN_OR_RETURN(Page page,
                   ParsePage(request.page_size(), request.page_token(), scope));
  ASSIGN_OR_RETURN(const series::Selector selector,
                   ToSelector(request.filter()));
  ASSIGN_OR_RETURN(store::ReadOptions options, ToReadOptions(request));
  ASSIGN_OR_RETURN(const DayBounds days,
                   ToDayBounds(request.first_period(), request.last_period()));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  std::optional<series::SeriesKey> after;
  if (!page.cursor.empty()) {
    ASSIGN_OR_RETURN(store::SeriesEntry last,
                     FindSeriesEntry(*reader, "page_token", page.cursor));
    after = std::move(last.info.key);
  }
  // One more than the page, to know whether there is another.
  ASSIGN_OR_RETURN(const std::vector<store::SeriesEntry> entries,
                   reader->SelectSeries(selector, page.size + 1, after));
  ASSIGN_OR_RETURN(const Sharing sharing,
                   Sharing::For(call.caller(), parts, *reader));
  v1::ListRevisionsResponse response;
  int releases_in_page = 0;
  for (const store::SeriesEntry& entry : entries) {
    const size_t in_page = static_cast<size_t>(response.series_size());
    if (in_page == page.size || releases_in_page >= kReleasesPerPage) {
      const std::string& last = response.series().rbegin()->name();
      response.set_next_page_token(MakeToken(scope, last));
      break;
    }
    RETURN_IF_ERROR(call.CheckAlive());
    RETURN_IF_ERROR(sharing.CheckSeries(entry.info.key));
    const PeriodBounds bounds = PeriodsWithin(days, entry.info.key.frequency);
    options.first = bounds.first;
    options.last = bounds.last;
    ASSIGN_OR_RETURN(const std::vector<store::Release> releases,
                     reader->CompareReleases(entry.id, options));
    *response.add_series() = DescribeRevisions(entry, releases);
    releases_in_page += static_cast<int>(releases.size());
  }
  return response;
}

absl::StatusOr<v1::ReadTriangleResponse> ReadTriangle(
    const Parts& parts, const Call& call,
    const v1::ReadTriangleRequest& request) {
  const std::string scope = ScopeOf("ReadTriangle", request);
  ASSIGN_OR_RETURN(Page page,
                   ParsePage(request.page_size(), request.page_token(), scope));
  ASSIGN_OR_RETURN(store::ReadOptions options, ToReadOptions(request));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(
      const store::SeriesEntry entry,
      FindShownSeries(parts, call, *reader, "name", request.name()));
  ASSIGN_OR_RETURN(const PeriodBounds bounds,
                   ToPeriodBounds(request.first_period(), request.last_period(),
                                  entry.info.key.frequency));
  options.first = bounds.first;
  options.last = bounds.last;
  ASSIGN_OR_RETURN(const std::vector<series::Observations> triangle,
                   reader->ReadTriangle(entry.id, options));
  ASSIGN_OR_RETURN(absl::Time after, CursorTime(page));
  v1::ReadTriangleResponse response;
  int observations_in_page = 0;
  for (const series::Observations& state : triangle) {
    if (state.known_at <= after) continue;
    const size_t in_page = static_cast<size_t>(response.states_size());
    if (in_page == page.size || observations_in_page >= kObservationsPerPage) {
      response.set_next_page_token(MakeToken(scope, MakeTimeCursor(after)));
      break;
    }
    v1::ReadTriangleResponse::State* proto = response.add_states();
    *proto->mutable_known_at() = ToTimestamp(state.known_at);
    for (size_t i = 0; i < state.size(); ++i) {
      *proto->add_observations() = ToProto(state, i);
    }
    observations_in_page += static_cast<int>(state.size());
    after = state.known_at;
  }
  return response;
}

}  // namespace headway::service

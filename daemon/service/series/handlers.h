// SeriesService: find, read and write the stored series.
//
// Handlers as calls/methods.h describes them; proto/headway/v1/series.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_SERIES_HANDLERS_H_
#define HEADWAY_DAEMON_SERVICE_SERIES_HANDLERS_H_

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/series.pb.h"

namespace headway::service {

absl::StatusOr<v1::ListSeriesResponse> ListSeries(
    const Parts& parts, const Call& call, const v1::ListSeriesRequest& request);
absl::StatusOr<v1::Series> GetSeries(const Parts& parts, const Call& call,
                                     const v1::GetSeriesRequest& request);
absl::StatusOr<v1::ReadSeriesResponse> ReadSeries(
    const Parts& parts, const Call& call, const v1::ReadSeriesRequest& request);
absl::StatusOr<v1::ListVintagesResponse> ListVintages(
    const Parts& parts, const Call& call,
    const v1::ListVintagesRequest& request);
absl::StatusOr<v1::QueryResponse> Query(const Parts& parts, const Call& call,
                                        const v1::QueryRequest& request);

// series/write_observations.cc
absl::StatusOr<v1::WriteObservationsResponse> WriteObservations(
    const Parts& parts, const Call& call,
    const v1::WriteObservationsRequest& request);

// series/corrections.cc
absl::StatusOr<v1::Correction> CorrectObservations(
    const Parts& parts, const Call& call,
    const v1::CorrectObservationsRequest& request);
absl::StatusOr<v1::ListCorrectionsResponse> ListCorrections(
    const Parts& parts, const Call& call,
    const v1::ListCorrectionsRequest& request);

// series/revisions.cc
absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(
    const Parts& parts, const Call& call,
    const v1::ListRevisionsRequest& request);
absl::StatusOr<v1::ReadTriangleResponse> ReadTriangle(
    const Parts& parts, const Call& call,
    const v1::ReadTriangleRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SERIES_HANDLERS_H_

#include "daemon/service/plugin/documents.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/operations/operations.h"
#include "daemon/pipeline/manager.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"
#include "daemon/service/calls/names.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/plugin/sources.h"
#include "daemon/service/sharing/sharing.h"
#include "daemon/store/documents.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::FieldError;
using messages::ParseTimestamp;
using messages::ToProto;
using messages::ToTimestamp;
using messages::WithReason;

constexpr absl::string_view kCollection = "documents";
constexpr size_t kHashDigits = 64;
constexpr size_t kPartBytes = size_t{2} << 20;
constexpr int kMaxChanges = 1000;
constexpr size_t kMaxChangeBytes = size_t{2} << 20;
constexpr size_t kPullsAtOnce = 20;

// Where a listing goes on: behind document `number` of the pull that began at
// `pull`.
struct Position {
  absl::Time pull = absl::InfiniteFuture();
  int64_t number = -1;
};

std::string ToCursor(const Position& position) {
  return absl::StrCat(absl::ToUnixMicros(position.pull), ".", position.number);
}

absl::StatusOr<Position> FromCursor(const std::string& cursor) {
  if (cursor.empty()) return Position();
  const std::vector<std::string> parts = absl::StrSplit(cursor, '.');
  int64_t micros = 0;
  Position position;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &micros) ||
      !absl::SimpleAtoi(parts[1], &position.number)) {
    return FieldError("page_token", "is not one that this method gave");
  }
  position.pull = absl::FromUnixMicros(micros);
  return position;
}

v1::Document DescribeDocument(const store::Document& document,
                              const store::Pull& pull) {
  v1::Document proto;
  if (!document.hash.empty()) {
    proto.set_name(absl::StrCat(kCollection, "/", document.hash));
  }
  *proto.mutable_fetch_time() = ToTimestamp(document.fetched_at);
  proto.set_address(document.address);
  proto.set_http_status(document.status);
  proto.set_media_type(std::string(document.media_type()));
  proto.set_size(document.size);
  proto.set_stored_size(document.stored_size);
  proto.set_not_kept(document.not_kept);
  proto.set_run(pull.run);
  *proto.mutable_pull_time() = ToTimestamp(pull.start_time);
  proto.set_plugin_version(pull.plugin_version);
  proto.set_pull_error(pull.error);
  return proto;
}

// Adds documents of the pull from `number` on; false if the page is full before
// its end, and then `last` is the last that was added.
absl::StatusOr<bool> AddDocuments(const store::DocumentArchive& archive,
                                  const store::Pull& pull, int64_t number,
                                  size_t size, Position* last,
                                  v1::ListDocumentsResponse* response) {
  ASSIGN_OR_RETURN(const std::vector<store::Document> documents,
                   archive.ListDocuments(pull.source, pull.start_time));
  for (; number < static_cast<int64_t>(documents.size()); ++number) {
    if (static_cast<size_t>(response->documents_size()) == size) return false;
    *response->add_documents() = DescribeDocument(documents[number], pull);
    *last = {pull.start_time, number};
  }
  return true;
}

v1::ChangedValue DescribeChange(const ingest::ReplayedValue& value) {
  v1::ChangedValue proto;
  const series::Frequency frequency = value.series.frequency;
  proto.set_series_key(series::FormatSeriesKey(value.series));
  proto.set_frequency(ToProto(frequency));
  proto.set_period(series::FormatPeriod({frequency, value.ordinal}));
  *proto.mutable_known_at() = ToTimestamp(value.known_at);
  if (value.before.has_value()) proto.set_before(*value.before);
  if (value.after.has_value()) proto.set_after(*value.after);
  return proto;
}

// At most `change_bytes` of changes, from which it takes those that are there.
v1::Replay DescribeReplay(const ingest::ReplayReport& report,
                          size_t* change_bytes) {
  v1::Replay proto;
  proto.set_run(report.pull.run);
  *proto.mutable_pull_time() = ToTimestamp(report.pull.start_time);
  proto.set_old_plugin_version(report.pull.plugin_version);
  proto.set_plugin_version(report.plugin_version);
  proto.set_series_read(report.series);
  proto.set_observations_read(report.observations_read);
  proto.set_values_changed(static_cast<int64_t>(report.values.size()));
  for (const ingest::ReplayedValue& value : report.values) {
    v1::ChangedValue change = DescribeChange(value);
    const size_t size = change.ByteSizeLong();
    if (proto.changes_size() == kMaxChanges || size > *change_bytes) break;
    *change_bytes -= size;
    *proto.add_changes() = std::move(change);
  }
  proto.set_vintages_left(report.superseded);
  for (const std::string& line : report.log) proto.add_log(line);
  return proto;
}

v1::ReplaySourceResponse DescribeReplays(
    const std::vector<ingest::ReplayReport>& reports) {
  v1::ReplaySourceResponse response;
  size_t change_bytes = kMaxChangeBytes;
  for (const ingest::ReplayReport& report : reports) {
    *response.add_replays() = DescribeReplay(report, &change_bytes);
  }
  return response;
}

// Stops a replay when its operation is to stop, and says how far it is.
ingest::PullObserver ObserverOf(operations::Control& control) {
  ingest::PullObserver observer;
  observer.cancelled = [&control] { return !control.CheckAlive().ok(); };
  observer.on_progress = [&control](std::optional<double> fraction,
                                    absl::string_view message) {
    control.Report(fraction, message);
  };
  return observer;
}

absl::StatusOr<ingest::PullChoice> ToChoice(
    const v1::ReplaySourceRequest& request) {
  ingest::PullChoice choice;
  if (request.pull_case() == v1::ReplaySourceRequest::kRun) {
    RETURN_IF_ERROR(ParseRunName("run", request.run()).status());
    choice.run = request.run();
  } else if (request.pull_case() == v1::ReplaySourceRequest::kAt) {
    ASSIGN_OR_RETURN(choice.at, ParseTimestamp("at", request.at()));
  }
  return choice;
}

}  // namespace

absl::StatusOr<v1::ListDocumentsResponse> ListDocuments(
    const Parts& parts, const Call& call,
    const v1::ListDocumentsRequest& request) {
  // A source that is gone from the definitions may have documents.
  if (request.source().empty()) {
    return FieldError("source", "is needed: the name of a source");
  }
  const std::string scope = absl::StrCat("ListDocuments\n", request.source());
  ASSIGN_OR_RETURN(const Page page,
                   ParsePage(request.page_size(), request.page_token(), scope));
  ASSIGN_OR_RETURN(const Position start, FromCursor(page.cursor));
  const store::DocumentArchive& archive = parts.store->documents();
  v1::ListDocumentsResponse response;
  Position last = start;
  absl::Time before = start.pull == absl::InfiniteFuture()
                          ? start.pull
                          : start.pull + absl::Microseconds(1);
  while (true) {
    RETURN_IF_ERROR(call.CheckAlive());
    ASSIGN_OR_RETURN(const std::vector<store::Pull> pulls,
                     archive.ListPulls(request.source(), before, kPullsAtOnce));
    if (pulls.empty()) return response;
    for (const store::Pull& pull : pulls) {
      const int64_t from = pull.start_time == start.pull ? start.number + 1 : 0;
      ASSIGN_OR_RETURN(
          const bool whole,
          AddDocuments(archive, pull, from, page.size, &last, &response));
      if (!whole) {
        response.set_next_page_token(MakeToken(scope, ToCursor(last)));
        return response;
      }
    }
    before = pulls.back().start_time;
  }
}

absl::StatusOr<v1::ReadDocumentResponse> ReadDocument(
    const Parts& parts, const Call& call,
    const v1::ReadDocumentRequest& request) {
  ASSIGN_OR_RETURN(const std::string hash,
                   ParseName("name", kCollection, request.name()));
  if (hash.size() != kHashDigits ||
      !std::all_of(hash.begin(), hash.end(), absl::ascii_isxdigit)) {
    return FieldError(
        "name",
        absl::StrCat("\"", request.name(), "\" is not documents/HASH with the ",
                     kHashDigits, " hexadecimal digits of a SHA-256"));
  }
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(const Sharing sharing,
                   Sharing::For(call.caller(), parts, *reader));
  RETURN_IF_ERROR(sharing.CheckDocuments());
  absl::StatusOr<std::string> body =
      parts.store->documents().GetBody(absl::AsciiStrToLower(hash));
  if (absl::IsNotFound(body.status())) {
    return WithReason(body.status(), "DOCUMENT_NOT_FOUND",
                      {{"name", request.name()}});
  }
  RETURN_IF_ERROR(body.status());
  const auto size = static_cast<int64_t>(body->size());
  if (request.offset() < 0 || request.offset() > size) {
    return FieldError(
        "offset", absl::StrCat("must be 0 to ", size,
                               ", the document's size, is ", request.offset()));
  }
  v1::ReadDocumentResponse response;
  response.set_size(size);
  response.set_data(
      body->substr(static_cast<size_t>(request.offset()), kPartBytes));
  return response;
}

absl::StatusOr<v1::Operation> ReplaySource(
    const Parts& parts, const Call&, const v1::ReplaySourceRequest& request) {
  ASSIGN_OR_RETURN(const ingest::PullChoice choice, ToChoice(request));
  ASSIGN_OR_RETURN(
      const ingest::Source source,
      FindSource(*parts.pipelines->definitions(), request.source()));
  return parts.operations->Start(
      {.kind = v1::Operation::REPLAY_SOURCE,
       .subject = request.source(),
       .request_id = request.request_id()},
      // Outlives the call and the parts, but not what they point to.
      [plugins = parts.plugins, source, choice, dry_run = request.dry_run()](
          operations::Control& control, v1::Operation* done) -> absl::Status {
        const auto reports =
            plugins->Replay(source, choice, dry_run, ObserverOf(control));
        if (absl::IsNotFound(reports.status())) {
          return WithReason(reports.status(), "PULL_NOT_FOUND",
                            {{"source", source.name}});
        }
        RETURN_IF_ERROR(reports.status());
        *done->mutable_replay_source() = DescribeReplays(*reports);
        return absl::OkStatus();
      });
}

}  // namespace headway::service

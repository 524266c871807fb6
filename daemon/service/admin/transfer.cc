#include "daemon/service/admin/transfer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/convert.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/errors.h"

namespace headway::service {
namespace {

constexpr absl::string_view kImportMethod = "AdminService/ImportSeries";
// Well within what clients accept.
constexpr size_t kMessageBytes = size_t{1} << 20;
constexpr size_t kLongestName = 1024;

absl::StatusOr<store::TransferFormat> ToFormat(v1::TransferFormat format) {
  switch (format) {
    case v1::CSV:
      return store::TransferFormat::kCsv;
    case v1::NDJSON:
      return store::TransferFormat::kNdjson;
    default:
      return FieldError("format", "is neither CSV nor NDJSON");
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<WatchSource<v1::ExportSeriesResponse>>>
SeriesExport::Create(const Parts& parts,
                     const v1::ExportSeriesRequest& request) {
  store::ExportOptions options;
  ASSIGN_OR_RETURN(options.format, ToFormat(request.format()));
  ASSIGN_OR_RETURN(options.selector, ToSelector(request.filter()));
  ASSIGN_OR_RETURN(options.as_of, AsOf(request));
  return std::unique_ptr<WatchSource<v1::ExportSeriesResponse>>(
      new SeriesExport(parts.store->NewReader(), std::move(options)));
}

SeriesExport::SeriesExport(std::unique_ptr<store::Reader> reader,
                           store::ExportOptions options)
    : reader_(std::move(reader)),
      exporter_(reader_.get(), std::move(options)) {}

absl::StatusOr<SeriesExport::Step> SeriesExport::Next() {
  if (sent_ == text_.size()) {
    ASSIGN_OR_RETURN(text_, exporter_.Next());
    sent_ = 0;
  }
  Step step;
  if (text_.empty()) {
    if (std::exchange(counted_, true)) {
      step.end = true;
      return step;
    }
    v1::TransferCounts* counts = step.message.emplace().mutable_counts();
    counts->set_series(exporter_.series());
    counts->set_vintages(exporter_.vintages());
    counts->set_observations(exporter_.observations());
    return step;
  }
  const size_t size = std::min(text_.size() - sent_, kMessageBytes);
  step.message.emplace().set_text(text_.data() + sent_, size);
  sent_ += size;
  return step;
}

grpc::ServerReadReactor<v1::ImportSeriesRequest>* SeriesImport::Start(
    const Parts* parts, ThreadPool* pool, CallMetrics* metrics,
    grpc::CallbackServerContext* context, v1::ImportSeriesResponse* response) {
  auto* stream = new SeriesImport(parts, pool, metrics, context, response);
  metrics->AddOpenStreams(1);
  stream->StartRead(&stream->request_);
  return stream;
}

SeriesImport::SeriesImport(const Parts* parts, ThreadPool* pool,
                           CallMetrics* metrics,
                           grpc::CallbackServerContext* context,
                           v1::ImportSeriesResponse* response)
    : parts_(*parts),
      pool_(*pool),
      metrics_(*metrics),
      context_(*context),
      response_(*response),
      start_(absl::Now()) {}

void SeriesImport::OnReadDone(bool ok) {
  const absl::Status scheduled = pool_.Schedule([this, ok] {
    // Either call may delete this.
    if (const std::optional<absl::Status> status = Work(ok)) {
      FinishWith(*status);
    } else {
      StartRead(&request_);
    }
  });
  if (!scheduled.ok()) FinishWith(scheduled);
}

std::optional<absl::Status> SeriesImport::Work(bool has_message) {
  const absl::MutexLock lock(&mutex_);
  // A read also fails when the call was cancelled, which is no end of the text.
  absl::Status status = Call(&context_).CheckAlive();
  if (status.ok() && !importer_) status = Begin();
  if (!status.ok()) return status;
  if (!has_message) return FinishImport();
  status = importer_->Add(request_.text());
  if (!status.ok()) return status;
  return std::nullopt;
}

absl::Status SeriesImport::Begin() {
  ASSIGN_OR_RETURN(const store::TransferFormat format,
                   ToFormat(request_.format()));
  store::ImportOptions options;
  options.now = parts_.clock->Now();
  if (request_.name().size() > kLongestName) {
    return FieldError("name",
                      absl::StrCat("is longer than ", kLongestName, " bytes"));
  }
  if (!request_.name().empty()) options.name = request_.name();
  importer_.emplace(parts_.store, format, std::move(options));
  return absl::OkStatus();
}

absl::Status SeriesImport::FinishImport() {
  ASSIGN_OR_RETURN(const store::ImportResult result, importer_->Finish());
  v1::TransferCounts* counts = response_.mutable_counts();
  counts->set_series(result.series);
  counts->set_vintages(result.vintages);
  counts->set_observations(result.observations);
  response_.set_changed_observations(result.changed_observations);
  response_.set_commits(result.commits);
  return absl::OkStatus();
}

void SeriesImport::FinishWith(const absl::Status& status) {
  metrics_.Record(kImportMethod, status.code(), absl::Now() - start_);
  metrics_.AddOpenStreams(-1);
  Finish(ToGrpcStatus(status));
}

}  // namespace headway::service

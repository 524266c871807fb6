#include "daemon/service/admin/transfer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/service/admin/maintenance.h"
#include "daemon/service/sharing/sharing.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::AsOf;
using messages::FieldError;
using messages::ToSelector;

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

absl::StatusOr<std::unique_ptr<StreamSource<v1::ExportSeriesResponse>>>
SeriesExport::Create(const Parts& parts, const Caller& caller,
                     const v1::ExportSeriesRequest& request) {
  store::ExportOptions options;
  ASSIGN_OR_RETURN(options.format, ToFormat(request.format()));
  ASSIGN_OR_RETURN(options.selector, ToSelector(request.filter()));
  ASSIGN_OR_RETURN(options.as_of, AsOf(request));
  std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(const Sharing sharing, Sharing::For(caller, parts, *reader));
  if (!sharing.shows_all()) {
    options.leaves_out =
        [sharing](const series::SeriesKey& key) -> absl::StatusOr<bool> {
      const absl::Status shown = sharing.CheckSeries(key);
      if (shown.ok()) return false;
      if (absl::IsPermissionDenied(shown)) return true;
      return shown;
    };
  }
  return std::unique_ptr<StreamSource<v1::ExportSeriesResponse>>(
      new SeriesExport(parts, std::move(reader), std::move(options)));
}

SeriesExport::SeriesExport(const Parts& parts,
                           std::unique_ptr<store::Reader> reader,
                           store::ExportOptions options)
    : clock_(*parts.clock),
      reader_(std::move(reader)),
      given_(clock_.Now()),
      subscription_(parts.store->Subscribe(
          [this](const store::CommitNotice&) { LetGoIfStalled(); })) {
  exporter_.emplace(reader_.get(), std::move(options));
}

SeriesExport::~SeriesExport() { subscription_.reset(); }

void SeriesExport::LetGoIfStalled() {
  // Whoever has the lock is at work for the client.
  if (!mutex_.TryLock()) return;
  if (clock_.Now() - given_ > kPatience) {
    exporter_.reset();
    reader_.reset();
  }
  mutex_.Unlock();
}

absl::StatusOr<SeriesExport::Step> SeriesExport::Next() {
  absl::MutexLock lock(&mutex_);
  absl::StatusOr<Step> step = NextStep();
  given_ = clock_.Now();
  return step;
}

absl::StatusOr<SeriesExport::Step> SeriesExport::NextStep() {
  if (!exporter_) {
    return absl::AbortedError(absl::StrCat(
        "nothing was taken of the export for ", absl::FormatDuration(kPatience),
        ", and the state that it shows was let go; export again, and read "
        "without such pauses"));
  }
  if (sent_ == text_.size()) {
    ASSIGN_OR_RETURN(text_, exporter_->Next());
    sent_ = 0;
  }
  Step step;
  if (text_.empty()) {
    if (std::exchange(counted_, true)) {
      step.end = true;
      return step;
    }
    v1::TransferCounts* counts = step.message.emplace().mutable_counts();
    counts->set_series(exporter_->series());
    counts->set_vintages(exporter_->vintages());
    counts->set_observations(exporter_->observations());
    step.message->set_left_out_series(exporter_->left_out());
    return step;
  }
  const size_t size = std::min(text_.size() - sent_, kMessageBytes);
  step.message.emplace().set_text(text_.data() + sent_, size);
  sent_ += size;
  return step;
}

std::unique_ptr<Upload<v1::ImportSeriesRequest, v1::ImportSeriesResponse>>
SeriesImport::Create(const Parts& parts) {
  return std::unique_ptr<SeriesImport>(new SeriesImport(parts));
}

absl::Status SeriesImport::Add(const v1::ImportSeriesRequest& request) {
  if (!importer_) RETURN_IF_ERROR(Begin(request));
  absl::Status status = AddText(request.text());
  if (!status.ok()) operation_->End(status, {});
  return status;
}

absl::Status SeriesImport::AddText(const std::string& text) {
  RETURN_IF_ERROR(operation_->control().CheckAlive());
  RETURN_IF_ERROR(importer_->Add(text));
  bytes_ += static_cast<int64_t>(text.size());
  operation_->control().Report(std::nullopt,
                               absl::StrCat("bytes read: ", bytes_));
  return absl::OkStatus();
}

absl::Status SeriesImport::Begin(const v1::ImportSeriesRequest& first) {
  ASSIGN_OR_RETURN(const store::TransferFormat format,
                   ToFormat(first.format()));
  store::ImportOptions options;
  options.now = parts_.clock->Now();
  options.budget = parts_.maintenance->import_budget();
  if (first.name().size() > kLongestName) {
    return FieldError("name",
                      absl::StrCat("is longer than ", kLongestName, " bytes"));
  }
  if (!first.name().empty()) options.name = first.name();
  ASSIGN_OR_RETURN(operation_, parts_.operations->Attend(
                                   {.kind = v1::Operation::IMPORT_SERIES,
                                    .subject = options.name,
                                    .request_id = ""}));
  importer_.emplace(parts_.store, format, std::move(options));
  return absl::OkStatus();
}

absl::StatusOr<v1::ImportSeriesResponse> SeriesImport::Finish() {
  // Without a message there is no format either.
  if (!importer_) RETURN_IF_ERROR(Begin(v1::ImportSeriesRequest()));
  absl::StatusOr<v1::ImportSeriesResponse> response = FinishImport();
  v1::Operation done;
  if (response.ok()) *done.mutable_import_series() = *response;
  operation_->End(response.status(), done);
  return response;
}

absl::StatusOr<v1::ImportSeriesResponse> SeriesImport::FinishImport() {
  RETURN_IF_ERROR(operation_->control().CheckAlive());
  ASSIGN_OR_RETURN(const store::ImportResult result, importer_->Finish());
  v1::ImportSeriesResponse response;
  v1::TransferCounts* counts = response.mutable_counts();
  counts->set_series(result.series);
  counts->set_vintages(result.vintages);
  counts->set_observations(result.observations);
  response.set_changed_observations(result.changed_observations);
  response.set_commits(result.commits);
  return response;
}

}  // namespace headway::service

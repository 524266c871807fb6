// AdminService.ExportSeries and ImportSeries: streams of text, at whose other
// end is a store::Exporter or a store::Importer. What is imported is committed
// as any data are, and wakes who watches.
#ifndef HEADWAY_DAEMON_SERVICE_ADMIN_TRANSFER_H_
#define HEADWAY_DAEMON_SERVICE_ADMIN_TRANSFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/operations/operations.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "daemon/service/calls/stream_source.h"
#include "daemon/service/calls/upload.h"
#include "daemon/store/store.h"
#include "daemon/store/transfer/export.h"
#include "daemon/store/transfer/import.h"
#include "headway/v1/admin.pb.h"

namespace headway::service {

// Leaves out, and counts, the series that are not shown to the caller. Shows
// one state of the store, however long it takes. That state holds back what
// commits overwrite since: so when a commit comes and the client has taken
// nothing for kPatience, it is let go, and the stream ends with an error as
// soon as the client reads on.
class SeriesExport final : public StreamSource<v1::ExportSeriesResponse> {
 public:
  static constexpr absl::Duration kPatience = absl::Minutes(5);

  ~SeriesExport() override;

  // `parts` must outlive the export.
  static absl::StatusOr<std::unique_ptr<StreamSource<v1::ExportSeriesResponse>>>
  Create(const Parts& parts, const Caller& caller,
         const v1::ExportSeriesRequest& request);

  // Has something to send until it ends, and needs no poke.
  std::string topic() const override { return ""; }
  absl::StatusOr<Step> Next() override;

 private:
  SeriesExport(const Parts& parts, std::unique_ptr<store::Reader> reader,
               store::ExportOptions options);

  // On the thread of a commit.
  void LetGoIfStalled();
  absl::StatusOr<Step> NextStep() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  absl::Mutex mutex_;
  // Both are gone once they were let go.
  std::unique_ptr<store::Reader> reader_ ABSL_GUARDED_BY(mutex_);
  std::optional<store::Exporter> exporter_ ABSL_GUARDED_BY(mutex_);
  // When the client was last given something.
  absl::Time given_ ABSL_GUARDED_BY(mutex_);
  // What was exported and not yet sent.
  std::string text_ ABSL_GUARDED_BY(mutex_);
  size_t sent_ ABSL_GUARDED_BY(mutex_) = 0;
  bool counted_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<store::Store::Subscription> subscription_;
};

// The first message says the format and the name, each brings text. An
// operation while it is under way: once that is cancelled, the next message
// ends the stream.
class SeriesImport final
    : public Upload<v1::ImportSeriesRequest, v1::ImportSeriesResponse> {
 public:
  // `parts` must outlive the import.
  static std::unique_ptr<
      Upload<v1::ImportSeriesRequest, v1::ImportSeriesResponse>>
  Create(const Parts& parts);

  absl::Status Add(const v1::ImportSeriesRequest& request) override;
  absl::StatusOr<v1::ImportSeriesResponse> Finish() override;

 private:
  explicit SeriesImport(const Parts& parts) : parts_(parts) {}
  absl::Status Begin(const v1::ImportSeriesRequest& first);
  absl::Status AddText(const std::string& text);
  absl::StatusOr<v1::ImportSeriesResponse> FinishImport();

  const Parts& parts_;
  std::optional<store::Importer> importer_;
  std::unique_ptr<operations::Attended> operation_;
  int64_t bytes_ = 0;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_ADMIN_TRANSFER_H_

// AdminService.ExportSeries and ImportSeries: streams of text, at whose other
// end is a store::Exporter or a store::Importer. What is imported is committed
// as any data are, and wakes who watches.
#ifndef HEADWAY_DAEMON_SERVICE_ADMIN_TRANSFER_H_
#define HEADWAY_DAEMON_SERVICE_ADMIN_TRANSFER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/thread_pool.h"
#include "daemon/service/calls/call_metrics.h"
#include "daemon/service/calls/parts.h"
#include "daemon/service/calls/watch_stream.h"
#include "daemon/store/transfer/export.h"
#include "daemon/store/transfer/import.h"
#include "grpcpp/support/server_callback.h"
#include "headway/v1/admin.pb.h"

namespace headway::service {

// Has something to send until it ends, and needs no poke.
class SeriesExport final : public WatchSource<v1::ExportSeriesResponse> {
 public:
  // `parts` must outlive the export.
  static absl::StatusOr<std::unique_ptr<WatchSource<v1::ExportSeriesResponse>>>
  Create(const Parts& parts, const v1::ExportSeriesRequest& request);

  absl::StatusOr<Step> Next() override;

 private:
  SeriesExport(std::unique_ptr<store::Reader> reader,
               store::ExportOptions options);

  const std::unique_ptr<store::Reader> reader_;
  store::Exporter exporter_;
  // What was exported and not yet sent.
  std::string text_;
  size_t sent_ = 0;
  bool counted_ = false;
};

// The reactor of a call; each message is worked off on the pool before the next
// is read, so that a fast client waits. A call that is cancelled commits
// nothing more.
class SeriesImport final
    : public grpc::ServerReadReactor<v1::ImportSeriesRequest> {
 public:
  // All must outlive the call. The reactor keeps itself.
  static grpc::ServerReadReactor<v1::ImportSeriesRequest>* Start(
      const Parts* parts, ThreadPool* pool, CallMetrics* metrics,
      grpc::CallbackServerContext* context, v1::ImportSeriesResponse* response);

  void OnReadDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  SeriesImport(const Parts* parts, ThreadPool* pool, CallMetrics* metrics,
               grpc::CallbackServerContext* context,
               v1::ImportSeriesResponse* response);

  // Takes a message, or the end; the stream's status if it is over with it.
  std::optional<absl::Status> Work(bool has_message);
  absl::Status Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status FinishImport() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishWith(const absl::Status& status);

  const Parts& parts_;
  ThreadPool& pool_;
  CallMetrics& metrics_;
  grpc::CallbackServerContext& context_;
  v1::ImportSeriesResponse& response_;
  const absl::Time start_;
  v1::ImportSeriesRequest request_;
  // One piece is worked on at a time: gRPC reads the next after the last. The
  // lock says so to those who do not see inside gRPC.
  absl::Mutex mutex_;
  std::optional<store::Importer> importer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_ADMIN_TRANSFER_H_

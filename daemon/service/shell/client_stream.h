// A client stream that fills an upload: each message is worked off on a thread
// before the next is read, so that a fast client waits. A call that is
// cancelled adds and finishes nothing more.
#ifndef HEADWAY_DAEMON_SERVICE_SHELL_CLIENT_STREAM_H_
#define HEADWAY_DAEMON_SERVICE_SHELL_CLIENT_STREAM_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/service/calls/methods.h"
#include "daemon/service/shell/shell.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace headway::service {

class ClientStream final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  // The reactor of a call, which keeps itself. `name` names the call in the
  // metrics. All that is given outlives the call.
  static grpc::ServerReadReactor<grpc::ByteBuffer>* Start(
      const Shell& shell, const std::string& name,
      const Methods::UploadMethod& method, grpc::CallbackServerContext* context,
      grpc::ByteBuffer* response);

  void OnReadDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  ClientStream(const Shell& shell, const std::string& name,
               const Methods::UploadMethod& method,
               grpc::CallbackServerContext* context,
               grpc::ByteBuffer* response);

  // Takes a message, or the end; the stream's status if it is over with it.
  std::optional<absl::Status> Work(bool has_message);
  absl::Status Add() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status FinishUpload() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishWith(const absl::Status& status);

  const Shell shell_;
  const std::string& name_;
  const Methods::UploadMethod& method_;
  grpc::CallbackServerContext& context_;
  grpc::ByteBuffer& response_;
  const absl::Time start_;
  grpc::ByteBuffer request_;
  // One piece is worked on at a time: gRPC reads the next after the last. The
  // lock says so to those who do not see inside gRPC.
  absl::Mutex mutex_;
  const std::unique_ptr<AnyUpload> upload_ ABSL_PT_GUARDED_BY(mutex_);
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SHELL_CLIENT_STREAM_H_

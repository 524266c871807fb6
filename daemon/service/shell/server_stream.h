// A server stream that costs no thread while there is nothing to send.
//
// Its source says what comes next; it is asked on the threads of its kind, one
// call at a time, when the stream was poked and the client has taken the last
// message. So one message is in memory for each stream, and a slow client sees
// several changes as one. A stream waits in the queue of its kind at most once,
// and the queue has room for all that may be open.
//
//                 Poke                    message
//      kIdle  ------------>  kQueued  ------------->  kWriting
//        ^                    |   ^                      |
//        +------ nothing -----+   +------ written -------+
//                             +-----> kFinished on an end, an error or a
//                                     cancelled call
//
// When the daemon stops, a watch tells what it has still to tell before it
// ends: what became of the run or operation that it watches.
#ifndef HEADWAY_DAEMON_SERVICE_SHELL_SERVER_STREAM_H_
#define HEADWAY_DAEMON_SERVICE_SHELL_SERVER_STREAM_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/service/calls/stream_source.h"
#include "daemon/service/shell/shell.h"
#include "daemon/service/shell/watch_hub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace headway::service {

class ServerStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                           public Watcher,
                           public std::enable_shared_from_this<ServerStream> {
 public:
  // The reactor of a call; it keeps itself until the call is done. `method`
  // names the call in the metrics, and outlives it. A source that could not be
  // opened ends the call with its status.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Start(
      const Shell& shell, const std::string& method, CallKind kind,
      absl::StatusOr<std::unique_ptr<AnyStreamSource>> source);

  // For make_shared; call Start.
  ServerStream(const Shell& shell, const std::string& method, CallKind kind);

  void Poke() override;
  void End(const absl::Status& status) override;

  void OnCancel() override;
  void OnWriteDone(bool ok) override;
  // The last call from gRPC. It never comes from within Finish: reactors of our
  // own are not inlined by gRPC.
  void OnDone() override;

 private:
  enum class State { kIdle, kQueued, kWriting, kFinished };

  // From kIdle, or after a message was written.
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Work();
  void GiveUp(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishWith(const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Shell shell_;
  const std::string& method_;
  const CallKind kind_;
  const absl::Time start_;
  // Used by Work alone, which never runs twice at a time.
  std::unique_ptr<AnyStreamSource> source_;

  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kIdle;
  // Something may be new since the source was last asked.
  bool poked_ ABSL_GUARDED_BY(mutex_) = false;
  // The stream ends with it when its source has nothing more to send.
  std::optional<absl::Status> ending_ ABSL_GUARDED_BY(mutex_);
  // It ends at once.
  bool gives_up_ ABSL_GUARDED_BY(mutex_) = false;
  // What is being written; gRPC reads it until OnWriteDone.
  grpc::ByteBuffer message_;

  std::shared_ptr<ServerStream> self_;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SHELL_SERVER_STREAM_H_

// The shell around every watch: a server stream that costs no thread while
// there is nothing to send.
//
// A WatchSource says what comes next; it is asked on the pool, one call at a
// time, when the stream was poked and the client has taken the last message.
// So one message is in memory for each stream, and a slow client sees several
// changes as one. A full pool ends the stream with RESOURCE_EXHAUSTED: the
// client comes back with its token.
//
//                 Poke                    message
//      kIdle  ------------>  kQueued  ------------->  kWriting
//        ^                    |   ^                      |
//        +------ nothing -----+   +------ written -------+
//                             +-----> kFinished on an end, an error, a
//                                     cancelled call or a stopping daemon
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_WATCH_STREAM_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_WATCH_STREAM_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/base/thread_pool.h"
#include "daemon/service/calls/call_metrics.h"
#include "daemon/service/calls/errors.h"
#include "daemon/service/calls/watch_hub.h"
#include "grpcpp/support/server_callback.h"

namespace headway::service {

template <typename Response>
class WatchSource {
 public:
  struct Step {
    // Absent: there is nothing to send until the next poke.
    std::optional<Response> message;
    // With no message: the stream is over, and all is well.
    bool end = false;
  };

  virtual ~WatchSource() = default;
  virtual absl::StatusOr<Step> Next() = 0;
};

struct WatchShell {
  WatchHub* hub = nullptr;
  ThreadPool* pool = nullptr;
  CallMetrics* metrics = nullptr;
};

template <typename Response>
class WatchStream final
    : public grpc::ServerWriteReactor<Response>,
      public Watcher,
      public std::enable_shared_from_this<WatchStream<Response>> {
 public:
  // The reactor of a call; it keeps itself until the call is done. `method` is
  // a literal. A source that could not be made ends the call with its status.
  static grpc::ServerWriteReactor<Response>* Start(
      const WatchShell& shell, absl::string_view method, std::string topic,
      absl::StatusOr<std::unique_ptr<WatchSource<Response>>> source) {
    auto stream = std::make_shared<WatchStream>(shell, method);
    stream->self_ = stream;
    shell.metrics->AddOpenStreams(1);
    absl::Status status = source.status();
    if (source.ok()) {
      stream->source_ = *std::move(source);
      status = shell.hub->Add(stream, std::move(topic));
    }
    if (status.ok()) {
      stream->Poke();
    } else {
      stream->End(status);
    }
    return stream.get();
  }

  // For make_shared; call Start.
  WatchStream(const WatchShell& shell, absl::string_view method)
      : shell_(shell), method_(method), start_(absl::Now()) {}

  void Poke() override {
    absl::MutexLock lock(&mutex_);
    poked_ = true;
    if (state_ == State::kIdle) Advance();
  }

  void End(const absl::Status& status) override {
    absl::MutexLock lock(&mutex_);
    if (!ending_.has_value()) ending_ = status;
    if (state_ == State::kIdle) Advance();
  }

  void OnCancel() override {
    End(absl::CancelledError("the call was cancelled"));
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    if (!ok && !ending_.has_value()) {
      ending_ = absl::CancelledError("the client went away");
    }
    Advance();
  }

  // gRPC's last word. Never called from within Finish: reactors of our own are
  // not inlined by it.
  void OnDone() override {
    shell_.hub->Remove(this);
    shell_.metrics->AddOpenStreams(-1);
    // May delete this.
    std::shared_ptr<WatchStream> self = std::move(self_);
  }

 private:
  enum class State { kIdle, kQueued, kWriting, kFinished };

  // From kIdle, or after a message was written.
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (ending_.has_value()) return FinishWith(*ending_);
    poked_ = false;
    state_ = State::kQueued;
    const absl::Status scheduled = shell_.pool->Schedule(
        [self = this->shared_from_this()] { self->Work(); });
    if (!scheduled.ok()) FinishWith(scheduled);
  }

  void Work() {
    absl::StatusOr<typename WatchSource<Response>::Step> step = source_->Next();
    absl::MutexLock lock(&mutex_);
    if (ending_.has_value()) return FinishWith(*ending_);
    if (!step.ok()) return FinishWith(step.status());
    if (step->message.has_value()) {
      message_ = *std::move(step->message);
      state_ = State::kWriting;
      this->StartWrite(&message_);
    } else if (step->end) {
      FinishWith(absl::OkStatus());
    } else if (poked_) {
      Advance();
    } else {
      state_ = State::kIdle;
    }
  }

  void FinishWith(const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    state_ = State::kFinished;
    shell_.metrics->Record(method_, status.code(), absl::Now() - start_);
    this->Finish(ToGrpcStatus(status));
  }

  const WatchShell shell_;
  const absl::string_view method_;
  const absl::Time start_;
  // Used by Work alone, which never runs twice at a time.
  std::unique_ptr<WatchSource<Response>> source_;

  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kIdle;
  // Something may be new since the source was last asked.
  bool poked_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> ending_ ABSL_GUARDED_BY(mutex_);
  // What is being written; gRPC reads it until OnWriteDone.
  Response message_;

  std::shared_ptr<WatchStream> self_;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_WATCH_STREAM_H_

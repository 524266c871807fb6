#include "daemon/service/shell/service.h"

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/base/status_macros.h"
#include "daemon/service/shell/client_stream.h"
#include "daemon/service/shell/server_stream.h"
#include "daemon/service/shell/wire.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace headway::service {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::RpcMethod;

absl::StatusOr<ByteBuffer> Answer(const Methods::UnaryMethod& method,
                                  const Parts& parts, const Call& call,
                                  ByteBuffer request) {
  RETURN_IF_ERROR(call.CheckAlive());
  const std::unique_ptr<Methods::Message> message(method.request->New());
  RETURN_IF_ERROR(ReadMessage(&request, message.get()));
  ASSIGN_OR_RETURN(const std::unique_ptr<Methods::Message> response,
                   method.handle(parts, call, *message));
  return WriteMessage(*response);
}

// What an answer is kept under. Not everybody is shown the same.
std::string AnswerKey(const std::string& label, const Caller& caller,
                      const ByteBuffer& request) {
  std::vector<grpc::Slice> slices;
  std::string key = label;
  key.push_back(caller.is_operator ? '\0' : '\1');
  if (!request.Dump(&slices).ok()) return key;
  for (const grpc::Slice& slice : slices) {
    key.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return key;
}

// Does what the code that protoc generates does, but for messages as bytes: the
// same few instances of gRPC's templates serve every method, where the
// generated code has some of its own for each and takes half a minute to
// compile.
class ShellService final : public grpc::Service {
 public:
  ShellService(Methods methods, const Shell& shell)
      : methods_(std::move(methods)), shell_(shell) {
    for (const Methods::UnaryMethod& method : methods_.unary()) {
      AddUnary(method);
    }
    for (const Methods::StreamMethod& method : methods_.streams()) {
      AddStream(method);
    }
    for (const Methods::UploadMethod& method : methods_.uploads()) {
      AddUpload(method);
    }
  }

 private:
  // Where an answer is to be kept.
  struct Kept {
    AnswerCache::Version version;
    std::string key;
  };

  void AddUnary(const Methods::UnaryMethod& method) {
    const std::string& label = AddLabel(method.name);
    Add(method.name, RpcMethod::NORMAL_RPC,
        new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
            [this, &method, &label](CallbackServerContext* context,
                                    const ByteBuffer* request,
                                    ByteBuffer* response) {
              return Run(method, label, context, request, response);
            }));
  }

  grpc::ServerUnaryReactor* Run(const Methods::UnaryMethod& method,
                                const std::string& label,
                                CallbackServerContext* context,
                                const ByteBuffer* request,
                                ByteBuffer* response) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const absl::Time start = absl::Now();
    // gRPC keeps context, request and response until Finish.
    auto finish = [this, &label, reactor, start](const absl::Status& status) {
      shell_.metrics->Record(label, status.code(), absl::Now() - start);
      reactor->Finish(ToGrpcStatus(status));
    };
    Kept kept;
    if (method.traits.is_kept) {
      kept.key = AnswerKey(label, ToCaller(*context), *request);
      AnswerCache::Lookup found = shell_.answers->Find(kept.key);
      if (found.answer.has_value()) {
        *response = *std::move(found.answer);
        finish(absl::OkStatus());
        return reactor;
      }
      kept.version = std::move(found.version);
    }
    const absl::Status scheduled = shell_.pools->Schedule(
        method.traits.kind, [this, &method, context, request, response, finish,
                             kept = std::move(kept)]() mutable {
          absl::StatusOr<ByteBuffer> answer =
              Answer(method, *shell_.parts, ToCall(context), *request);
          const absl::Status status = answer.status();
          if (answer.ok()) *response = *std::move(answer);
          if (status.ok() && method.traits.is_kept) {
            shell_.answers->Keep(kept.version, std::move(kept.key), *response);
          }
          finish(status);
        });
    if (!scheduled.ok()) finish(scheduled);
    return reactor;
  }

  void AddStream(const Methods::StreamMethod& method) {
    const std::string& label = AddLabel(method.name);
    Add(method.name, RpcMethod::SERVER_STREAMING,
        new grpc::internal::CallbackServerStreamingHandler<ByteBuffer,
                                                           ByteBuffer>(
            [this, &method, &label](CallbackServerContext* context,
                                    const ByteBuffer* request) {
              return ServerStream::Start(
                  shell_, label, method.kind,
                  Open(method, ToCaller(*context), *request));
            }));
  }

  absl::StatusOr<std::unique_ptr<AnyStreamSource>> Open(
      const Methods::StreamMethod& method, const Caller& caller,
      ByteBuffer request) {
    const std::unique_ptr<Methods::Message> message(method.request->New());
    RETURN_IF_ERROR(ReadMessage(&request, message.get()));
    return method.open(*shell_.parts, caller, *message);
  }

  void AddUpload(const Methods::UploadMethod& method) {
    const std::string& label = AddLabel(method.name);
    Add(method.name, RpcMethod::CLIENT_STREAMING,
        new grpc::internal::CallbackClientStreamingHandler<ByteBuffer,
                                                           ByteBuffer>(
            [this, &method, &label](CallbackServerContext* context,
                                    ByteBuffer* response) {
              return ClientStream::Start(shell_, label, method, context,
                                         response);
            }));
  }

  // Takes the handler.
  void Add(const std::string& name, RpcMethod::RpcType type,
           grpc::internal::MethodHandler* handler) {
    const std::string& path = texts_.emplace_back(
        absl::StrCat("/", FullServiceName(methods_), "/", name));
    AddMethod(
        new grpc::internal::RpcServiceMethod(path.c_str(), type, nullptr));
    MarkMethodRawCallback(count_++, handler);
  }

  // "SeriesService/ReadSeries", as metrics name the method.
  const std::string& AddLabel(const std::string& name) {
    return texts_.emplace_back(absl::StrCat(methods_.service(), "/", name));
  }

  const Methods methods_;
  const Shell shell_;
  int count_ = 0;
  // gRPC and the calls hold on to these; a deque never moves them.
  std::deque<std::string> texts_;
};

}  // namespace

std::string FullServiceName(const Methods& methods) {
  return absl::StrCat("headway.v1.", methods.service());
}

std::unique_ptr<grpc::Service> MakeService(Methods methods,
                                           const Shell& shell) {
  return std::make_unique<ShellService>(std::move(methods), shell);
}

}  // namespace headway::service

#include "tools/bench/rpc/caller.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc/impl/codegen/grpc_types.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/channel_arguments.h"
#include "tools/bench/measure.h"

namespace headway::bench {
namespace {

using grpc::ByteBuffer;

ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return ByteBuffer(&slice, 1);
}

std::string ToString(const ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// A call under way.
struct Slot {
  grpc::GenericStub* stub = nullptr;
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  ByteBuffer response;
  grpc::Status status;
  Stopwatch watch;

  void Start(const Question& question, const ByteBuffer& request,
             absl::Duration patience, grpc::CompletionQueue* queue) {
    context.emplace();
    context->set_deadline(absl::ToChronoTime(absl::Now() + patience));
    response.Clear();
    watch = Stopwatch();
    reader = stub->PrepareUnaryCall(&*context, question.method, request, queue);
    reader->StartCall();
    reader->Finish(&response, &status, this);
  }
};

void Record(const Slot& slot, Calls& calls) {
  if (slot.status.ok()) {
    calls.latencies.push_back(slot.watch.Seconds());
    return;
  }
  if (calls.failures++ == 0) calls.first_error = slot.status.error_message();
}

}  // namespace

std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& address,
                                                    int count) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(-1);
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < count; ++i) {
    channels.push_back(grpc::CreateCustomChannel(
        address, grpc::InsecureChannelCredentials(), arguments));
  }
  return channels;
}

absl::Status ToStatus(const grpc::Status& status, absl::string_view what) {
  if (status.ok()) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      absl::StrCat(what, ": ", status.error_message()));
}

Question MakeQuestion(absl::string_view service, absl::string_view method,
                      const google::protobuf::Message& request) {
  return {absl::StrCat("/headway.v1.", service, "/", method),
          request.SerializeAsString()};
}

void Calls::Add(const Calls& more) {
  seconds += more.seconds;
  if (failures == 0) first_error = more.first_error;
  failures += more.failures;
  latencies.insert(latencies.end(), more.latencies.begin(),
                   more.latencies.end());
}

double Calls::PerSecond() const {
  return seconds > 0 ? static_cast<double>(latencies.size()) / seconds : 0;
}

double Calls::LatencyMs(double share) const {
  return 1000 * Percentile(latencies, share);
}

Caller::Caller(const std::string& address, int channels,
               absl::Duration patience)
    : patience_(patience) {
  for (const auto& channel : Connect(address, channels)) {
    stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
}

absl::StatusOr<std::string> Caller::Ask(const Question& question) {
  grpc::CompletionQueue queue;
  Slot slot{.stub = stubs_[0].get()};
  slot.Start(question, ToBuffer(question.request), patience_, &queue);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!slot.status.ok()) return ToStatus(slot.status, question.method);
  return ToString(slot.response);
}

Calls Caller::Run(const Question& question, int in_flight, double seconds) {
  const ByteBuffer request = ToBuffer(question.request);
  grpc::CompletionQueue queue;
  std::vector<Slot> slots(in_flight);
  Calls calls;
  const Stopwatch watch;
  for (int i = 0; i < in_flight; ++i) {
    slots[i].stub = stubs_[i % stubs_.size()].get();
    slots[i].Start(question, request, patience_, &queue);
  }
  int under_way = in_flight;
  void* tag = nullptr;
  bool ok = false;
  while (under_way > 0 && queue.Next(&tag, &ok)) {
    Slot& slot = *static_cast<Slot*>(tag);
    Record(slot, calls);
    if (watch.Seconds() < seconds) {
      slot.Start(question, request, patience_, &queue);
    } else {
      --under_way;
    }
  }
  calls.seconds = watch.Seconds();
  return calls;
}

}  // namespace headway::bench

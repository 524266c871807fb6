#include "tools/headway/base/client.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/messages/errors.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

// A daemon's answer may be a whole series list; it bounds what it sends itself.
constexpr int kMaxMessageBytes = 256 << 20;

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // http_proxy is set for the web; a daemon is on this machine or near it.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                   arguments);
}

// A line for each field at fault, from google.rpc.BadRequest.
std::string FieldViolations(const grpc::Status& status) {
  v1::RpcStatus rpc;
  std::string lines;
  if (!rpc.ParseFromString(status.error_details())) return lines;
  for (const auto& detail : rpc.details()) {
    v1::BadRequest bad;
    if (!messages::UnpackDetail(detail, &bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      // The message often is the first violation itself.
      const std::string line =
          absl::StrCat(violation.field(), ": ", violation.description());
      if (line == status.error_message()) continue;
      absl::StrAppend(&lines, "\n  ", line);
    }
  }
  return lines;
}

}  // namespace

Client::Client(Options options)
    : options_(std::move(options)),
      channel_(Connect(options_.address)),
      health_(grpc::health::v1::Health::NewStub(channel_)),
      admin_(AdminService::NewStub(channel_)),
      series_(SeriesService::NewStub(channel_)),
      indicators_(IndicatorService::NewStub(channel_)),
      forecasts_(ForecastService::NewStub(channel_)),
      pipelines_(PipelineService::NewStub(channel_)),
      plugins_(PluginService::NewStub(channel_)),
      operations_(OperationService::NewStub(channel_)),
      evidence_(EvidenceService::NewStub(channel_)) {}

std::chrono::system_clock::time_point Client::Deadline() const {
  return absl::ToChronoTime(absl::Now() + options_.timeout);
}

std::string Client::NoDaemonMessage(const std::string& reason) const {
  return absl::StrCat(
      "no daemon answers at ", options_.address, " (", reason, ")\n",
      "  start one:       headwayd --data-dir DIR --pipelines DIR --listen ",
      options_.address, "\n",
      "  or name another: headway --address HOST:PORT, or HEADWAY_ADDRESS");
}

absl::Status Client::ToStatus(const grpc::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  // A daemon may answer UNAVAILABLE too, but then there is a connection.
  if (code == absl::StatusCode::kUnavailable &&
      channel_->GetState(false) != GRPC_CHANNEL_READY) {
    return absl::UnavailableError(NoDaemonMessage(status.error_message()));
  }
  if (code == absl::StatusCode::kDeadlineExceeded) {
    return absl::DeadlineExceededError(
        absl::StrCat("the daemon at ", options_.address,
                     " did not answer within ", FormatElapsed(options_.timeout),
                     "; give it longer with --timeout SECONDS"));
  }
  if (code == absl::StatusCode::kUnimplemented) {
    return absl::UnimplementedError(
        absl::StrCat("the daemon at ", options_.address,
                     " does not know this request: ", status.error_message(),
                     "; its version differs from that of this program"));
  }
  return absl::Status(code, absl::StrCat(status.error_message().empty()
                                             ? absl::StatusCodeToString(code)
                                             : status.error_message(),
                                         FieldViolations(status)));
}

Client MakeClient(const Context& context) {
  return Client({.address = context.address,
                 .timeout = absl::Seconds(context.timeout_seconds)});
}

}  // namespace headway::cli

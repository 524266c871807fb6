#include "daemon/service/server.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/health/health.h"
#include "daemon/operations/operations.h"
#include "daemon/pipeline/manager.h"
#include "daemon/service/admin/service.h"
#include "daemon/service/calls/stream_source.h"
#include "daemon/service/evidence/service.h"
#include "daemon/service/forecast/service.h"
#include "daemon/service/indicator/service.h"
#include "daemon/service/operation/service.h"
#include "daemon/service/pipeline/service.h"
#include "daemon/service/plugin/service.h"
#include "daemon/service/series/service.h"
#include "daemon/service/shell/service.h"
#include "grpc/impl/codegen/grpc_types.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"

namespace headway::service {
namespace {

constexpr int kMaxRequestBytes = 16 << 20;
constexpr int kMaxResponseBytes = 64 << 20;
// Besides watches, which may all come over one connection: gRPC lets a client
// wait in silence for a stream that is one too many.
constexpr int kCallsPerConnection = 256;
constexpr std::chrono::seconds kGrace(5);

constexpr size_t kKeptAnswerBytes = size_t{64} << 20;

std::map<CallKind, ThreadPool::Options> PoolOptions(
    const Server::Options& options) {
  const ThreadPool::Options short_calls = {.threads = options.threads,
                                           .max_queued = options.max_queued};
  const ThreadPool::Options long_calls = {
      .threads = 2, .max_queued = options.max_queued, .niceness = kBackground};
  // A processor is left to those who are to wait for milliseconds: a scheduler
  // lets even a nice thread finish its slice.
  ThreadPool::Options computing = long_calls;
  computing.threads =
      std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
  return {{CallKind::kRead, short_calls},
          {CallKind::kWrite, short_calls},
          {CallKind::kCompute, computing},
          {CallKind::kPlugin, long_calls},
          {CallKind::kTransfer, long_calls},
          // Each watch waits for a thread at most once.
          {CallKind::kWatch,
           {.threads = 2, .max_queued = 2 * options.max_watches + 1}}};
}

// The services of the API, a room each.
std::vector<Methods> AllMethods() {
  return {SeriesMethods(),    IndicatorMethods(), ForecastMethods(),
          PipelineMethods(),  PluginMethods(),    AdminMethods(),
          OperationMethods(), EvidenceMethods()};
}

void SetLimits(const Server::Options& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.SetMaxSendMessageSize(kMaxResponseBytes);
  builder.AddChannelArgument(
      GRPC_ARG_MAX_CONCURRENT_STREAMS,
      2 * static_cast<int>(options.max_watches) + kCallsPerConnection);
  // Finds out that the client of an idle watch is gone, and lets clients find
  // out the same of us, no oftener than every ten seconds.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10000);
  // Otherwise two daemons share a port, and clients reach either by chance.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

Server::Server(const Options& options, const Parts& parts)
    : parts_(parts),
      hub_(options.max_watches),
      answers_(kKeptAnswerBytes,
               [store = parts.store, pipelines = parts.pipelines] {
                 return AnswerCache::Version{store->last_commit(),
                                             pipelines->definitions()};
               }),
      pools_(PoolOptions(options)) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options,
                                                      const Parts& parts) {
  std::unique_ptr<Server> server(new Server(options, parts));
  WatchHub* hub = &server->hub_;
  // Ledgers and checkpoints change nothing that is watched.
  server->commits_ =
      parts.store->Subscribe([hub](const store::CommitNotice& notice) {
        if (notice.kind == store::CommitKind::kSeries) {
          hub->Poke(kCommitTopic);
        }
      });
  server->runs_ = parts.pipelines->ledger().Subscribe(
      [hub](const v1::Run& run) { hub->Poke(run.name()); });
  server->operations_ = parts.operations->Subscribe(
      [hub](const v1::Operation& operation) { hub->Poke(operation.name()); });
  // After the listeners, so that the first watch misses nothing.
  RETURN_IF_ERROR(server->Listen(options));
  return server;
}

absl::Status Server::Listen(const Options& options) {
  const ListenAddress& listen = options.listen;
  // gRPC does not say why it cannot listen; this does.
  RETURN_IF_ERROR(CheckFree(listen));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::channelz::experimental::InitChannelzService();
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  int port = 0;
  builder.AddListeningPort(listen.ToString(), grpc::InsecureServerCredentials(),
                           &port);
  const Shell shell = {.parts = &parts_,
                       .pools = &pools_,
                       .answers = &answers_,
                       .metrics = &metrics_,
                       .hub = &hub_};
  const std::vector<Methods> all = AllMethods();
  for (const Methods& methods : all) {
    services_.push_back(MakeService(methods, shell));
    builder.RegisterService(services_.back().get());
  }
  pools_.Start();
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", listen.ToString(), "; choose another address"));
  }
  Tell(*parts_.health->last());
  parts_.health->SetListener(
      [this](const v1::Health& health) { Tell(health); });
  ListenAddress bound = listen;
  if (!bound.is_unix()) bound.port = port;
  address_ = bound.ToString();
  return absl::OkStatus();
}

void Server::Tell(const v1::Health& health) {
  // All services need the store.
  const bool serves = health.state() != v1::Health::FAILING;
  server_->GetHealthCheckService()->SetServingStatus(serves);
  for (const Methods& methods : AllMethods()) {
    server_->GetHealthCheckService()->SetServingStatus(FullServiceName(methods),
                                                       serves);
  }
}

void Server::PokeWatches() { hub_.Poke(kCommitTopic); }

std::shared_ptr<const v1::Health> Server::health() const {
  return parts_.health->last();
}

Server::~Server() { Shutdown(); }

std::shared_ptr<grpc::Channel> Server::InProcessChannel() {
  grpc::ChannelArguments arguments;
  // What may be sent is received; by default it would be 4 MiB.
  arguments.SetMaxReceiveMessageSize(kMaxResponseBytes);
  return server_->InProcessChannel(arguments);
}

void Server::Shutdown() {
  if (server_ == nullptr) return;
  parts_.health->SetListener(nullptr);
  hub_.EndAll(absl::UnavailableError("the daemon is shutting down"));
  server_->GetHealthCheckService()->Shutdown();
  server_->Shutdown(std::chrono::system_clock::now() + kGrace);
}

}  // namespace headway::service

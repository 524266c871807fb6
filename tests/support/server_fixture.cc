#include "tests/support/server_fixture.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/util/time_util.h"
#include "tests/support/files.h"
#include "tests/support/plugin_scripts.h"

namespace headway::service {
namespace {

constexpr char kPipelines[] = R"text(
pipeline {
  name: "harbour"
  title: "Harbour traffic"
  schedule { cron: "0 6 * * *" }
  source { name: "ship-count" plugin: "ships" }
  indicator {
    name: "ships_in_harbour"
    title: "Ships in harbour"
    meaning: "How busy the harbour is."
    expression: "sum(ships)"
    unit: "1"
    topic: "sea trade"
    forecast { method: "naive" horizon: 3 bounds: BOUNDS_NON_NEGATIVE }
  }
}
pipeline {
  name: "push"
  title: "What programs push"
  indicator {
    name: "cargo"
    title: "Cargo by port"
    expression: "sum by (port) (cargo_tonnes)"
    unit: "tonne"
    topic: "sea trade"
    forecast { disabled: true }
  }
  indicator {
    name: "cargo_growth"
    title: "Change of cargo"
    expression: "diff(cargo)"
    unit: "tonne"
    topic: "growth"
    forecast { disabled: true }
  }
  indicator {
    name: "wages"
    title: "Wages paid"
    expression: "sum(wage_usd)"
    unit: "USD"
    topic: "work"
    forecast { disabled: true }
  }
}
pipeline {
  name: "gated"
  source { name: "gate-source" plugin: "gate" }
}
pipeline {
  name: "broken"
  schedule { cron: "every day" }
  indicator { name: "lost" expression: "sum(" unit: "1" }
}
)text";

// Counts of 24 months, which rise by one.
std::string ShipsPlugin() {
  std::string periods, values;
  for (int i = 0; i < 24; ++i) {
    absl::StrAppend(&periods, i ? "," : "", "\"", 2023 + i / 12, "-",
                    i % 12 < 9 ? "0" : "", i % 12 + 1, "\"");
    absl::StrAppend(&values, i ? "," : "", 10 + i);
  }
  return ShellPlugin(
      "ships",
      absl::StrCat(
          "case $1 in check) echo '{\"check\":{\"ok\":true,\"message\":"
          "\"one harbour\"}}';;\nread)\n"
          "echo '{\"series\":{\"id\":\"s\",\"metric\":\"ships\",\"labels\":{"
          "\"harbour\":\"H\"},\"frequency\":\"MONTHLY\",\"unit\":\"1\"}}'\n"
          "echo '{\"observations\":{\"series\":\"s\",\"periods\":[",
          periods, "],\"values\":[", values,
          "]}}'\necho '{\"checkpoint\":{}}';;\nesac"),
      R"(,"summary":"Counts ships.","hosts":["harbour.example"])"
      R"(,"config":[{"name":"berth","description":"Which berth."}])");
}

std::string GatePlugin(const TempDirectory& directory) {
  return ShellPlugin(
      "gate", absl::StrCat("echo $$ > ", directory.Join("gate_pid.new"),
                           "\nmv ", directory.Join("gate_pid.new"), " ",
                           directory.Join("gate_pid"), "\nwhile [ ! -e ",
                           directory.Join("gate_open"),
                           " ]; do sleep 0.02; done\n"
                           "if [ $1 = check ]; then echo '{\"check\":{\"ok\":"
                           "true}}'; else echo '{\"checkpoint\":{}}'; fi"));
}

template <typename Detail>
std::string Unpack(const grpc::Status& status, const std::string& name,
                   Detail* detail) {
  v1::RpcStatus details;
  if (!details.ParseFromString(status.error_details())) return "no status";
  if (details.code() != status.error_code() ||
      details.message() != status.error_message()) {
    return "another status in the details";
  }
  for (const auto& any : details.details()) {
    if (any.type_url() == "type.googleapis.com/google.rpc." + name) {
      return detail->ParseFromString(any.value()) ? "" : "garbage";
    }
  }
  return absl::StrCat("no ", name, " in ", status.error_message());
}

}  // namespace

std::string ViolationOf(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::INVALID_ARGUMENT) {
    return absl::StrCat("code ", status.error_code(), ": ",
                        status.error_message());
  }
  v1::BadRequest detail;
  std::string problem = Unpack(status, "BadRequest", &detail);
  if (!problem.empty()) return problem;
  if (detail.field_violations_size() != 1) return "not one violation";
  return absl::StrCat(detail.field_violations(0).field(), ": ",
                      detail.field_violations(0).description());
}

std::string ReasonOf(const grpc::Status& status) {
  v1::ErrorInfo detail;
  std::string problem = Unpack(status, "ErrorInfo", &detail);
  if (!problem.empty()) return problem;
  return detail.domain() == "headway" ? detail.reason() : "another domain";
}

grpc::Status EndStatus(const v1::Operation& operation) {
  if (operation.state() == v1::Operation::SUCCEEDED) return grpc::Status::OK;
  const v1::RpcStatus& error = operation.error();
  return {static_cast<grpc::StatusCode>(error.code()), error.message(),
          error.SerializeAsString()};
}

google::protobuf::Timestamp Midnight(const std::string& date) {
  google::protobuf::Timestamp time;
  EXPECT_TRUE(
      google::protobuf::util::TimeUtil::FromString(date + "T00:00:00Z", &time));
  return time;
}

ServerTest::ServerTest() {
  std::filesystem::create_directory(directory_.Join("plugins"));
  std::filesystem::create_directory(directory_.Join("pipelines"));
  WriteFile(directory_.Join("pipelines/test.textproto"), kPipelines);
  WriteExecutable(directory_.Join("plugins/ships"), ShipsPlugin());
  WriteExecutable(directory_.Join("plugins/gate"), GatePlugin(directory_));
  StartDaemon();
}

void ServerTest::StartDaemon() {
  store_ = store::Store::Open(directory_.Join("store"), &clock_, {}).value();
  plugins_ = std::make_unique<ingest::PluginHost>(
      ingest::PluginHost::Options{.directories = {directory_.Join("plugins")}},
      &clock_, store_.get());
  manager_options_.pipelines_directory = directory_.Join("pipelines");
  manager_ = pipeline::PipelineManager::Create(manager_options_, &clock_,
                                               store_.get(), plugins_.get())
                 .value();
  EXPECT_TRUE(manager_->Recover().ok());
  manager_->Start();
  maintenance_ = std::make_unique<Maintenance>(
      store_.get(),
      Maintenance::Options{.backup_directory = directory_.Join("backups"),
                           .keep_backups = 3});
  health_ = std::make_unique<health::Health>(
      &clock_, health::Subjects{.store = store_.get(),
                                .pipelines = manager_.get(),
                                .plugins = plugins_.get()});
  operations_ =
      operations::Operations::Create(store_.get(), &clock_, {}).value();
  StartServer(4, 100);
}

void ServerTest::StopDaemon() {
  server_.reset();
  operations_.reset();
  health_.reset();
  maintenance_.reset();
  manager_.reset();
  plugins_.reset();
  store_.reset();
}

ServerTest::~ServerTest() { OpenGate(); }

void ServerTest::Redefine(const std::string& from, const std::string& to) {
  const std::string file = directory_.Join("pipelines/test.textproto");
  WriteFile(file, absl::StrReplaceAll(ReadFile(file), {{from, to}}));
  ASSERT_TRUE(manager_->Reload().ok());
}

void ServerTest::StartServer(int threads, size_t max_queued,
                             size_t max_watches) {
  server_.reset();
  Server::Options options;
  options.listen =
      ParseListenAddress(absl::StrCat("unix:", directory_.Join("socket")))
          .value();
  options.threads = threads;
  options.max_queued = max_queued;
  options.max_watches = max_watches;
  auto server = Server::Start(options, {.clock = &clock_,
                                        .store = store_.get(),
                                        .plugins = plugins_.get(),
                                        .pipelines = manager_.get(),
                                        .maintenance = maintenance_.get(),
                                        .operations = operations_.get(),
                                        .health = health_.get()});
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  grpc::ChannelArguments own_connection;
  own_connection.SetInt("grpc.use_local_subchannel_pool", 1);
  channel_ = grpc::CreateCustomChannel(
      server_->address(), grpc::InsecureChannelCredentials(), own_connection);
  series_ = v1::SeriesService::NewStub(channel_);
  indicators_ = v1::IndicatorService::NewStub(channel_);
  forecasts_ = v1::ForecastService::NewStub(channel_);
  pipelines_ = v1::PipelineService::NewStub(channel_);
  plugin_service_ = v1::PluginService::NewStub(channel_);
  admin_ = v1::AdminService::NewStub(channel_);
  operation_service_ = v1::OperationService::NewStub(channel_);
  evidence_ = v1::EvidenceService::NewStub(channel_);
}

void ServerTest::Write(
    const std::string& metric, const std::string& port,
    const std::vector<std::pair<std::string, double>>& values,
    const std::string& known_on) {
  v1::WriteObservationsRequest request;
  request.set_source("test");
  if (!known_on.empty()) *request.mutable_known_at() = Midnight(known_on);
  auto* batch = request.add_batches();
  batch->set_metric(metric);
  (*batch->mutable_labels())["port"] = port;
  batch->set_frequency(v1::MONTHLY);
  batch->set_unit(metric == "wage_usd" ? "USD" : "tonne");
  for (const auto& [period, value] : values) {
    auto* observation = batch->add_observations();
    observation->set_period(period);
    observation->set_value(value);
  }
  v1::WriteObservationsResponse response;
  const grpc::Status status =
      Ask(*series_, &v1::SeriesService::Stub::WriteObservations, request,
          &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
}

v1::Indicator ServerTest::GetIndicator(const std::string& name) {
  v1::GetIndicatorRequest request;
  request.set_name(name);
  v1::Indicator indicator;
  const grpc::Status status =
      Ask(*indicators_, &v1::IndicatorService::Stub::GetIndicator, request,
          &indicator);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return indicator;
}

v1::Run ServerTest::RunToEnd(const std::string& pipeline) {
  v1::RunPipelineRequest start;
  start.set_name(pipeline);
  v1::Run run;
  const grpc::Status status =
      Ask(*pipelines_, &v1::PipelineService::Stub::RunPipeline, start, &run);
  EXPECT_TRUE(status.ok()) << status.error_message();
  v1::WatchRunRequest watch;
  watch.set_name(run.name());
  grpc::ClientContext context;
  const auto reader = pipelines_->WatchRun(&context, watch);
  while (reader->Read(&run)) {
  }
  EXPECT_TRUE(reader->Finish().ok());
  return run;
}

v1::Operation ServerTest::AwaitEnd(const std::string& name) {
  v1::WatchOperationRequest watch;
  watch.set_name(name);
  grpc::ClientContext context;
  const auto reader = operation_service_->WatchOperation(&context, watch);
  v1::Operation operation;
  while (reader->Read(&operation)) {
  }
  EXPECT_TRUE(reader->Finish().ok());
  return operation;
}

std::string ServerTest::SeriesName(const std::string& metric) {
  v1::ListSeriesRequest request;
  request.set_filter(metric);
  v1::ListSeriesResponse response;
  const grpc::Status status =
      Ask(*series_, &v1::SeriesService::Stub::ListSeries, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.series_size(), 1);
  return response.series_size() > 0 ? response.series(0).name() : "";
}

bool ServerTest::GateReached() const {
  return std::filesystem::exists(directory_.Join("gate_pid"));
}

void ServerTest::OpenGate() { WriteFile(directory_.Join("gate_open"), ""); }

}  // namespace headway::service

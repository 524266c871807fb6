#include "daemon/service/services.h"

#include <string>
#include <utility>

#include "daemon/service/admin/handlers.h"
#include "daemon/service/admin/transfer.h"
#include "daemon/service/forecast/handlers.h"
#include "daemon/service/indicator/handlers.h"
#include "daemon/service/indicator/watch.h"
#include "daemon/service/pipeline/handlers.h"
#include "daemon/service/pipeline/run_watch.h"
#include "daemon/service/plugin/documents.h"
#include "daemon/service/plugin/handlers.h"
#include "daemon/service/series/handlers.h"
#include "headway/v1/admin.grpc.pb.h"
#include "headway/v1/forecast.grpc.pb.h"
#include "headway/v1/indicator.grpc.pb.h"
#include "headway/v1/pipeline.grpc.pb.h"
#include "headway/v1/plugin.grpc.pb.h"
#include "headway/v1/series.grpc.pb.h"

namespace headway::service {
namespace {

using Context = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;

class SeriesCalls final : public v1::SeriesService::CallbackService {
 public:
  explicit SeriesCalls(UnaryShell* unary) : unary_(*unary) {}

  Reactor* ListSeries(Context* context, const v1::ListSeriesRequest* request,
                      v1::ListSeriesResponse* response) override {
    return unary_.Run("SeriesService/ListSeries", context, request, response,
                      service::ListSeries);
  }
  Reactor* GetSeries(Context* context, const v1::GetSeriesRequest* request,
                     v1::Series* response) override {
    return unary_.Run("SeriesService/GetSeries", context, request, response,
                      service::GetSeries);
  }
  Reactor* ReadSeries(Context* context, const v1::ReadSeriesRequest* request,
                      v1::ReadSeriesResponse* response) override {
    return unary_.Run("SeriesService/ReadSeries", context, request, response,
                      service::ReadSeries);
  }
  Reactor* ListVintages(Context* context,
                        const v1::ListVintagesRequest* request,
                        v1::ListVintagesResponse* response) override {
    return unary_.Run("SeriesService/ListVintages", context, request, response,
                      service::ListVintages);
  }
  Reactor* ListRevisions(Context* context,
                         const v1::ListRevisionsRequest* request,
                         v1::ListRevisionsResponse* response) override {
    return unary_.Run("SeriesService/ListRevisions", context, request, response,
                      service::ListRevisions);
  }
  Reactor* ReadTriangle(Context* context,
                        const v1::ReadTriangleRequest* request,
                        v1::ReadTriangleResponse* response) override {
    return unary_.Run("SeriesService/ReadTriangle", context, request, response,
                      service::ReadTriangle);
  }
  Reactor* Query(Context* context, const v1::QueryRequest* request,
                 v1::QueryResponse* response) override {
    return unary_.Run("SeriesService/Query", context, request, response,
                      service::Query);
  }
  Reactor* WriteObservations(Context* context,
                             const v1::WriteObservationsRequest* request,
                             v1::WriteObservationsResponse* response) override {
    return unary_.Run("SeriesService/WriteObservations", context, request,
                      response, service::WriteObservations);
  }

 private:
  UnaryShell& unary_;
};

class IndicatorCalls final : public v1::IndicatorService::CallbackService {
 public:
  IndicatorCalls(const Parts* parts, UnaryShell* unary, const WatchShell& watch)
      : parts_(*parts), unary_(*unary), watch_(watch) {}

  Reactor* ListIndicators(Context* context,
                          const v1::ListIndicatorsRequest* request,
                          v1::ListIndicatorsResponse* response) override {
    return unary_.Run("IndicatorService/ListIndicators", context, request,
                      response, service::ListIndicators);
  }
  Reactor* GetIndicator(Context* context,
                        const v1::GetIndicatorRequest* request,
                        v1::Indicator* response) override {
    return unary_.Run("IndicatorService/GetIndicator", context, request,
                      response, service::GetIndicator);
  }
  Reactor* ReadIndicator(Context* context,
                         const v1::ReadIndicatorRequest* request,
                         v1::ReadIndicatorResponse* response) override {
    return unary_.Run("IndicatorService/ReadIndicator", context, request,
                      response, service::ReadIndicator);
  }

  grpc::ServerWriteReactor<v1::WatchIndicatorsResponse>* WatchIndicators(
      Context*, const v1::WatchIndicatorsRequest* request) override {
    return WatchStream<v1::WatchIndicatorsResponse>::Start(
        watch_, "IndicatorService/WatchIndicators", kCommitTopic,
        IndicatorWatch::Create(parts_, *request));
  }

 private:
  const Parts& parts_;
  UnaryShell& unary_;
  const WatchShell watch_;
};

class ForecastCalls final : public v1::ForecastService::CallbackService {
 public:
  explicit ForecastCalls(UnaryShell* unary) : unary_(*unary) {}

  Reactor* GetForecast(Context* context, const v1::GetForecastRequest* request,
                       v1::GetForecastResponse* response) override {
    return unary_.Run("ForecastService/GetForecast", context, request, response,
                      service::GetForecast);
  }
  Reactor* ListForecasts(Context* context,
                         const v1::ListForecastsRequest* request,
                         v1::ListForecastsResponse* response) override {
    return unary_.Run("ForecastService/ListForecasts", context, request,
                      response, service::ListForecasts);
  }
  Reactor* GetTrackRecord(Context* context,
                          const v1::GetTrackRecordRequest* request,
                          v1::GetTrackRecordResponse* response) override {
    return unary_.Run("ForecastService/GetTrackRecord", context, request,
                      response, service::GetTrackRecord);
  }
  Reactor* ComputeForecast(Context* context,
                           const v1::ComputeForecastRequest* request,
                           v1::ComputeForecastResponse* response) override {
    return unary_.Run("ForecastService/ComputeForecast", context, request,
                      response, service::ComputeForecast);
  }

 private:
  UnaryShell& unary_;
};

class PipelineCalls final : public v1::PipelineService::CallbackService {
 public:
  PipelineCalls(const Parts* parts, UnaryShell* unary, const WatchShell& watch)
      : parts_(*parts), unary_(*unary), watch_(watch) {}

  Reactor* ListPipelines(Context* context,
                         const v1::ListPipelinesRequest* request,
                         v1::ListPipelinesResponse* response) override {
    return unary_.Run("PipelineService/ListPipelines", context, request,
                      response, service::ListPipelines);
  }
  Reactor* GetPipeline(Context* context, const v1::GetPipelineRequest* request,
                       v1::Pipeline* response) override {
    return unary_.Run("PipelineService/GetPipeline", context, request, response,
                      service::GetPipeline);
  }
  Reactor* RunPipeline(Context* context, const v1::RunPipelineRequest* request,
                       v1::Run* response) override {
    return unary_.Run("PipelineService/RunPipeline", context, request, response,
                      service::RunPipeline);
  }
  Reactor* GetRun(Context* context, const v1::GetRunRequest* request,
                  v1::Run* response) override {
    return unary_.Run("PipelineService/GetRun", context, request, response,
                      service::GetRun);
  }
  Reactor* ListRuns(Context* context, const v1::ListRunsRequest* request,
                    v1::ListRunsResponse* response) override {
    return unary_.Run("PipelineService/ListRuns", context, request, response,
                      service::ListRuns);
  }
  Reactor* CancelRun(Context* context, const v1::CancelRunRequest* request,
                     v1::Run* response) override {
    return unary_.Run("PipelineService/CancelRun", context, request, response,
                      service::CancelRun);
  }
  Reactor* PausePipeline(Context* context,
                         const v1::PausePipelineRequest* request,
                         v1::Pipeline* response) override {
    return unary_.Run("PipelineService/PausePipeline", context, request,
                      response, service::PausePipeline);
  }
  Reactor* ResumePipeline(Context* context,
                          const v1::ResumePipelineRequest* request,
                          v1::Pipeline* response) override {
    return unary_.Run("PipelineService/ResumePipeline", context, request,
                      response, service::ResumePipeline);
  }

  grpc::ServerWriteReactor<v1::Run>* WatchRun(
      Context*, const v1::WatchRunRequest* request) override {
    return WatchStream<v1::Run>::Start(watch_, "PipelineService/WatchRun",
                                       request->name(),
                                       RunWatch::Create(parts_, *request));
  }

 private:
  const Parts& parts_;
  UnaryShell& unary_;
  const WatchShell watch_;
};

class PluginCalls final : public v1::PluginService::CallbackService {
 public:
  explicit PluginCalls(UnaryShell* unary) : unary_(*unary) {}

  Reactor* ListPlugins(Context* context, const v1::ListPluginsRequest* request,
                       v1::ListPluginsResponse* response) override {
    return unary_.Run("PluginService/ListPlugins", context, request, response,
                      service::ListPlugins);
  }
  Reactor* GetPlugin(Context* context, const v1::GetPluginRequest* request,
                     v1::Plugin* response) override {
    return unary_.Run("PluginService/GetPlugin", context, request, response,
                      service::GetPlugin);
  }
  Reactor* CheckSource(Context* context, const v1::CheckSourceRequest* request,
                       v1::CheckSourceResponse* response) override {
    return unary_.Run("PluginService/CheckSource", context, request, response,
                      service::CheckSource);
  }
  Reactor* ListDocuments(Context* context,
                         const v1::ListDocumentsRequest* request,
                         v1::ListDocumentsResponse* response) override {
    return unary_.Run("PluginService/ListDocuments", context, request, response,
                      service::ListDocuments);
  }
  Reactor* ReadDocument(Context* context,
                        const v1::ReadDocumentRequest* request,
                        v1::ReadDocumentResponse* response) override {
    return unary_.Run("PluginService/ReadDocument", context, request, response,
                      service::ReadDocument);
  }
  Reactor* ReplaySource(Context* context,
                        const v1::ReplaySourceRequest* request,
                        v1::ReplaySourceResponse* response) override {
    return unary_.Run("PluginService/ReplaySource", context, request, response,
                      service::ReplaySource);
  }

 private:
  UnaryShell& unary_;
};

class AdminCalls final : public v1::AdminService::CallbackService {
 public:
  AdminCalls(const Parts* parts, UnaryShell* unary, const WatchShell& watch)
      : parts_(*parts), unary_(*unary), watch_(watch) {}

  Reactor* GetStoreStats(Context* context,
                         const v1::GetStoreStatsRequest* request,
                         v1::StoreStats* response) override {
    return unary_.Run("AdminService/GetStoreStats", context, request, response,
                      service::GetStoreStats);
  }
  Reactor* VerifyStore(Context* context, const v1::VerifyStoreRequest* request,
                       v1::VerifyStoreResponse* response) override {
    return unary_.Run("AdminService/VerifyStore", context, request, response,
                      service::VerifyStore);
  }
  Reactor* CompactStore(Context* context,
                        const v1::CompactStoreRequest* request,
                        v1::CompactStoreResponse* response) override {
    return unary_.Run("AdminService/CompactStore", context, request, response,
                      service::CompactStore);
  }
  Reactor* CreateBackup(Context* context,
                        const v1::CreateBackupRequest* request,
                        v1::Backup* response) override {
    return unary_.Run("AdminService/CreateBackup", context, request, response,
                      service::CreateBackup);
  }
  Reactor* ListBackups(Context* context, const v1::ListBackupsRequest* request,
                       v1::ListBackupsResponse* response) override {
    return unary_.Run("AdminService/ListBackups", context, request, response,
                      service::ListBackups);
  }
  Reactor* VerifyBackups(Context* context,
                         const v1::VerifyBackupsRequest* request,
                         v1::VerifyBackupsResponse* response) override {
    return unary_.Run("AdminService/VerifyBackups", context, request, response,
                      service::VerifyBackups);
  }
  Reactor* DeleteBackup(Context* context,
                        const v1::DeleteBackupRequest* request,
                        v1::DeleteBackupResponse* response) override {
    return unary_.Run("AdminService/DeleteBackup", context, request, response,
                      service::DeleteBackup);
  }

  grpc::ServerWriteReactor<v1::ExportSeriesResponse>* ExportSeries(
      Context*, const v1::ExportSeriesRequest* request) override {
    return WatchStream<v1::ExportSeriesResponse>::Start(
        watch_, "AdminService/ExportSeries", "",
        SeriesExport::Create(parts_, *request));
  }
  grpc::ServerReadReactor<v1::ImportSeriesRequest>* ImportSeries(
      Context* context, v1::ImportSeriesResponse* response) override {
    return SeriesImport::Start(&parts_, watch_.pool, watch_.metrics, context,
                               response);
  }

 private:
  const Parts& parts_;
  UnaryShell& unary_;
  const WatchShell watch_;
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> MakeServices(
    const Parts* parts, UnaryShell* unary, const WatchShell& watch) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(std::make_unique<SeriesCalls>(unary));
  services.push_back(std::make_unique<IndicatorCalls>(parts, unary, watch));
  services.push_back(std::make_unique<ForecastCalls>(unary));
  services.push_back(std::make_unique<PipelineCalls>(parts, unary, watch));
  services.push_back(std::make_unique<PluginCalls>(unary));
  services.push_back(std::make_unique<AdminCalls>(parts, unary, watch));
  return services;
}

}  // namespace headway::service

#include "daemon/web/listing.h"

#include <utility>

namespace headway::web {

grpc::Status ListAllPipelines(ApiClient& api,
                              std::vector<v1::Pipeline>* pipelines) {
  v1::ListPipelinesRequest request;
  request.set_page_size(1000);
  do {
    v1::ListPipelinesResponse response;
    grpc::Status status = api.Fetch(&ApiStubs::pipelines,
                                    &v1::PipelineService::Stub::ListPipelines,
                                    request, &response);
    if (!status.ok()) return status;
    for (v1::Pipeline& pipeline : *response.mutable_pipelines()) {
      pipelines->push_back(std::move(pipeline));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return grpc::Status::OK;
}

}  // namespace headway::web

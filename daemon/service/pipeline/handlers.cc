#include "daemon/service/pipeline/handlers.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/request_id.h"
#include "daemon/messages/run.h"
#include "daemon/pipeline/manager.h"
#include "daemon/schedule/ledger.h"
#include "daemon/service/calls/filter.h"
#include "daemon/service/calls/names.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/calls/until_ended.h"

namespace headway::service {
namespace {

using messages::WithReason;
using schedule::Ledger;

// What the pipeline manager says of a pipeline or run, with a reason for
// programs.
template <typename T>
absl::StatusOr<T> WithReasons(absl::StatusOr<T> result, absl::string_view kind,
                              absl::string_view name) {
  const std::map<std::string, std::string> metadata = {
      {"name", std::string(name)}};
  if (absl::IsNotFound(result.status())) {
    return WithReason(result.status(), absl::StrCat(kind, "_NOT_FOUND"),
                      metadata);
  }
  if (absl::IsFailedPrecondition(result.status())) {
    return WithReason(
        result.status(),
        kind == "RUN" ? "RUN_HAS_ENDED" : absl::StrCat(kind, "_DISABLED"),
        metadata);
  }
  return result;
}

std::optional<v1::Run::State> ToState(const std::string& text) {
  v1::Run::State state;
  if (!v1::Run::State_Parse(text, &state)) return std::nullopt;
  if (state == v1::Run::STATE_UNSPECIFIED) return std::nullopt;
  return state;
}

std::optional<v1::Run::Trigger> ToTrigger(const std::string& text) {
  v1::Run::Trigger trigger;
  if (!v1::Run::Trigger_Parse(text, &trigger)) return std::nullopt;
  if (trigger == v1::Run::TRIGGER_UNSPECIFIED) return std::nullopt;
  return trigger;
}

absl::Status AddFilter(absl::string_view filter, Ledger::Query* query) {
  ASSIGN_OR_RETURN(std::vector<FilterTerm> terms, ParseFilter(filter));
  for (const FilterTerm& term : terms) {
    if (term.op == '=' && term.field == "state") {
      RETURN_IF_ERROR(SetTerm(term, ToState(term.value),
                              "QUEUED, RUNNING, WAITING, SUCCEEDED, FAILED or "
                              "CANCELLED",
                              &query->state));
    } else if (term.op == '=' && term.field == "trigger") {
      RETURN_IF_ERROR(SetTerm(term, ToTrigger(term.value),
                              "SCHEDULED, MANUAL or ON_CHANGE",
                              &query->trigger));
    } else {
      return UnknownTerm(term, {"state=", "trigger="});
    }
  }
  return absl::OkStatus();
}

// The pipeline whose runs are listed; empty for all.
absl::StatusOr<std::string> ToJob(const Parts& parts,
                                  const std::string& parent) {
  if (parent == "pipelines/-") return std::string();
  ASSIGN_OR_RETURN(std::string name, ParseName("parent", "pipelines", parent));
  RETURN_IF_ERROR(
      WithReasons(parts.pipelines->GetPipeline(name), "PIPELINE", parent)
          .status());
  return name;
}

// The run that the field `name` of a request names.
absl::StatusOr<v1::Run> FindRun(const Parts& parts, const std::string& name) {
  RETURN_IF_ERROR(ParseRunName("name", name).status());
  return WithReasons(parts.pipelines->ledger().Get(name), "RUN", name);
}

}  // namespace

absl::StatusOr<v1::ListPipelinesResponse> ListPipelines(
    const Parts& parts, const Call&, const v1::ListPipelinesRequest& request) {
  ASSIGN_OR_RETURN(Page page, ParsePage(request.page_size(),
                                        request.page_token(), "ListPipelines"));
  ASSIGN_OR_RETURN(std::vector<v1::Pipeline> pipelines,
                   parts.pipelines->ListPipelines());
  v1::ListPipelinesResponse response;
  // By name, and the cursor is the last name.
  for (v1::Pipeline& pipeline : pipelines) {
    if (pipeline.name() <= page.cursor) continue;
    if (static_cast<size_t>(response.pipelines_size()) == page.size) {
      response.set_next_page_token(
          MakeToken("ListPipelines", response.pipelines(page.size - 1).name()));
      break;
    }
    *response.add_pipelines() = std::move(pipeline);
  }
  return response;
}

absl::StatusOr<v1::Pipeline> GetPipeline(
    const Parts& parts, const Call&, const v1::GetPipelineRequest& request) {
  ASSIGN_OR_RETURN(std::string name,
                   ParseName("name", "pipelines", request.name()));
  return WithReasons(parts.pipelines->GetPipeline(name), "PIPELINE",
                     request.name());
}

absl::StatusOr<v1::Run> RunPipeline(const Parts& parts, const Call&,
                                    const v1::RunPipelineRequest& request) {
  ASSIGN_OR_RETURN(std::string name,
                   ParseName("name", "pipelines", request.name()));
  RETURN_IF_ERROR(messages::CheckRequestId(request.request_id()));
  return WithReasons(parts.pipelines->StartRun(name, request.request_id()),
                     "PIPELINE", request.name());
}

absl::StatusOr<v1::Run> GetRun(const Parts& parts, const Call&,
                               const v1::GetRunRequest& request) {
  return FindRun(parts, request.name());
}

absl::StatusOr<v1::ListRunsResponse> ListRuns(
    const Parts& parts, const Call&, const v1::ListRunsRequest& request) {
  const std::string scope =
      absl::StrCat("ListRuns\n", request.parent(), "\n", request.filter());
  ASSIGN_OR_RETURN(Page page,
                   ParsePage(request.page_size(), request.page_token(), scope));
  Ledger::Query query;
  ASSIGN_OR_RETURN(query.job, ToJob(parts, request.parent()));
  RETURN_IF_ERROR(AddFilter(request.filter(), &query));
  query.page_size = page.size;
  query.page_token = page.cursor;
  ASSIGN_OR_RETURN(Ledger::Page runs, parts.pipelines->ledger().List(query));
  v1::ListRunsResponse response;
  for (v1::Run& run : runs.runs) *response.add_runs() = std::move(run);
  if (!runs.next_page_token.empty()) {
    response.set_next_page_token(MakeToken(scope, runs.next_page_token));
  }
  return response;
}

absl::StatusOr<v1::Run> CancelRun(const Parts& parts, const Call&,
                                  const v1::CancelRunRequest& request) {
  RETURN_IF_ERROR(ParseRunName("name", request.name()).status());
  return WithReasons(parts.pipelines->CancelRun(request.name()), "RUN",
                     request.name());
}

absl::StatusOr<v1::Pipeline> PausePipeline(
    const Parts& parts, const Call&, const v1::PausePipelineRequest& request) {
  ASSIGN_OR_RETURN(std::string name,
                   ParseName("name", "pipelines", request.name()));
  return WithReasons(parts.pipelines->PausePipeline(name), "PIPELINE",
                     request.name());
}

absl::StatusOr<v1::Pipeline> ResumePipeline(
    const Parts& parts, const Call&, const v1::ResumePipelineRequest& request) {
  ASSIGN_OR_RETURN(std::string name,
                   ParseName("name", "pipelines", request.name()));
  return WithReasons(parts.pipelines->ResumePipeline(name), "PIPELINE",
                     request.name());
}

absl::StatusOr<std::unique_ptr<StreamSource<v1::Run>>> WatchRun(
    const Parts& parts, const Caller&, const v1::WatchRunRequest& request) {
  RETURN_IF_ERROR(ParseRunName("name", request.name()).status());
  return std::make_unique<UntilEnded<v1::Run>>(
      request.name(),
      [&parts, name = request.name()] { return FindRun(parts, name); });
}

}  // namespace headway::service

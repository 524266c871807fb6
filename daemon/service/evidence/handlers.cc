#include "daemon/service/evidence/handlers.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/judging/judge.h"
#include "daemon/pipeline/manager.h"
#include "daemon/service/calls/paging.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::AsOf;

// What a call judges with: one state of the store, one instant.
struct Judging {
  std::shared_ptr<const pipeline::Definitions> definitions;
  std::unique_ptr<store::Reader> reader;
  pipeline::JudgeInputs inputs;
};

Judging JudgingOf(const Parts& parts, const Call& call, absl::Time as_of) {
  Judging judging;
  judging.definitions = parts.pipelines->definitions();
  judging.reader = parts.store->NewReader();
  judging.inputs.pipelines = parts.pipelines;
  judging.inputs.definitions = judging.definitions.get();
  judging.inputs.reader = judging.reader.get();
  judging.inputs.options = {.as_of = as_of,
                            .recorded_by = absl::InfiniteFuture(),
                            .check_alive = call.AliveCheck()};
  judging.inputs.instant = std::min(as_of, parts.clock->Now());
  return judging;
}

absl::StatusOr<const pipeline::Claim*> FindClaim(
    const pipeline::EvidenceDefinitions& evidence, const std::string& name) {
  const std::string id(absl::StripPrefix(name, "claims/"));
  std::vector<std::string> known;
  for (const pipeline::Claim& claim : evidence.claims) {
    if (claim.definition.id() == id) return &claim;
    known.push_back(claim.definition.id());
  }
  return messages::AtField(
      "name", absl::NotFoundError(absl::StrCat("there is no claim \"", id, "\"",
                                               DidYouMean(id, known))));
}

}  // namespace

absl::StatusOr<v1::ListEventsResponse> ListEvents(
    const Parts& parts, const Call&, const v1::ListEventsRequest& request) {
  const std::string scope = ScopeOf("ListEvents", request);
  ASSIGN_OR_RETURN(
      const AnswerPage page,
      ParseAnswerPage(request.page_size(), request.page_token(), scope));
  const auto definitions = parts.pipelines->definitions();
  std::vector<const pipeline::Event*> events;
  for (const auto& [id, event] : definitions->evidence.events) {
    events.push_back(&event);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const pipeline::Event* a, const pipeline::Event* b) {
                     return a->announced < b->announced;
                   });
  v1::ListEventsResponse response;
  const auto add = [&](size_t place) -> absl::StatusOr<size_t> {
    *response.add_events() = pipeline::ToProto(*events[place]);
    return response.events().rbegin()->ByteSizeLong();
  };
  ASSIGN_OR_RETURN(const std::optional<size_t> next,
                   FillPage(page, events.size(), add));
  if (next.has_value()) {
    response.set_next_page_token(MakeAnswerToken(scope, *next, {}));
  }
  return response;
}

absl::StatusOr<v1::ListClaimsResponse> ListClaims(
    const Parts& parts, const Call& call,
    const v1::ListClaimsRequest& request) {
  ASSIGN_OR_RETURN(absl::Time as_of, AsOf(request));
  const std::string scope = ScopeOf("ListClaims", request);
  ASSIGN_OR_RETURN(
      const AnswerPage page,
      ParseAnswerPage(request.page_size(), request.page_token(), scope));
  if (page.pin.has_value()) as_of = page.pin->as_of;
  Judging judging = JudgingOf(parts, call, as_of);
  judging.inputs.options.recorded_by = page.recorded_by();
  const auto& claims = judging.definitions->evidence.claims;
  v1::ListClaimsResponse response;
  const auto add = [&](size_t place) -> absl::StatusOr<size_t> {
    ASSIGN_OR_RETURN(*response.add_claims(),
                     pipeline::JudgeClaim(claims[place], judging.inputs));
    return response.claims().rbegin()->ByteSizeLong();
  };
  ASSIGN_OR_RETURN(const std::optional<size_t> next,
                   FillPage(page, claims.size(), add));
  if (next.has_value()) {
    ASSIGN_OR_RETURN(const absl::Time recorded_by,
                     pipeline::NewestRecordedAt(*judging.reader));
    response.set_next_page_token(
        MakeAnswerToken(scope, *next, {judging.inputs.instant, recorded_by}));
  }
  return response;
}

absl::StatusOr<v1::Claim> GetClaim(const Parts& parts, const Call& call,
                                   const v1::GetClaimRequest& request) {
  ASSIGN_OR_RETURN(const absl::Time as_of, AsOf(request));
  const Judging judging = JudgingOf(parts, call, as_of);
  ASSIGN_OR_RETURN(const pipeline::Claim* claim,
                   FindClaim(judging.definitions->evidence, request.name()));
  return pipeline::JudgeClaim(*claim, judging.inputs);
}

}  // namespace headway::service

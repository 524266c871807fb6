// headway claims, claim, events
#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/claim_rows.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

struct ClaimOptions {
  std::string name;
  std::optional<google::protobuf::Timestamp> as_of;
};

absl::Status ListClaims(const Context& context, const ClaimOptions& options) {
  Client client = MakeClient(context);
  v1::ListClaimsRequest request;
  if (options.as_of) *request.mutable_as_of() = *options.as_of;
  ASSIGN_OR_RETURN(
      const v1::ListClaimsResponse response,
      client.CallForAllPages(client.evidence(),
                             &EvidenceService::Stub::ListClaims, request));
  RETURN_IF_ERROR(
      PrintAnswer(context, response, ClaimTable(response.claims())));
  if (response.claims().empty() && context.format == Format::kTable) {
    Print(
        "no claims: the daemon's pipelines directory has no "
        "claims.textproto\n");
  }
  return absl::OkStatus();
}

absl::Status ShowClaim(const Context& context, const ClaimOptions& options) {
  Client client = MakeClient(context);
  v1::GetClaimRequest request;
  request.set_name(ResourceName("claims", options.name));
  if (options.as_of) *request.mutable_as_of() = *options.as_of;
  ASSIGN_OR_RETURN(const v1::Claim claim,
                   client.Call(client.evidence(),
                               &EvidenceService::Stub::GetClaim, request));
  const bool is_for_people = context.format == Format::kTable;
  if (is_for_people) Print(ClaimHead(claim));
  RETURN_IF_ERROR(PrintAnswer(context, claim, TestTable(claim.verdict())));
  if (is_for_people) Print(ClaimFoot(claim));
  return absl::OkStatus();
}

absl::Status ListEvents(const Context& context) {
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(const v1::ListEventsResponse response,
                   client.CallForAllPages(client.evidence(),
                                          &EvidenceService::Stub::ListEvents,
                                          v1::ListEventsRequest()));
  return PrintAnswer(context, response, EventTable(response.events()));
}

}  // namespace

void AddClaimCommands(CLI::App& app, Context& context) {
  auto options = std::make_shared<ClaimOptions>();
  CLI::App* claims = app.add_subcommand(
      "claims", "Judges the claims of the debate on export controls");
  AddAsOf(*claims, &options->as_of);
  SetAction(*claims, context,
            [&context, options] { return ListClaims(context, *options); });
  CLI::App* claim = app.add_subcommand(
      "claim", "Shows how a claim is judged: tests, numbers, caveats");
  claim->add_option("claim", options->name, "Its id")->required();
  AddAsOf(*claim, &options->as_of);
  SetAction(*claim, context,
            [&context, options] { return ShowClaim(context, *options); });
  CLI::App* events = app.add_subcommand(
      "events", "Lists the acts of governments that claims are about");
  SetAction(*events, context, [&context] { return ListEvents(context); });
}

}  // namespace headway::cli

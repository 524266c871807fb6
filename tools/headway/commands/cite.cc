// headway cite
#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/observation_rows.h"

namespace headway::cli {
namespace {

struct CiteOptions {
  std::string what;
  std::optional<google::protobuf::Timestamp> as_of;
};

bool IsName(const std::string& what) {
  return what.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
         std::string::npos;
}

// The subject is an indicator if there is one of that name: an expression may
// be a name, too.
absl::StatusOr<v1::Citation> NewCitation(Client& client,
                                         const CiteOptions& options) {
  v1::CiteRequest request;
  if (options.as_of) *request.mutable_as_of() = *options.as_of;
  if (IsName(options.what)) {
    request.set_indicator(absl::StrCat("indicators/", options.what));
    absl::StatusOr<v1::Citation> citation = client.Call(
        client.indicators(), &IndicatorService::Stub::Cite, request);
    if (!absl::IsNotFound(citation.status())) return citation;
    request.clear_indicator();
  }
  request.set_expression(options.what);
  return client.Call(client.indicators(), &IndicatorService::Stub::Cite,
                     request);
}

absl::Status ReadCited(const Context& context, Client& client,
                       const std::string& reference) {
  v1::ReadCitationRequest request;
  request.set_reference(reference);
  ASSIGN_OR_RETURN(
      const v1::ReadCitationResponse cited,
      client.CallForAllPages(client.indicators(),
                             &IndicatorService::Stub::ReadCitation, request));
  return PrintAnswer(context, cited,
                     ObservationTable(cited.series(), cited.unit()));
}

absl::Status Cite(const Context& context, const CiteOptions& options) {
  Client client = MakeClient(context);
  if (absl::StartsWith(options.what, "headway:")) {
    return ReadCited(context, client, options.what);
  }
  ASSIGN_OR_RETURN(const v1::Citation citation, NewCitation(client, options));
  Table table({{.name = "citation"}});
  table.AddRow({citation.text()});
  return PrintAnswer(context, citation, table);
}

}  // namespace

void AddCiteCommand(CLI::App& app, Context& context) {
  CLI::App* cite = app.add_subcommand(
      "cite", "Gives a permanent reference to an answer, or that answer");
  auto options = std::make_shared<CiteOptions>();
  cite->add_option("what", options->what,
                   "An indicator, an expression, or a reference that this "
                   "command gave")
      ->required();
  AddAsOf(*cite, &options->as_of);
  SetAction(*cite, context,
            [&context, options] { return Cite(context, *options); });
}

}  // namespace headway::cli

// The csv plugin: labelled tables, long or wide, with or without vintages.
//
// A table of the columns
//   metric, <labels…>, frequency, period, value, unit, known_at, source
// needs no option besides its address; options adapt the plugin to others.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/tables/bytes.h"
#include "plugins/sdk/cpp/document.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/tables/mapping/delivery.h"
#include "plugins/sources/tables/mapping/input.h"
#include "plugins/sources/tables/mapping/options.h"

namespace headway::csv {
namespace {

std::vector<sdk::OptionSpec> OptionSpecs() {
  std::vector<sdk::OptionSpec> specs = {
      {.name = "url",
       .description =
           "Address of the table: file:///path or https://…. A table of the "
           "columns metric, period, value, unit and labels needs no other "
           "option.",
       .required = true}};
  for (auto add : {mapping::TextOptionSpecs, mapping::TableOptionSpecs}) {
    for (sdk::OptionSpec& spec : add()) specs.push_back(std::move(spec));
  }
  return specs;
}

// The text of the table, and how it is taken apart.
struct Decoded {
  std::string name;
  std::string text;
  mapping::TextOptions options;

  mapping::TextInput Input() const {
    return mapping::TextInput(text, name, options.records);
  }
};

absl::StatusOr<Decoded> Decode(const sdk::Request& request,
                               absl::string_view bytes) {
  Decoded decoded;
  decoded.name =
      std::string(absl::StripPrefix(request.Option("url"), "file://"));
  ASSIGN_OR_RETURN(decoded.options, mapping::ReadTextOptions(request));
  auto text = tables::DecodeTable(bytes, decoded.options.encoding);
  if (!text.ok()) {
    return sdk::ConfigError(
        absl::StrCat(decoded.name, ":", text.status().message()));
  }
  decoded.text = *std::move(text);
  return decoded;
}

absl::Status Read(const sdk::Request& request, sdk::Writer& out) {
  sdk::HttpClient http;
  const std::string& url = request.Option("url");
  ASSIGN_OR_RETURN(const sdk::Document document,
                   sdk::FetchIfChanged(http, {.url = url}, request.checkpoint(),
                                       request.fingerprint()));
  if (!document.changed) {
    out.Info(absl::StrCat(absl::StripPrefix(url, "file://"), ": unchanged"));
    out.Checkpoint({.state = document.checkpoint});
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Decoded decoded, Decode(request, document.body));
  return mapping::DeliverTable(request, decoded.Input(), out,
                               {.state = document.checkpoint});
}

// The rows are for `read`.
absl::StatusOr<std::string> Check(const sdk::Request& request) {
  sdk::HttpClient http;
  ASSIGN_OR_RETURN(const sdk::HttpResponse response,
                   http.Get({.url = request.Option("url")}));
  ASSIGN_OR_RETURN(const Decoded decoded, Decode(request, response.body));
  return mapping::CheckHeader(request, decoded.Input());
}

}  // namespace
}  // namespace headway::csv

int main(int argc, char** argv) {
  return headway::sdk::RunPlugin(
      argc, argv,
      {.name = "csv",
       .version = "1.2",
       .summary = "Reads labelled tables in CSV, long or wide, with or without "
                  "the dates at which values became known.",
       .options = headway::csv::OptionSpecs(),
       .default_schedule = "0 6 * * *",
       .read = headway::csv::Read,
       .check = headway::csv::Check});
}

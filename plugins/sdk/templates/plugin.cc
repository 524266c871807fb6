#include "plugins/sdk/cpp/plugin.h"

#include "plugins/sdk/cpp/csv.h"
#include "plugins/sdk/cpp/http.h"

using namespace headway::sdk;

absl::Status Read(const Request& request, Writer& out) {
  ASSIGN_OR_RETURN(auto page, HttpClient().Get({.url = request.Option("url")}));
  CsvReader rows(page.body, request.Option("url"));
  RETURN_IF_ERROR(rows.ReadHeader());
  ASSIGN_OR_RETURN(size_t period, rows.Column("period"));
  ASSIGN_OR_RETURN(size_t value, rows.Column("value"));
  auto id = out.Define({"", "my_metric", {}, Frequency::kAnnual, "1"});
  while (true) {
    ASSIGN_OR_RETURN(bool more, rows.Next());
    if (!more) break;
    ASSIGN_OR_RETURN(double number, rows.Number(value));
    out.Observe(id, rows.cell(period), number);
  }
  out.Checkpoint({.complete = true});
  return absl::OkStatus();
}

int main(int argc, char** argv) {
  Plugin plugin{"my-plugin", "1", "Says what it reads in one sentence."};
  plugin.options = {{"url", "Address of the table.", "", true}};
  plugin.read = Read;
  return RunPlugin(argc, argv, plugin);
}

// headway check: are definition files right? Needs no daemon.
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"

namespace headway::cli {
namespace {

Table ErrorTable(const std::vector<pipeline::DefinitionError>& errors) {
  Table table({{.name = "file"},
               {.name = "line", .align = Align::kRight},
               {.name = "column", .align = Align::kRight},
               {.name = "pipeline"},
               {.name = "indicator"},
               {.name = "message"}});
  for (const auto& error : errors) {
    table.AddRow({error.file, absl::StrCat(error.line),
                  absl::StrCat(error.column), error.pipeline, error.indicator,
                  error.message});
  }
  return table;
}

absl::Status Check(const Context& context,
                   const std::vector<std::string>& files) {
  const pipeline::Definitions definitions = pipeline::LoadFiles(files, {});
  if (context.format == Format::kCsv) {
    Print(ErrorTable(definitions.errors).ToCsv());
  } else {
    for (const auto& error : definitions.errors) {
      Print(error.ToString() + "\n");
    }
  }
  if (!definitions.errors.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(definitions.errors.size(),
                     definitions.errors.size() == 1 ? " error" : " errors"));
  }
  if (context.format == Format::kTable) {
    Print(absl::StrCat(definitions.pipelines.size(), " pipelines, ",
                       definitions.sources.size(), " sources, ",
                       definitions.indicators.size(),
                       " indicators: no errors\n"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddCheckCommand(CLI::App& app, Context& context) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* check =
      app.add_subcommand("check", "Check pipeline files; needs no daemon");
  check->add_option("files", *files, "*.textproto files")->required();
  SetAction(*check, context,
            [&context, files] { return Check(context, *files); });
}

}  // namespace headway::cli

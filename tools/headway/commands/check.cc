// headway check: are definition files right? Needs no daemon.
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/ingest/sandbox/isolation.h"
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

struct CheckOptions {
  std::vector<std::string> files;
  // Besides the directory beside the program.
  std::vector<std::string> plugins;
};

// Where the plugins may be; empty if there is none to ask.
std::vector<std::string> PluginDirectories(const CheckOptions& options) {
  std::vector<std::string> directories = options.plugins;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return directories;
  const auto beside = self.parent_path() / "plugins";
  if (std::filesystem::is_directory(beside, error)) {
    directories.push_back(beside);
  }
  return directories;
}

absl::Status Check(const Context& context, const CheckOptions& options) {
  RealClock clock;
  const std::unique_ptr<ingest::Isolation> isolation =
      ingest::Isolation::Probe({});
  const std::vector<std::string> directories = PluginDirectories(options);
  ingest::PluginHost plugins(
      {.directories = directories, .isolation = isolation.get()}, &clock,
      /*store=*/nullptr);
  const pipeline::Definitions definitions = pipeline::LoadFiles(
      options.files, {.plugins = directories.empty() ? nullptr : &plugins});
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
                       definitions.indicators.size(), " indicators: no errors",
                       directories.empty()
                           ? "; sources were not checked, for there are no "
                             "plugins beside this program: see --plugins"
                           : "",
                       "\n"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddCheckCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* check = app.add_subcommand(
      "check", "Check pipeline files and their plugins; needs no daemon");
  check->add_option("files", options->files, "*.textproto files")->required();
  check
      ->add_option("--plugins", options->plugins,
                   "Searched for plugins before those beside this program; may "
                   "be given several times")
      ->type_name("DIR")
      ->expected(1)
      ->take_all();
  SetAction(*check, context,
            [&context, options] { return Check(context, *options); });
}

}  // namespace headway::cli

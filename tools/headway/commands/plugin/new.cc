// headway plugin new
#include <map>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/plugin/commands.h"
#include "tools/headway/plugin_new/plugin_new.h"

namespace headway::cli {
namespace {

struct NewOptions {
  std::string name;
  PluginKind kind = PluginKind::kSource;
  std::string language = "python";
  std::string directory = ".";
};

absl::Status NewPlugin(const NewOptions& options) {
  RETURN_IF_ERROR(WriteNewPlugin(options.name, options.kind, options.language,
                                 options.directory));
  Print(absl::StrCat("wrote ", options.directory, "/", options.name, "\n"));
  return absl::OkStatus();
}

}  // namespace

void AddPluginNew(CLI::App& plugin, Context& context) {
  auto options = std::make_shared<NewOptions>();
  CLI::App* command =
      plugin.add_subcommand("new", "Write a working plugin to start from");
  command->add_option("name", options->name, "Of the plugin")->required();
  const std::map<std::string, PluginKind> kinds = {
      {"source", PluginKind::kSource}, {"model", PluginKind::kModel}};
  command
      ->add_option("--kind", options->kind,
                   "What it is to do: read a source, or forecast; a model is "
                   "written in Python only")
      ->transform(CLI::CheckedTransformer(kinds).description(""))
      ->type_name("source|model");
  command->add_option("--lang", options->language, "The language to write in")
      ->check(CLI::IsMember({"cpp", "python", "sh"}))
      ->capture_default_str();
  command->add_option("--directory", options->directory, "Where to write it")
      ->capture_default_str();
  SetAction(*command, context, [options] { return NewPlugin(*options); });
}

}  // namespace headway::cli

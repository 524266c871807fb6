// headway plugin install
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/plugin/commands.h"
#include "tools/headway/commands/plugin/installation.h"

namespace headway::cli {
namespace {

struct InstallOptions {
  std::string path;
  std::string directory;
  bool yes = false;
  bool downgrade = false;
};

std::string EvidenceText(const plugin::v1::Evidence& evidence) {
  switch (evidence.kind()) {
    case plugin::v1::Evidence::RECORDED:
      return absl::StrCat("tried on recorded answers of ", evidence.date());
    case plugin::v1::Evidence::DOCUMENTED:
      return absl::StrCat("unproven: written from documentation of ",
                          evidence.date());
    default:
      return "unproven: it does not say on what it was tried";
  }
}

std::string DescribeField(absl::string_view what, absl::string_view name,
                          bool required, absl::string_view description) {
  return absl::StrCat("  ", what, " ", name, required ? " (required)" : "",
                      description.empty() ? "" : ": ", description, "\n");
}

// What an operator has to know to approve it.
std::string DescribeInstallation(const Installation& installation) {
  std::string text;
  for (size_t i = 0; i < installation.plugins.size(); ++i) {
    const ingest::PluginInfo& plugin = installation.plugins[i];
    const auto& description = plugin.description;
    const std::string& before = installation.versions_before[i];
    absl::StrAppend(
        &text, plugin.name, " ", description.version(),
        before.empty() ? "" : absl::StrCat(" (installed: ", before, ")"),
        description.summary().empty() ? "" : ": ", description.summary(), "\n");
    for (const auto& field : description.config()) {
      absl::StrAppend(&text,
                      DescribeField("option", field.name(), field.required(),
                                    field.description()));
    }
    for (const auto& field : description.secrets()) {
      absl::StrAppend(&text,
                      DescribeField("secret", field.name(), field.required(),
                                    field.description()));
    }
    if (description.hosts().empty()) {
      absl::StrAppend(&text, "  reaches no host but those of its options\n");
    }
    for (const std::string& host : description.hosts()) {
      absl::StrAppend(&text, "  reaches ", host, "\n");
    }
    absl::StrAppend(&text, "  ", EvidenceText(description.evidence()),
                    "\n  SHA-256 ", plugin.hash, "\n");
  }
  for (const InstalledFile& module : installation.modules) {
    absl::StrAppend(&text, "module ", module.path,
                    module.replaces ? ", which replaces another one that all "
                                      "plugins there use"
                                    : "",
                    "\n  SHA-256 ", module.hash, "\n");
  }
  return text;
}

absl::Status Approve(const InstallOptions& options) {
  if (options.yes) return absl::OkStatus();
  if (::isatty(STDIN_FILENO) == 0) {
    return absl::FailedPreconditionError(
        "nobody is there to be asked; --yes approves what is shown");
  }
  Print(absl::StrCat("Install into ", options.directory,
                     " and approve these hashes? [y/N] "));
  std::string answer;
  std::getline(std::cin, answer);
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  if (answer == "y" || answer == "yes") return absl::OkStatus();
  return absl::CancelledError("nothing was installed");
}

absl::Status InstallPlugin(const InstallOptions& options) {
  RealClock clock;
  const std::unique_ptr<ingest::Isolation> isolation =
      ingest::Isolation::Probe({});
  ASSIGN_OR_RETURN(Installation installation,
                   PlanInstallation(options.path, options.directory,
                                    isolation.get(), &clock));
  Print(DescribeInstallation(installation));
  if (!options.downgrade) RETURN_IF_ERROR(CheckNoDowngrade(installation));
  RETURN_IF_ERROR(Approve(options));
  const size_t count = installation.plugins.size();
  RETURN_IF_ERROR(Install(std::move(installation)));
  Print(absl::StrCat("installed ", count, count == 1 ? " plugin" : " plugins",
                     " into ", options.directory,
                     "; a daemon that searches it (headwayd --plugins) uses "
                     "them at the next run\n"));
  return absl::OkStatus();
}

}  // namespace

void AddPluginInstall(CLI::App& plugin, Context& context) {
  auto options = std::make_shared<InstallOptions>();
  CLI::App* install = plugin.add_subcommand(
      "install",
      "Copy a plugin and its modules into a directory of plugins, and approve "
      "its hash");
  install
      ->add_option("path", options->path,
                   "Of its executable, or of a directory of plugins")
      ->required()
      ->check(CLI::ExistingPath);
  install
      ->add_option("--dir", options->directory,
                   "A directory that the daemon searches; the plugin's own: "
                   "approve it where it lies")
      ->required()
      ->envname("HEADWAY_PLUGINS_DIR")
      ->type_name("DIR");
  install->add_flag("--yes", options->yes, "Do not ask");
  install->add_flag("--downgrade", options->downgrade,
                    "Even if a newer version is installed");
  SetAction(*install, context, [options] { return InstallPlugin(*options); });
}

}  // namespace headway::cli

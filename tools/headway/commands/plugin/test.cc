// headway plugin test
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/ingest/trial/conformance.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/plugin/assignments.h"
#include "tools/headway/commands/plugin/commands.h"

namespace headway::cli {
namespace {

struct TestOptions {
  std::string path;
  std::vector<std::string> config;
  bool show = false;
};

Cell ResultCell(ingest::CheckOutcome::Result result) {
  switch (result) {
    case ingest::CheckOutcome::Result::kPassed:
      return Cell("passed", "passed", Style::kGood);
    case ingest::CheckOutcome::Result::kFailed:
      return Cell("FAILED", "failed", Style::kBad);
    case ingest::CheckOutcome::Result::kSkipped:
      return Cell("skipped", "skipped", Style::kFaint);
  }
  return MissingCell();
}

// What each check saw.
std::string DetailedText(const std::vector<ingest::CheckOutcome>& outcomes) {
  std::string text;
  for (const ingest::CheckOutcome& outcome : outcomes) {
    const Cell result = ResultCell(outcome.result);
    absl::StrAppend(&text, Paint(result.text, result.style, WantsColour()),
                    "  ", outcome.name, ": ", outcome.explanation, "\n");
    for (const std::string& line : outcome.details) {
      absl::StrAppend(&text, "          ", line, "\n");
    }
  }
  return text;
}

absl::Status TestPlugin(const Context& context, const TestOptions& options) {
  if (context.format == Format::kJson) {
    return absl::InvalidArgumentError(
        "plugin test has no JSON; use --format csv");
  }
  if (options.show && context.format == Format::kCsv) {
    return absl::InvalidArgumentError(
        "--show is for people; leave it or --format csv out");
  }
  ASSIGN_OR_RETURN(const auto config, ParseConfig(options.config));
  RealClock clock;
  const std::unique_ptr<ingest::Isolation> isolation =
      ingest::Isolation::Probe({});
  const std::vector<ingest::CheckOutcome> outcomes = ingest::RunConformance(
      options.path, config, ingest::Limits(), isolation.get(), &clock);
  Table table({{.name = "result"}, {.name = "check"}, {.name = "explanation"}});
  int failed = 0;
  for (const ingest::CheckOutcome& outcome : outcomes) {
    if (outcome.result == ingest::CheckOutcome::Result::kFailed) ++failed;
    table.AddRow(
        {ResultCell(outcome.result), outcome.name, outcome.explanation});
  }
  if (options.show) {
    Print(DetailedText(outcomes));
  } else {
    PrintTable(context, table);
  }
  if (failed == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      options.path, " failed ", failed, " of ", outcomes.size(), " checks"));
}

}  // namespace

void AddPluginTest(CLI::App& plugin, Context& context) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* test = plugin.add_subcommand(
      "test", "Check that a plugin keeps the protocol; needs no daemon");
  test->add_option("path", options->path, "Of its executable")
      ->required()
      ->check(CLI::ExistingFile);
  test->add_option("--config", options->config,
                   "Options of the source to test with: NAME=VALUE…")
      ->type_name("NAME=VALUE");
  test->add_flag("--show", options->show, "What each check saw, line by line");
  SetAction(*test, context,
            [&context, options] { return TestPlugin(context, *options); });
}

}  // namespace headway::cli

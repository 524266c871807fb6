// headway backtest: methods tried on the past of a file's series, or of an
// indicator.
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/backtest/commands.h"
#include "tools/headway/commands/backtest/file_backtest.h"
#include "tools/headway/commands/backtest/indicator_backtest.h"
#include "tools/headway/commands/backtest/report.h"
#include "tools/headway/commands/forecast_options.h"
#include "tools/headway/render/strata_rows.h"

namespace headway::cli {
namespace {

struct BacktestOptions {
  std::string indicator;
  std::string csv;
  CsvOptions file;
  BacktestPlan plan;
  std::string out;
};

// Rows as CSV, if anybody wants them.
class RowFile {
 public:
  absl::Status Open(const std::string& path) {
    if (path.empty()) return absl::OkStatus();
    path_ = path;
    stream_.open(path);
    return Check();
  }
  absl::Status Write(absl::string_view rows) {
    if (path_.empty()) return absl::OkStatus();
    stream_.write(rows.data(), static_cast<std::streamsize>(rows.size()));
    stream_.flush();
    return Check();
  }

 private:
  absl::Status Check() const {
    if (stream_.good()) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat(path_,
                     ": cannot be written; see that its folder is there "
                     "and has room"));
  }

  std::string path_;
  std::ofstream stream_;
};

// A column each, and what --csv can run.
absl::Status CheckMethods(const BacktestOptions& options) {
  std::set<std::string> seen;
  for (const std::string& method : options.plan.methods) {
    if (!seen.insert(method).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("--methods: ", method, " is named twice; name it once"));
    }
    if (!options.csv.empty() && pipeline::PluginOfMethod(method).has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--methods: ", method,
          " is run by the daemon; try it on an indicator, with --indicator"));
    }
  }
  return absl::OkStatus();
}

absl::Status Backtest(const Context& context, const BacktestOptions& options) {
  RETURN_IF_ERROR(CheckMethods(options));
  RowFile file;
  RETURN_IF_ERROR(file.Open(options.out));
  BacktestReport report(options.plan);
  absl::Status done;
  if (options.csv.empty()) {
    Client client = MakeClient(context);
    done = BacktestIndicator(client, options.indicator, options.plan, report);
    RETURN_IF_ERROR(file.Write(report.TakeRows()));
  } else {
    done =
        BacktestFile(options.csv, options.file, options.plan, report,
                     [&](absl::string_view rows) { return file.Write(rows); });
  }
  const v1::GetTrackRecordResponse summary = report.Summary();
  // Of series in units of their own.
  if (!summary.strata().empty()) {
    RETURN_IF_ERROR(
        PrintAnswer(context, summary, StrataTable(summary.strata(), "")));
  }
  return done;
}

void AddPlan(CLI::App& command, BacktestPlan& plan) {
  command
      .add_option("--windows", plan.windows,
                  "How many origins of each series to forecast from")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command.add_option("--step", plan.step, "Steps from one origin to the next")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command.add_option("--horizon", plan.horizon, "Steps ahead")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      .add_option("--methods", plan.methods,
                  "The methods to try, with commas between")
      ->delimiter(',')
      ->transform(IsMethod())
      ->type_name("METHOD[,METHOD]")
      ->capture_default_str();
  command
      .add_option("--levels", plan.levels,
                  "Central intervals to give and to judge, in percent")
      ->delimiter(',')
      ->check(CLI::Range(1.0, 99.9))
      ->type_name("PERCENT[,PERCENT]")
      ->capture_default_str();
}

}  // namespace

void AddBacktestCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<BacktestOptions>();
  CLI::App* command = app.add_subcommand(
      "backtest",
      "Forecast from earlier origins, and hold it against what came: prints "
      "scores by method and distance");
  CLI::Option* indicator = command->add_option(
      "--indicator", options->indicator,
      "Try an indicator, from what was public at each origin");
  CLI::Option* csv =
      command
          ->add_option("--csv", options->csv,
                       "Try the rows id,value,value,… or unique_id,ds,y of "
                       "this file, without a daemon")
          ->type_name("FILE")
          ->excludes(indicator);
  AddPlan(*command, options->plan);
  AddCsvOptions(*command, csv, options->file);
  command
      ->add_option("--out", options->out,
                   "Write every forecast to this file, as CSV: unique_id, ds, "
                   "cutoff, y, and METHOD, METHOD-lo-LEVEL, METHOD-hi-LEVEL")
      ->type_name("FILE");
  command->callback([&context, options] {
    if (options->indicator.empty() && options->csv.empty()) {
      throw CLI::RequiredError("--indicator NAME or --csv FILE");
    }
    context.action = [&context, options] {
      return Backtest(context, *options);
    };
  });
}

}  // namespace headway::cli

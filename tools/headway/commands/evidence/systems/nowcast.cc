// headway nowcast: a rare series from frequent ones, and why a nowcast changed.
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/options.h"
#include "tools/headway/commands/evidence/report.h"
#include "tools/headway/commands/evidence/systems/commands.h"
#include "tools/headway/commands/evidence/systems/nowcast_options.h"

namespace headway::cli {
namespace {

absl::Status RunNowcast(const Context& context, const NowcastOptions& options) {
  const bool news = options.method == "news";
  ASSIGN_OR_RETURN(const Report report,
                   news ? NowcastNews(options) : NowcastByRegression(options));
  return PrintReport(context, report, options.rows);
}

void AddRegression(CLI::App& command, NowcastOptions& options) {
  const char* group = "midas, umidas, bridge";
  command
      .add_option("--with", options.with,
                  "The table of the frequent series; without it they are "
                  "columns of --csv, in which the target has gaps")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--indicator", options.indicators,
                  "The frequent series that are used; all without it")
      ->type_name("NAME[,NAME]")
      ->group(group);
  command
      .add_option("--with-transform", options.with_transform,
                  "What is done to the frequent series first, as --transform")
      ->type_name("KIND|NAME=KIND[,…]")
      ->group(group);
  command
      .add_option("--with-from", options.with_from,
                  "The first period of the frequent series that is used")
      ->type_name("PERIOD")
      ->group(group);
  command
      .add_option("--weights", options.weights, "Of midas: nealmon or nbeta")
      ->check(CLI::IsMember({"nealmon", "nbeta"}))
      ->type_name("nealmon|nbeta")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--lags", options.lags,
                  "Lags of the frequent series, counted back from the last of "
                  "the target's period, which is 0; the periods of one of the "
                  "target's without it")
      ->type_name("FIRST..LAST")
      ->group(group);
  command.add_option("--ar", options.own_lags, "Lags of the target itself")
      ->check(CLI::Range(0, 24))
      ->capture_default_str()
      ->group(group);
  command.add_flag("--trend", options.trend, "A linear trend as well")
      ->group(group);
}

void AddNews(CLI::App& command, NowcastOptions& options) {
  const char* group = "news";
  command
      .add_option("--new", options.new_csv,
                  "The newer vintage; --csv is the older")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--at", options.at,
                  "The period that is nowcast: 2016Q3, or its last month")
      ->type_name("PERIOD")
      ->group(group);
  command
      .add_option("--state-space", options.state_space,
                  "The model as JSON: design, obs_cov_diag, transition, "
                  "selection, state_cov, initial_state_t0, "
                  "initial_state_cov_t0; mean and std if not of the older "
                  "vintage")
      ->type_name("FILE")
      ->group(group);
}

}  // namespace

void AddNowcastCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<NowcastOptions>();
  CLI::App* command = app.add_subcommand(
      "nowcast",
      "The present value of a rare series from frequent ones (MIDAS, bridge "
      "equations), or why a nowcast changed between two vintages");
  AddFrameOptions(*command, options->frame);
  command
      ->add_option("--method", options->method,
                   "midas, umidas (a coefficient for every lag), bridge (the "
                   "mean of the period), or news (two vintages and a model "
                   "in state-space form)")
      ->check(CLI::IsMember({"midas", "umidas", "bridge", "news"}))
      ->type_name("midas|umidas|bridge|news")
      ->capture_default_str();
  command
      ->add_option("--target", options->target,
                   "The series that is nowcast; may be left out where --csv "
                   "has one alone")
      ->type_name("NAME");
  command->add_option("--level", options->level, "Of intervals, in percent")
      ->check(CLI::Range(50.0, 99.99))
      ->capture_default_str();
  command
      ->add_option("--rows", options->rows,
                   "Which table of the answer --format csv writes")
      ->type_name("NAME");
  AddRegression(*command, *options);
  AddNews(*command, *options);
  command->footer(
      "Examples:\n"
      "  headway nowcast --csv gdp.csv --transform 100dlog --with jobs.csv "
      "--with-transform 100dlog --lags 3..11 --ar 1 --weights nbeta\n"
      "  headway nowcast --method news --csv june.csv --new july.csv --target "
      "GDPC1 --at 2016Q3 --state-space model.json");
  SetAction(*command, context,
            [&context, options] { return RunNowcast(context, *options); });
}

}  // namespace headway::cli

#include "tools/headway/commands/evidence/systems/system_options.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"

namespace headway::cli {

void AddSystemOptions(CLI::App& command, SystemOptions& options) {
  AddFrameOptions(command, options.frame);
  command
      .add_option("--lags", options.lags,
                  "Lags of every series; without it the criterion chooses")
      ->check(CLI::Range(1, 100));
  command
      .add_option("--max-lags", options.most_lags,
                  "The most lags that are tried, over the same periods")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  const std::map<std::string, evidence::LagCriterion> criteria = {
      {"aic", evidence::LagCriterion::kAic},
      {"hq", evidence::LagCriterion::kHannanQuinn},
      {"bic", evidence::LagCriterion::kBic},
      {"fpe", evidence::LagCriterion::kFpe}};
  command
      .add_option("--lag-criterion", options.criterion,
                  "What chooses the lags: aic (the usual), hq, bic or fpe")
      ->transform(CLI::CheckedTransformer(criteria).description(""))
      ->type_name("aic|hq|bic|fpe");
  command
      .add_option("--level", options.level,
                  "Of intervals and of what counts as found, in percent")
      ->check(CLI::Range(50.0, 99.99))
      ->capture_default_str();
  command
      .add_option("--rows", options.rows,
                  "Which table of the answer --format csv writes")
      ->type_name("NAME");
}

void AddDeterministic(CLI::App& command, SystemOptions& options) {
  const std::map<std::string, evidence::Deterministic> kinds = {
      {"none", evidence::Deterministic::kNone},
      {"const", evidence::Deterministic::kConstant},
      {"trend", evidence::Deterministic::kTrend},
      {"both", evidence::Deterministic::kConstantAndTrend}};
  command
      .add_option("--deterministic", options.deterministic,
                  "What equations have besides lags: none, const (the usual), "
                  "trend or both")
      ->transform(CLI::CheckedTransformer(kinds).description(""))
      ->type_name("none|const|trend|both");
}

absl::StatusOr<SystemInput> ReadSystem(const SystemOptions& options,
                                       int least) {
  ASSIGN_OR_RETURN(Frame frame, ReadFrame(options.frame));
  ASSIGN_OR_RETURN(frame, WithoutGaps(std::move(frame)));
  if (static_cast<int>(frame.names.size()) < least) {
    return absl::InvalidArgumentError(
        absl::StrCat("at least ", least, " series are needed, and there is ",
                     absl::StrJoin(frame.names, ", "), "; see --series"));
  }
  SystemInput input;
  input.system = {frame.names, frame.values};
  input.frame = std::move(frame);
  RETURN_IF_ERROR(evidence::CheckSystem(input.system));
  return input;
}

absl::StatusOr<ChosenLags> LagsOf(const SystemOptions& options,
                                  const evidence::System& system) {
  ChosenLags chosen;
  const int most = evidence::AffordableLags(system, options.most_lags,
                                            options.deterministic);
  absl::StatusOr<evidence::LagChoice> choice =
      evidence::ChooseLags(system, most, options.deterministic);
  if (choice.ok()) chosen.choice = *std::move(choice);
  if (options.lags > 0) {
    chosen.lags = options.lags;
    return chosen;
  }
  RETURN_IF_ERROR(choice.status());
  chosen.lags = chosen.choice->Lags(options.criterion);
  return chosen;
}

void DescribeSystem(const SystemOptions& options, const SystemInput& input,
                    const ChosenLags& lags, Report& report) {
  const Frame& frame = input.frame;
  Json& setup = report.setup;
  setup["file"] = options.frame.input.csv;
  setup["time"] = frame.time_column;
  if (frame.frequency.has_value()) {
    setup["frequency"] = std::string(series::FrequencyName(*frame.frequency));
  }
  setup["series"] = frame.names;
  setup["transforms"] = frame.transforms;
  setup["from"] = frame.periods.front();
  setup["to"] = frame.periods.back();
  setup["periods"] = frame.periods.size();
  setup["deterministic"] =
      std::string(evidence::DeterministicName(options.deterministic));
  setup["lags"] = lags.lags;
  setup["lags_chosen_by"] =
      options.lags > 0
          ? "given"
          : std::string(evidence::LagCriterionName(options.criterion));
  setup["level"] = options.level;
  report.warnings = frame.notes;
  if (lags.choice.has_value() && options.lags == 0 &&
      static_cast<int>(lags.choice->scores.size()) < options.most_lags) {
    report.warnings.push_back(
        absl::StrCat("up to ", lags.choice->scores.size(),
                     " lags were tried, not ", options.most_lags,
                     ", for there are ", frame.periods.size(), " periods"));
  }
}

void AddLagSelection(const ChosenLags& lags, Report& report) {
  if (!lags.choice.has_value()) return;
  Json json = Json::object();
  json["observations"] = lags.choice->observations;
  json["aic"] = lags.choice->aic;
  json["hq"] = lags.choice->hannan_quinn;
  json["bic"] = lags.choice->bic;
  json["fpe"] = lags.choice->fpe;
  json["criteria"] = Json::array();
  Table table({{.name = "lags", .align = Align::kRight},
               {.name = "aic", .align = Align::kRight},
               {.name = "hq", .align = Align::kRight},
               {.name = "bic", .align = Align::kRight},
               {.name = "fpe", .align = Align::kRight}});
  for (const evidence::LagScores& s : lags.choice->scores) {
    json["criteria"].push_back({{"lags", s.lags},
                                {"aic", s.aic},
                                {"hq", s.hannan_quinn},
                                {"bic", s.bic},
                                {"fpe", s.fpe}});
    table.AddRow({CountCell(s.lags), Number(s.aic), Number(s.hannan_quinn),
                  Number(s.bic), Number(s.fpe)});
  }
  report.more["lag_selection"] = std::move(json);
  report.tables.push_back({"lag_selection", std::move(table)});
}

Json ToJson(const evidence::FTest& test) {
  return {{"F", test.f},
          {"df1", test.degrees1},
          {"df2", test.degrees2},
          {"p", test.p}};
}

Json ToJson(const evidence::ChiSquaredTest& test) {
  return {{"chi2", test.statistic}, {"df", test.degrees}, {"p", test.p}};
}

Json ToJson(const Eigen::MatrixXd& matrix) {
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    Json row = Json::array();
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) {
      row.push_back(matrix(i, j));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Cell Number(double value) { return NumberCell(std::isfinite(value), value); }

}  // namespace headway::cli

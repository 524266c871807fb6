// headway nowcast --method news: why a nowcast changed between two vintages.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/nowcast/news.h"
#include "daemon/forecast/math/normal.h"
#include "tools/headway/commands/evidence/systems/calendar.h"
#include "tools/headway/commands/evidence/systems/nowcast_options.h"
#include "tools/headway/commands/evidence/systems/system_options.h"
#include "tools/headway/input/files.h"

namespace headway::cli {
namespace {

using series::Frequency;

// Two vintages over the same periods, to the one in question.
struct Vintages {
  Frame frame;  // of the older, for names and the calendar
  std::vector<std::string> periods;
  Eigen::MatrixXd before;
  Eigen::MatrixXd after;
  evidence::NowcastQuestion question;
  std::vector<std::string> notes;
};

absl::Status CheckSameSeries(const Frame& before, const Frame& after,
                             const NowcastOptions& options) {
  if (before.names == after.names) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      options.new_csv, " has the series ", absl::StrJoin(after.names, ", "),
      ", and ", options.frame.input.csv, " ", absl::StrJoin(before.names, ", "),
      "; give both the same, in the same order, with --series"));
}

double Step(const Frame& frame) {
  if (frame.frequency.has_value()) return 1;
  return frame.positions.size() > 1 ? frame.positions[1] - frame.positions[0]
                                    : 1;
}

absl::StatusOr<double> PositionOf(const Frame& frame, const std::string& at) {
  double number = 0;
  if (frame.frequency.has_value()) {
    const auto position = PositionAt(at, *frame.frequency);
    if (position.has_value()) return *position;
  } else if (absl::SimpleAtod(at, &number)) {
    return number;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--at: ", at.empty() ? "nothing" : at,
                   " is no period of the table; write one as ",
                   frame.periods.back(), " is written"));
}

// The values of a frame on a grid of periods.
Eigen::MatrixXd OnGrid(const Frame& frame, double first, double step,
                       Eigen::Index count) {
  Eigen::MatrixXd grid = Eigen::MatrixXd::Constant(
      count, frame.values.cols(), std::numeric_limits<double>::quiet_NaN());
  for (size_t t = 0; t < frame.positions.size(); ++t) {
    const auto row = static_cast<Eigen::Index>(
        std::round((frame.positions[t] - first) / step));
    if (row >= 0 && row < count) {
      grid.row(row) = frame.values.row(static_cast<Eigen::Index>(t));
    }
  }
  return grid;
}

absl::StatusOr<Vintages> ReadVintages(const NowcastOptions& options) {
  if (options.new_csv.empty()) {
    return absl::InvalidArgumentError(
        "--new: give the newer vintage; --csv is the older");
  }
  if (options.target.empty()) {
    return absl::InvalidArgumentError("--target: name the series");
  }
  Vintages vintages;
  ASSIGN_OR_RETURN(vintages.frame, ReadFrame(options.frame));
  FrameOptions newer = options.frame;
  newer.input.csv = options.new_csv;
  ASSIGN_OR_RETURN(const Frame after, ReadFrame(newer));
  const Frame& before = vintages.frame;
  RETURN_IF_ERROR(CheckSameSeries(before, after, options));
  if (before.frequency != after.frequency) {
    return absl::InvalidArgumentError(
        "the two vintages have periods of different kinds");
  }
  ASSIGN_OR_RETURN(vintages.question.series,
                   ColumnOf(before, options.target, "--target"));
  ASSIGN_OR_RETURN(const double at, PositionOf(before, options.at));
  const double first = std::min(before.positions[0], after.positions[0]);
  const double step = Step(before);
  const double last =
      std::max({at, before.positions.back(), after.positions.back()});
  if (at < first || (last - first) / step > 20000) {
    return absl::InvalidArgumentError(
        absl::StrCat("--at: ", options.at, " is not near the periods ",
                     before.periods.front(), " to ", after.periods.back()));
  }
  const auto count =
      static_cast<Eigen::Index>(std::round((last - first) / step)) + 1;
  vintages.before = OnGrid(before, first, step, count);
  vintages.after = OnGrid(after, first, step, count);
  vintages.question.period = static_cast<int>(std::round((at - first) / step));
  for (Eigen::Index t = 0; t < count; ++t) {
    const double position = first + step * static_cast<double>(t);
    vintages.periods.push_back(
        before.frequency.has_value()
            ? series::FormatPeriod(
                  {*before.frequency, static_cast<int32_t>(position)})
            : absl::StrCat(position));
  }
  vintages.notes = before.notes;
  for (const std::string& note : after.notes) {
    if (std::find(vintages.notes.begin(), vintages.notes.end(), note) ==
        vintages.notes.end()) {
      vintages.notes.push_back(note);
    }
  }
  return vintages;
}

absl::StatusOr<Eigen::MatrixXd> MatrixOf(const Json& json, const char* name,
                                         const std::string& file) {
  const absl::Status bad = absl::InvalidArgumentError(absl::StrCat(
      file, ": ", name,
      " is not a list of numbers, or of rows of numbers of one length"));
  if (!json.contains(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": there is no member ", name));
  }
  const Json& rows = json[name];
  if (!rows.is_array() || rows.empty()) return bad;
  const bool flat = !rows[0].is_array();
  const size_t columns = flat ? 1 : rows[0].size();
  Eigen::MatrixXd matrix(rows.size(), columns);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!flat && (!rows[i].is_array() || rows[i].size() != columns)) return bad;
    for (size_t j = 0; j < columns; ++j) {
      const Json& cell = flat ? rows[i] : rows[i][j];
      if (!cell.is_number()) return bad;
      matrix(i, j) = cell.get<double>();
    }
  }
  return matrix;
}

absl::StatusOr<Eigen::VectorXd> VectorOf(const Json& json, const char* name,
                                         const std::string& file) {
  ASSIGN_OR_RETURN(const Eigen::MatrixXd list, MatrixOf(json, name, file));
  if (list.cols() == 1) return Eigen::VectorXd(list.col(0));
  return absl::InvalidArgumentError(
      absl::StrCat(file, ": ", name, " is a matrix; give a list of numbers"));
}

// A list in the order of the series, or an object by their names.
absl::StatusOr<Eigen::VectorXd> BySeries(const Json& json, const char* name,
                                         const std::string& file,
                                         const Frame& frame) {
  if (json[name].is_array()) {
    return VectorOf(json, name, file);
  }
  Eigen::VectorXd values(frame.names.size());
  for (size_t j = 0; j < frame.names.size(); ++j) {
    const Json& member = json[name];
    if (!member.is_object() || !member.contains(frame.names[j]) ||
        !member[frame.names[j]].is_number()) {
      return absl::InvalidArgumentError(absl::StrCat(
          file, ": ", name, " has no number for ", frame.names[j]));
    }
    values[j] = member[frame.names[j]].get<double>();
  }
  return values;
}

absl::StatusOr<evidence::StateSpace> StateSpaceOf(const Json& json,
                                                  const std::string& file) {
  evidence::StateSpace model;
  ASSIGN_OR_RETURN(model.design, MatrixOf(json, "design", file));
  ASSIGN_OR_RETURN(model.observation_variance,
                   VectorOf(json, "obs_cov_diag", file));
  ASSIGN_OR_RETURN(model.transition, MatrixOf(json, "transition", file));
  ASSIGN_OR_RETURN(const Eigen::MatrixXd shocks,
                   MatrixOf(json, "state_cov", file));
  model.shock_covariance = shocks;
  if (json.contains("selection")) {
    ASSIGN_OR_RETURN(const Eigen::MatrixXd selection,
                     MatrixOf(json, "selection", file));
    if (selection.cols() != shocks.rows() || shocks.rows() != shocks.cols()) {
      return absl::InvalidArgumentError(absl::StrCat(
          file, ": selection and state_cov do not fit one another"));
    }
    model.shock_covariance = selection * shocks * selection.transpose();
  }
  if (json.contains("initial_state_t0")) {
    ASSIGN_OR_RETURN(model.state0, VectorOf(json, "initial_state_t0", file));
  } else {
    model.state0 = Eigen::VectorXd::Zero(model.transition.rows());
  }
  if (json.contains("initial_state_cov_t0")) {
    ASSIGN_OR_RETURN(model.covariance0,
                     MatrixOf(json, "initial_state_cov_t0", file));
  } else {
    ASSIGN_OR_RETURN(model.covariance0,
                     evidence::StationaryCovariance(model.transition,
                                                    model.shock_covariance));
  }
  const absl::Status fits = evidence::CheckStateSpace(model);
  if (!fits.ok()) return Annotate(fits, file);
  return model;
}

// Means and standard deviations (n - 1) of the older vintage.
absl::Status Standardise(const Vintages& vintages,
                         evidence::NowcastModel* model) {
  const Eigen::MatrixXd& table = vintages.before;
  model->mean.resize(table.cols());
  model->deviation.resize(table.cols());
  for (Eigen::Index j = 0; j < table.cols(); ++j) {
    double sum = 0;
    double count = 0;
    for (const double value : table.col(j)) {
      if (std::isnan(value)) continue;
      sum += value;
      ++count;
    }
    const double mean = count > 0 ? sum / count : 0;
    double squares = 0;
    for (const double value : table.col(j)) {
      if (!std::isnan(value)) squares += (value - mean) * (value - mean);
    }
    if (count < 2 || !(squares > 0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          vintages.frame.names[static_cast<size_t>(j)], " has ", count,
          " values and no variation among them; leave it out"));
    }
    model->mean[j] = mean;
    model->deviation[j] = std::sqrt(squares / (count - 1));
  }
  return absl::OkStatus();
}

absl::StatusOr<evidence::NowcastModel> ReadModel(const NowcastOptions& options,
                                                 const Vintages& vintages,
                                                 Report& report) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(options.state_space));
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.state_space, ": is not a JSON object"));
  }
  evidence::NowcastModel model;
  ASSIGN_OR_RETURN(model.state_space, StateSpaceOf(json, options.state_space));
  RETURN_IF_ERROR(Standardise(vintages, &model));
  report.setup["standardised_by"] = "the older vintage";
  if (json.contains("mean") && json.contains("std")) {
    report.setup["standardised_by"] = options.state_space;
    ASSIGN_OR_RETURN(model.mean, BySeries(json, "mean", options.state_space,
                                          vintages.frame));
    ASSIGN_OR_RETURN(model.deviation, BySeries(json, "std", options.state_space,
                                               vintages.frame));
  }
  report.setup["model"] = "state space as given";
  return model;
}

void AddReleases(const Vintages& vintages, const evidence::NewsBreakdown& news,
                 Report& report) {
  Json rows = Json::array();
  Table table({{.name = "series"},
               {.name = "period"},
               {.name = "forecast", .align = Align::kRight},
               {.name = "observed", .align = Align::kRight},
               {.name = "news", .align = Align::kRight},
               {.name = "weight", .align = Align::kRight},
               {.name = "impact", .align = Align::kRight}});
  for (const evidence::Release& r : news.releases) {
    rows.push_back({{"series", vintages.frame.names[r.series]},
                    {"period", vintages.periods[r.period]},
                    {"forecast", r.forecast},
                    {"observed", r.observed},
                    {"news", r.news},
                    {"weight", r.weight},
                    {"impact", r.impact}});
    table.AddRow({vintages.frame.names[r.series], vintages.periods[r.period],
                  Number(r.forecast), Number(r.observed), Number(r.news),
                  Number(r.weight), Number(r.impact)});
  }
  report.more["news"] = std::move(rows);
  report.tables.push_back({"news", std::move(table)});
  Json revisions = Json::array();
  Table by_series({{.name = "series"},
                   {.name = "revised", .align = Align::kRight},
                   {.name = "withdrawn", .align = Align::kRight},
                   {.name = "impact", .align = Align::kRight}});
  for (const evidence::SeriesRevision& r : news.by_revision) {
    revisions.push_back({{"series", vintages.frame.names[r.series]},
                         {"revised", r.revised},
                         {"withdrawn", r.withdrawn},
                         {"impact", r.impact}});
    by_series.AddRow({vintages.frame.names[r.series], CountCell(r.revised),
                      CountCell(r.withdrawn), Number(r.impact)});
  }
  report.more["revisions"] = std::move(revisions);
  report.tables.push_back({"revisions", std::move(by_series)});
}

Estimate NowcastEstimate(const evidence::Nowcast& nowcast, double level) {
  const double reach =
      forecast::NormalQuantile(1 - SizeOf(level) / 2) * nowcast.standard_error;
  return {.estimate = nowcast.value,
          .standard_error = nowcast.standard_error,
          .low = nowcast.value - reach,
          .high = nowcast.value + reach};
}

void AddParts(const NowcastOptions& options,
              const evidence::NewsBreakdown& news, Report& report) {
  report.results = {
      {"old_nowcast", NowcastEstimate(news.old_nowcast, options.level)},
      {"revisions", {.estimate = news.revisions}},
      {"news", {.estimate = news.news}},
      {"reestimation", {.estimate = news.reestimation}},
      {"new_nowcast", NowcastEstimate(news.new_nowcast, options.level)}};
  report.more["remainder"] = news.remainder;
  report.more["identity"] =
      "old_nowcast + revisions + news + reestimation = new_nowcast";
}

void AddDoubts(const Vintages& vintages, const evidence::NewsBreakdown& news,
               Report& report) {
  if (news.releases.empty() && news.by_revision.empty()) {
    report.warnings.push_back(
        "the newer vintage holds neither news nor revisions");
  }
  const auto& q = vintages.question;
  if (!std::isnan(vintages.before(q.period, q.series))) {
    report.warnings.push_back(
        "the older vintage holds the value in question: it was no nowcast");
  } else if (!std::isnan(vintages.after(q.period, q.series))) {
    report.warnings.push_back(
        "the newer vintage holds the value in question itself");
  }
}

}  // namespace

absl::StatusOr<Report> NowcastNews(const NowcastOptions& options) {
  ASSIGN_OR_RETURN(const Vintages vintages, ReadVintages(options));
  Report report;
  report.method = "nowcast_news";
  report.warnings = vintages.notes;
  report.setup["file"] = options.frame.input.csv;
  report.setup["new"] = options.new_csv;
  report.setup["target"] = options.target;
  report.setup["at"] = vintages.periods[vintages.question.period];
  report.setup["series"] = vintages.frame.names;
  report.setup["transforms"] = vintages.frame.transforms;
  report.setup["from"] = vintages.periods.front();
  report.setup["to"] = vintages.periods.back();
  report.setup["level"] = options.level;
  if (options.state_space.empty()) {
    return absl::InvalidArgumentError(
        "--state-space: give the model as JSON; none is estimated");
  }
  ASSIGN_OR_RETURN(const evidence::NowcastModel model,
                   ReadModel(options, vintages, report));
  ASSIGN_OR_RETURN(
      const evidence::NewsBreakdown news,
      evidence::DecomposeNews(model, vintages.before, vintages.after,
                              vintages.question, std::nullopt));
  report.title = absl::StrCat(
      options.target, " ", vintages.periods[vintages.question.period], ": ",
      news.old_nowcast.value, " -> ", news.new_nowcast.value);
  AddParts(options, news, report);
  AddReleases(vintages, news, report);
  AddDoubts(vintages, news, report);
  return report;
}

}  // namespace headway::cli

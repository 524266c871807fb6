#include "tools/headway/commands/evidence/impact/synthetic_options.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"

namespace headway::cli {
namespace {

// Places in the panel, of which the axis may have more at both ends.
absl::StatusOr<int> PanelPlace(const Panel& panel, absl::string_view text,
                               absl::string_view option) {
  ASSIGN_OR_RETURN(const size_t place,
                   panel.axis.Find(absl::StripAsciiWhitespace(text), option));
  if (place >= panel.first_period &&
      place < panel.first_period + panel.periods.size()) {
    return static_cast<int>(place - panel.first_period);
  }
  return absl::OutOfRangeError(
      absl::StrCat(option, ": ", text,
                   " is outside the periods that --from and --to leave, ",
                   panel.periods.front(), " to ", panel.periods.back()));
}

// "1980-1988", "2020-01..2020-06", "2020-01-2020-06". NOT_FOUND: no such pair.
absl::StatusOr<std::pair<int, int>> PanelSpan(const Panel& panel,
                                              absl::string_view text,
                                              absl::string_view option) {
  absl::Status problem = absl::NotFoundError(absl::StrCat(
      option, ": \"", text, "\" is neither a period of the table nor FROM-TO"));
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    const bool dots = text.substr(i, 2) == "..";
    if (text[i] != '-' && !dots) continue;
    const auto from = PanelPlace(panel, text.substr(0, i), option);
    const auto to = PanelPlace(panel, text.substr(i + (dots ? 2 : 1)), option);
    if (from.ok() && to.ok() && *from <= *to) return std::make_pair(*from, *to);
    if (from.ok() && to.ok()) {
      problem = absl::InvalidArgumentError(absl::StrCat(
          option, ": \"", text, "\" ends before it begins; write FROM-TO"));
    } else if (from.ok()) {
      problem = to.status();
    }
  }
  return problem;
}

absl::StatusOr<std::vector<int>> PanelPeriods(const Panel& panel,
                                              absl::string_view text,
                                              absl::string_view option) {
  std::vector<int> places;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const auto one = PanelPlace(panel, part, option);
    if (one.ok()) {
      places.push_back(*one);
      continue;
    }
    ASSIGN_OR_RETURN(const auto span, PanelSpan(panel, part, option));
    for (int place = span.first; place <= span.second; ++place) {
      places.push_back(place);
    }
  }
  absl::c_sort(places);
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

bool IsColumn(absl::string_view name, const std::vector<std::string>& columns) {
  return absl::c_linear_search(columns, name);
}

// Where one unit has no value in any of a predictor's periods.
bool LacksPredictor(const Eigen::MatrixXd& values, Eigen::Index unit,
                    const std::vector<int>& periods) {
  return absl::c_none_of(
      periods, [&](int period) { return std::isfinite(values(unit, period)); });
}

// How many of the values that a predictor is the mean of are missing.
int CountMissing(const evidence::Predictor& predictor) {
  int count = 0;
  for (Eigen::Index unit = 0; unit < predictor.values.rows(); ++unit) {
    for (const int period : predictor.periods) {
      count += std::isfinite(predictor.values(unit, period)) ? 0 : 1;
    }
  }
  return count;
}

Eigen::MatrixXd KeepRows(const Eigen::MatrixXd& values,
                         const std::vector<size_t>& kept) {
  Eigen::MatrixXd rows(static_cast<Eigen::Index>(kept.size()), values.cols());
  for (size_t i = 0; i < kept.size(); ++i) {
    rows.row(static_cast<Eigen::Index>(i)) =
        values.row(static_cast<Eigen::Index>(kept[i]));
  }
  return rows;
}

absl::Status DropUnitsWithoutPredictor(
    std::vector<evidence::Predictor>& predictors, Panel& panel) {
  std::vector<size_t> kept;
  for (size_t unit = 0; unit < panel.units.size(); ++unit) {
    const auto lacking =
        absl::c_find_if(predictors, [&](const evidence::Predictor& one) {
          return LacksPredictor(one.values, static_cast<Eigen::Index>(unit),
                                one.periods);
        });
    // Of a treated unit the numerics say so.
    if (lacking == predictors.end() || unit < panel.treated) {
      kept.push_back(unit);
      continue;
    }
    panel.notes.push_back(absl::StrCat(panel.units[unit],
                                       " was left out: no value of the "
                                       "predictor ",
                                       lacking->name));
  }
  if (kept.size() == panel.units.size()) return absl::OkStatus();
  std::vector<std::string> units;
  for (const size_t unit : kept) units.push_back(panel.units[unit]);
  panel.units = std::move(units);
  panel.outcome = KeepRows(panel.outcome, kept);
  for (evidence::Predictor& predictor : predictors) {
    predictor.values = KeepRows(predictor.values, kept);
  }
  return absl::OkStatus();
}

absl::StatusOr<evidence::Predictor> ReadPredictor(const DataTable& table,
                                                  const ImpactOptions& impact,
                                                  const PredictorChoice& choice,
                                                  const Panel& panel) {
  evidence::Predictor predictor{
      .name = choice.text, .values = panel.outcome, .periods = choice.periods};
  if (choice.column == panel.outcome_name) return predictor;
  ASSIGN_OR_RETURN(
      const Eigen::MatrixXd all,
      PanelColumn(table, impact.input, panel, choice.column, "--predictor"));
  predictor.values =
      all.middleCols(static_cast<Eigen::Index>(panel.first_period),
                     static_cast<Eigen::Index>(panel.periods.size()));
  return predictor;
}

}  // namespace

absl::StatusOr<PredictorChoice> ParsePredictor(
    absl::string_view text, const std::vector<std::string>& columns,
    const Panel& panel, int before) {
  PredictorChoice choice{
      .text = std::string(text), .column = std::string(text), .periods = {}};
  // Names and periods may hold colons, too.
  size_t colon = text.npos;
  if (!IsColumn(text, columns)) {
    colon = text.rfind(':');
    while (colon != text.npos && colon > 0 &&
           !IsColumn(text.substr(0, colon), columns)) {
      colon = text.rfind(':', colon - 1);
    }
    if (colon == text.npos || colon == 0) colon = text.find(':');
  }
  if (colon == text.npos) {
    for (int place = 0; place < before; ++place) {
      choice.periods.push_back(place);
    }
    return choice;
  }
  choice.column = std::string(text.substr(0, colon));
  ASSIGN_OR_RETURN(choice.periods,
                   PanelPeriods(panel, text.substr(colon + 1),
                                absl::StrCat("--predictor ", text)));
  return choice;
}

absl::StatusOr<PeriodRange> ParseFit(absl::string_view text, const Panel& panel,
                                     int before) {
  PeriodRange range{.begin = 0, .end = static_cast<size_t>(before)};
  if (text.empty()) return range;
  ASSIGN_OR_RETURN(const std::vector<int> places,
                   PanelPeriods(panel, text, "--fit"));
  range.begin = static_cast<size_t>(places.front());
  range.end = static_cast<size_t>(places.back()) + 1;
  if (range.end - range.begin != places.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--fit: \"", text, "\" leaves periods out; write FROM-TO"));
  }
  if (places.back() < before) return range;
  return absl::InvalidArgumentError(absl::StrCat(
      "--fit: ", panel.periods[static_cast<size_t>(places.back())],
      " is not before --at ", panel.periods[static_cast<size_t>(before)]));
}

std::string DescribePeriods(const Panel& panel,
                            const std::vector<int>& places) {
  const auto name = [&panel](int place) {
    return panel.periods[static_cast<size_t>(place)];
  };
  if (places.empty()) return "";
  const int span = places.back() - places.front() + 1;
  if (places.size() > 1 && span == static_cast<int>(places.size())) {
    return absl::StrCat(name(places.front()), " to ", name(places.back()));
  }
  return absl::StrJoin(places, ", ", [&](std::string* out, int place) {
    absl::StrAppend(out, name(place));
  });
}

absl::StatusOr<ControlInput> MakeControlInput(const DataTable& table,
                                              const ImpactOptions& impact,
                                              const SyntheticOptions& options,
                                              Panel& panel) {
  ControlInput input;
  ASSIGN_OR_RETURN(const size_t before, PeriodsBefore(panel, impact));
  input.data.before = static_cast<int>(before);
  ASSIGN_OR_RETURN(const PeriodRange fit,
                   ParseFit(options.fit, panel, input.data.before));
  input.data.fit_begin = static_cast<int>(fit.begin);
  input.data.fit_end = static_cast<int>(fit.end);
  std::vector<std::string> columns = table.columns();
  columns.push_back(panel.outcome_name);
  for (const std::string& text : options.predictors) {
    ASSIGN_OR_RETURN(PredictorChoice choice,
                     ParsePredictor(text, columns, panel, input.data.before));
    ASSIGN_OR_RETURN(evidence::Predictor predictor,
                     ReadPredictor(table, impact, choice, panel));
    input.data.predictors.push_back(std::move(predictor));
    input.predictors.push_back(std::move(choice));
  }
  if (impact.drop_incomplete) {
    RETURN_IF_ERROR(DropUnitsWithoutPredictor(input.data.predictors, panel));
  }
  for (const evidence::Predictor& predictor : input.data.predictors) {
    const int missing = CountMissing(predictor);
    if (missing == 0) continue;
    panel.notes.push_back(absl::StrCat(
        "predictor ", predictor.name, ": ", missing, " of ",
        predictor.values.rows() *
            static_cast<Eigen::Index>(predictor.periods.size()),
        " values are missing; means are over those that are there"));
  }
  input.data.units = panel.units;
  input.data.periods = panel.periods;
  input.data.outcomes = panel.outcome;
  RETURN_IF_ERROR(CheckControlData(input.data));
  return input;
}

int ThreadsFor(const SyntheticOptions& options) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return options.threads > 0 ? options.threads : std::max(1, cores);
}

Json SharedSetup(const ImpactOptions& impact, const Panel& panel, int before) {
  Json setup = Json::object();
  setup["file"] = impact.input.csv;
  setup["layout"] = impact.input.unit.empty() ? "wide" : "long";
  if (!impact.input.unit.empty()) setup["unit"] = impact.input.unit;
  if (!impact.input.time.empty()) setup["time"] = impact.input.time;
  setup["outcome"] = panel.outcome_name;
  setup["treated"] = std::vector<std::string>(
      panel.units.begin(), panel.units.begin() + panel.treated);
  setup["at"] = panel.periods[static_cast<size_t>(before)];
  setup["from"] = panel.periods.front();
  setup["to"] = panel.periods.back();
  setup["periods_before"] = before;
  setup["periods_after"] = panel.periods.size() - static_cast<size_t>(before);
  setup["donors"] = std::vector<std::string>(
      panel.units.begin() + panel.treated, panel.units.end());
  setup["drop_incomplete"] = impact.drop_incomplete;
  return setup;
}

}  // namespace headway::cli

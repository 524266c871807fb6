#include "daemon/pipeline/judging/tested_values.h"

#include <limits>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/forecasting/column.h"

namespace headway::pipeline {
namespace {

absl::StatusOr<query::Panel> Evaluate(const std::string& text,
                                      const JudgeInputs& inputs) {
  if (inputs.definitions->indicators.count(text) > 0) {
    ASSIGN_OR_RETURN(const std::shared_ptr<const Evaluation> evaluation,
                     inputs.pipelines->ReadIndicator(text, inputs.options));
    return evaluation->panel;
  }
  return inputs.pipelines->EvaluateExpression(text, *inputs.reader,
                                              inputs.options);
}

std::string NameLabels(
    const google::protobuf::Map<std::string, std::string>& wanted) {
  const std::map<std::string, std::string> sorted(wanted.begin(), wanted.end());
  return absl::StrJoin(sorted, ", ", absl::PairFormatter("="));
}

absl::StatusOr<const query::LabelledColumn*> ChooseColumn(
    const query::Panel& panel, const ClaimTest& test) {
  const auto& wanted = test.definition.labels();
  const std::string& values = test.definition.values();
  std::vector<const query::LabelledColumn*> found;
  for (const query::LabelledColumn& column : panel.columns) {
    if (HasLabels(column.labels, wanted)) found.push_back(&column);
  }
  if (found.size() == 1) return found.front();
  if (panel.columns.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(values, " has no values", panel.notes.empty() ? "" : ": ",
                     absl::StrJoin(panel.notes, "; ")));
  }
  if (found.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(values, " has no series with ", NameLabels(wanted),
                     " among its ", panel.columns.size()));
  }
  return absl::FailedPreconditionError(
      absl::StrCat(values, " has ", found.size(),
                   " series; the test's labels must leave one"));
}

absl::StatusOr<TestedValues> ValuesOf(const std::string& text,
                                      const query::Panel& panel,
                                      const query::LabelledColumn& column) {
  TestedValues tested;
  std::string note;
  const series::Observations x = WithoutPartial(column, &note).observations;
  if (!note.empty()) tested.notes.push_back(std::move(note));
  if (x.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(text, " has no values"));
  }
  tested.labels = column.labels;
  tested.unit = panel.unit;
  tested.frequency = x.frequency;
  tested.vintage_kinds = panel.vintage_kinds;
  tested.first = x.ordinals.front();
  tested.values.assign(
      static_cast<size_t>(x.ordinals.back() - tested.first) + 1,
      std::numeric_limits<double>::quiet_NaN());
  for (size_t i = 0; i < x.size(); ++i) {
    tested.values[static_cast<size_t>(x.ordinals[i] - tested.first)] =
        x.values[i];
  }
  return tested;
}

}  // namespace

bool HasLabels(const series::Labels& labels,
               const google::protobuf::Map<std::string, std::string>& wanted) {
  for (const auto& [name, value] : wanted) {
    if (labels.Get(name) != value) return false;
  }
  return true;
}

absl::StatusOr<TestedValues> ReadTestedValues(const ClaimTest& test,
                                              const JudgeInputs& inputs) {
  const std::string& text = test.definition.values();
  ASSIGN_OR_RETURN(const query::Panel panel, Evaluate(text, inputs));
  ASSIGN_OR_RETURN(const query::LabelledColumn* column,
                   ChooseColumn(panel, test));
  return ValuesOf(text, panel, *column);
}

absl::StatusOr<std::vector<TestedValues>> ReadAllValues(
    const std::string& text, const JudgeInputs& inputs) {
  ASSIGN_OR_RETURN(const query::Panel panel, Evaluate(text, inputs));
  std::vector<TestedValues> all;
  for (const query::LabelledColumn& column : panel.columns) {
    ASSIGN_OR_RETURN(all.emplace_back(), ValuesOf(text, panel, column));
  }
  if (all.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(text, " has no values"));
  }
  return all;
}

}  // namespace headway::pipeline

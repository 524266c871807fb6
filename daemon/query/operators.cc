#include "daemon/query/operators.h"

#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/columns/match.h"
#include "daemon/query/math/arithmetic.h"
#include "daemon/query/meaning.h"

namespace headway::query {
namespace {

using series::FrequencyName;
using series::Unit;

constexpr int kMaxExponent = 9;

absl::Status UnitClash(size_t column, const char* what, const Unit& left,
                       const Unit& right) {
  const char* remedy =
      left.CanBeLabelled(right)
          ? "name one of them as an indicator declared in the other's unit"
          : "convert one of them first";
  return ErrorAt(
      column, absl::StrCat("unit clash: ", what, " between ", left.ToString(),
                           " and ", right.ToString(), "; ", remedy));
}

// Refuses exponents beyond those that Unit::Parse takes.
absl::StatusOr<Unit> CheckUnit(size_t column, Unit unit) {
  if (absl::StatusOr<Unit> parsed = Unit::Parse(unit.ToString());
      !parsed.ok()) {
    return ErrorAt(column, parsed.status().message());
  }
  return unit;
}

// A number is added in the unit of the column: that has a meaning only where
// the column is a plain number itself.
absl::Status CheckTakesNumber(size_t column, Operator op, const Value& columns,
                              double number) {
  if (!columns.unit.has_value() || columns.unit->IsDimensionless()) {
    return absl::OkStatus();
  }
  return ErrorAt(
      column, absl::StrCat("unit clash: ", OperatorText(op), " between ",
                           columns.unit->ToString(), " and the number ", number,
                           ", which has no unit"));
}

absl::StatusOr<Unit> Power(size_t column, const Unit& base, double exponent) {
  if (base.IsDimensionless()) return base * Unit();
  if (std::abs(exponent) > kMaxExponent || exponent != std::trunc(exponent)) {
    return ErrorAt(
        column, absl::StrCat("unit clash: ", base.ToString(), " to the power ",
                             exponent,
                             "; the exponent of a unit is a whole number "
                             "from -",
                             kMaxExponent, " to ", kMaxExponent));
  }
  Unit unit;
  for (int i = 0; i < std::abs(exponent); ++i) {
    unit = exponent > 0 ? unit * base : unit / base;
    ASSIGN_OR_RETURN(unit, CheckUnit(column, std::move(unit)));
  }
  return unit;
}

absl::Status CheckDimensionless(size_t column, const char* role,
                                const Value& value) {
  if (!value.unit.has_value() || value.unit->IsDimensionless()) {
    return absl::OkStatus();
  }
  return ErrorAt(
      column, absl::StrCat("unit clash: the ", role, " of ^ is in ",
                           value.unit->ToString(), "; it must have no unit"));
}

absl::StatusOr<std::optional<Unit>> UnitOfPower(size_t column,
                                                const Value& base,
                                                const Value& exponent) {
  if (exponent.number.has_value()) {
    if (!base.unit.has_value()) return std::optional<Unit>();
    ASSIGN_OR_RETURN(Unit unit, Power(column, *base.unit, *exponent.number));
    return std::optional<Unit>(std::move(unit));
  }
  RETURN_IF_ERROR(CheckDimensionless(column, "exponent", exponent));
  RETURN_IF_ERROR(CheckDimensionless(column, "base", base));
  return std::optional<Unit>(Unit());
}

absl::StatusOr<std::optional<Unit>> UnitOfProduct(size_t column, Operator op,
                                                  const Value& left,
                                                  const Value& right) {
  // 100 * ratio stays a ratio, and half of a percentage one in percent.
  if (right.number.has_value()) return left.unit;
  if (left.number.has_value() && op == Operator::kMultiply) return right.unit;
  const std::optional<Unit> numerator =
      left.number.has_value() ? std::optional<Unit>(Unit()) : left.unit;
  if (!numerator.has_value() || !right.unit.has_value()) {
    return std::optional<Unit>();
  }
  ASSIGN_OR_RETURN(
      Unit unit,
      CheckUnit(column, op == Operator::kMultiply ? *numerator * *right.unit
                                                  : *numerator / *right.unit));
  return std::optional<Unit>(std::move(unit));
}

absl::StatusOr<std::optional<Unit>> UnitOfSum(size_t column, Operator op,
                                              const Value& left,
                                              const Value& right) {
  if (right.number.has_value()) {
    RETURN_IF_ERROR(CheckTakesNumber(column, op, left, *right.number));
    return left.unit;
  }
  if (left.number.has_value()) {
    RETURN_IF_ERROR(CheckTakesNumber(column, op, right, *left.number));
    return right.unit;
  }
  return CommonUnit(column, std::string(OperatorText(op)).c_str(), left, right);
}

// A number is compared in the unit of the column, whatever that is: it bounds
// the values, and goes into none.
absl::StatusOr<std::optional<Unit>> UnitOfComparison(size_t column,
                                                     const BinaryNode& node,
                                                     const Value& left,
                                                     const Value& right) {
  std::optional<Unit> unit = left.number.has_value() ? right.unit : left.unit;
  if (!left.number.has_value() && !right.number.has_value()) {
    ASSIGN_OR_RETURN(
        unit, CommonUnit(column, std::string(OperatorText(node.op)).c_str(),
                         left, right));
  }
  return node.as_number ? std::optional<Unit>(Unit()) : unit;
}

absl::StatusOr<std::optional<Unit>> ResultUnit(size_t column,
                                               const BinaryNode& node,
                                               const Value& left,
                                               const Value& right) {
  if (IsComparison(node.op)) {
    return UnitOfComparison(column, node, left, right);
  }
  switch (node.op) {
    case Operator::kAdd:
    case Operator::kSubtract:
      return UnitOfSum(column, node.op, left, right);
    case Operator::kPower:
      return UnitOfPower(column, left, right);
    default:
      return UnitOfProduct(column, node.op, left, right);
  }
}

std::string Text(Operator op) { return std::string(OperatorText(op)); }

// A label that on, ignoring or group_left names and no column of either side
// has: a slip of the keyboard.
void NoteLabelsNobodyHas(const BinaryNode& node, size_t column,
                         const Value& left, const Value& right, Notes& notes) {
  if (left.columns.empty() || right.columns.empty()) return;
  std::set<std::string> names = LabelNames(left.columns);
  names.merge(LabelNames(right.columns));
  std::vector<std::string> listed = node.matching.copied;
  if (node.matching.labels.has_value()) {
    listed.insert(listed.end(), node.matching.labels->names.begin(),
                  node.matching.labels->names.end());
  }
  for (const std::string& name : listed) {
    if (names.count(name) > 0) continue;
    notes.Add(
        column,
        absl::StrCat(Text(node.op), ": no column has a label \"", name, "\"",
                     SuggestName(name, {names.begin(), names.end()})));
  }
}

absl::StatusOr<std::vector<LabelledColumn>> CombineColumns(
    const BinaryNode& node, size_t column, const Value& left,
    const Value& right, Effort& effort, Notes& notes) {
  auto pairs = MatchColumns(left.columns, right.columns, node.matching);
  if (!pairs.ok()) return ErrorAt(column, pairs.status().message());
  for (const std::string& note :
       DescribeUnmatched(left.columns, right.columns, *pairs)) {
    notes.Add(column, absl::StrCat(Text(node.op), ": ", note));
  }
  const auto combine = [&node](const auto& l, const auto& r) {
    return IsComparison(node.op) ? Compare(node.op, l, r, node.as_number)
                                 : Arithmetic(node.op, l, r);
  };
  std::vector<LabelledColumn> columns;
  for (ColumnPair& pair : *pairs) {
    const LabelledColumn& l = *pair.left;
    const LabelledColumn& r = *pair.right;
    RETURN_IF_ERROR(effort.Spend(SizeOf(l) + SizeOf(r)));
    columns.push_back(
        {std::move(pair.labels), combine(l.observations, r.observations)});
    if (l.paths == nullptr && r.paths == nullptr) continue;
    columns.back().paths =
        std::make_shared<const PathBlock>(combine(PathsOf(l), PathsOf(r)));
  }
  return columns;
}

// Of and and unless, which leave periods out by the columns that match.
void NoteNoneMatch(const BinaryNode& node, size_t column, const Value& left,
                   const Value& right, Notes& notes) {
  if (left.columns.empty() || right.columns.empty() ||
      AnyMatch(left.columns, right.columns, node.matching.labels)) {
    return;
  }
  notes.Add(column, absl::StrCat(
                        Text(node.op), ": no labels of the left side, such as ",
                        FormatLabels(left.columns.front().labels),
                        ", match any of the right side, such as ",
                        FormatLabels(right.columns.front().labels), ", and ",
                        node.op == Operator::kAnd ? "nothing comes of it"
                                                  : "nothing is taken away"));
}

// or, and, unless: at each period by itself.
absl::StatusOr<Value> ApplySetOperator(const BinaryNode& node, size_t column,
                                       const Value& left, const Value& right,
                                       Effort& effort, Notes& notes) {
  const std::string what = Text(node.op);
  if (left.number.has_value() || right.number.has_value()) {
    return ErrorAt(column, absl::StrCat(what,
                                        " is between series, but one side is a "
                                        "number"));
  }
  if (node.matching.many != ManySide::kByLabels) {
    return ErrorAt(column, absl::StrCat(what,
                                        " takes no group_left or group_right: "
                                        "any number of columns may match"));
  }
  for (const Value* side : {&left, &right}) {
    for (const LabelledColumn& x : side->columns) {
      RETURN_IF_ERROR(effort.Spend(x.observations.size()));
    }
  }
  Value result;
  ASSIGN_OR_RETURN(result.frequency,
                   CommonFrequency(column, what.c_str(), left, right));
  const std::optional<LabelList>& matching = node.matching.labels;
  if (node.op == Operator::kOr) {
    ASSIGN_OR_RETURN(result.unit,
                     CommonUnit(column, what.c_str(), left, right));
    result.columns = Union(left.columns, right.columns, matching);
  } else {
    result.unit = left.unit;
    NoteNoneMatch(node, column, left, right, notes);
    result.columns = Restrict(left.columns, right.columns, matching,
                              /*keep=*/node.op == Operator::kAnd);
  }
  return result;
}

absl::StatusOr<Value> ApplyToNumbers(const BinaryNode& node, size_t column,
                                     double left, double right) {
  Value result;
  if (IsComparison(node.op)) {
    if (!node.as_number) {
      return ErrorAt(column, absl::StrCat("a comparison of two numbers filters "
                                          "nothing; write ",
                                          Text(node.op), " bool"));
    }
    result.number = Compare(node.op, left, right) ? 1 : 0;
    return result;
  }
  result.number = Arithmetic(node.op, left, right);
  if (!std::isfinite(*result.number)) {
    return ErrorAt(column, absl::StrCat(left, " ", Text(node.op), " ", right,
                                        " is no number"));
  }
  return result;
}

// One side is a number.
absl::StatusOr<std::vector<LabelledColumn>> ApplyNumber(const BinaryNode& node,
                                                        const Value& left,
                                                        const Value& right,
                                                        Effort& effort) {
  const auto apply = [&](const auto& x) {
    if (left.number.has_value()) {
      return IsComparison(node.op)
                 ? Compare(node.op, *left.number, x, node.as_number)
                 : Arithmetic(node.op, *left.number, x);
    }
    return IsComparison(node.op)
               ? Compare(node.op, x, *right.number, node.as_number)
               : Arithmetic(node.op, x, *right.number);
  };
  std::vector<LabelledColumn> columns;
  for (const LabelledColumn& column :
       left.number.has_value() ? right.columns : left.columns) {
    RETURN_IF_ERROR(effort.Spend(SizeOf(column)));
    columns.push_back({column.labels, apply(column.observations)});
    if (column.paths == nullptr) continue;
    columns.back().paths =
        std::make_shared<const PathBlock>(apply(PathsOf(column)));
  }
  return columns;
}

}  // namespace

absl::StatusOr<std::optional<series::Frequency>> CommonFrequency(
    size_t column, const char* what, const Value& left, const Value& right) {
  if (!left.frequency.has_value()) return right.frequency;
  if (!right.frequency.has_value() || *left.frequency == *right.frequency) {
    return left.frequency;
  }
  const series::Frequency coarser = IsCoarser(*left.frequency, *right.frequency)
                                        ? *left.frequency
                                        : *right.frequency;
  return ErrorAt(
      column, absl::StrCat("frequency clash: ", what, " between ",
                           FrequencyName(*left.frequency), " and ",
                           FrequencyName(*right.frequency),
                           "; bring the finer one to ", FrequencyName(coarser),
                           " with resample(x, \"", FrequencyName(coarser),
                           "\", \"sum\"), or \"mean\", \"last\""));
}

absl::StatusOr<std::optional<Unit>> CommonUnit(size_t column, const char* what,
                                               const Value& left,
                                               const Value& right) {
  if (!left.unit.has_value()) return right.unit;
  if (!right.unit.has_value() || *left.unit == *right.unit) return left.unit;
  return UnitClash(column, what, *left.unit, *right.unit);
}

absl::StatusOr<Value> ApplyBinary(const BinaryNode& node, size_t column,
                                  const Value& left, const Value& right,
                                  Effort& effort, Notes& notes) {
  NoteLabelsNobodyHas(node, column, left, right, notes);
  if (IsSetOperator(node.op)) {
    return ApplySetOperator(node, column, left, right, effort, notes);
  }
  const bool has_number = left.number.has_value() || right.number.has_value();
  if (has_number && node.matching.labels.has_value()) {
    return ErrorAt(column,
                   absl::StrCat(node.matching.labels->keep ? "on" : "ignoring",
                                "(...) matches series, but one side is "
                                "a number"));
  }
  if (left.number.has_value() && right.number.has_value()) {
    return ApplyToNumbers(node, column, *left.number, *right.number);
  }
  Value result;
  ASSIGN_OR_RETURN(result.frequency,
                   CommonFrequency(column, Text(node.op).c_str(), left, right));
  ASSIGN_OR_RETURN(result.unit, ResultUnit(column, node, left, right));
  if (has_number) {
    ASSIGN_OR_RETURN(result.columns, ApplyNumber(node, left, right, effort));
  } else {
    ASSIGN_OR_RETURN(result.columns,
                     CombineColumns(node, column, left, right, effort, notes));
  }
  return result;
}

absl::StatusOr<Value> Negate(const Value& operand, Effort& effort) {
  Value result = operand;
  if (result.number.has_value()) result.number = -*result.number;
  for (LabelledColumn& column : result.columns) {
    RETURN_IF_ERROR(effort.Spend(SizeOf(column)));
    for (double& value : column.observations.values) value = -value;
    if (column.paths == nullptr) continue;
    PathBlock negative = *column.paths;
    for (double& value : negative.values) value = -value;
    column.paths = std::make_shared<const PathBlock>(std::move(negative));
  }
  return result;
}

}  // namespace headway::query

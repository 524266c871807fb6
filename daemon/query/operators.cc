#include "daemon/query/operators.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/match.h"

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
absl::Status CheckTakesNumber(size_t column, char op, const Value& columns,
                              double number) {
  if (!columns.unit.has_value() || columns.unit->IsDimensionless()) {
    return absl::OkStatus();
  }
  return ErrorAt(
      column, absl::StrCat("unit clash: ", std::string(1, op), " between ",
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

absl::StatusOr<std::optional<Unit>> UnitOfProduct(size_t column, char op,
                                                  const Value& left,
                                                  const Value& right) {
  // 100 * ratio stays a ratio, and half of a percentage one in percent.
  if (right.number.has_value()) return left.unit;
  if (left.number.has_value() && op == '*') return right.unit;
  const std::optional<Unit> numerator =
      left.number.has_value() ? std::optional<Unit>(Unit()) : left.unit;
  if (!numerator.has_value() || !right.unit.has_value()) {
    return std::optional<Unit>();
  }
  ASSIGN_OR_RETURN(Unit unit,
                   CheckUnit(column, op == '*' ? *numerator * *right.unit
                                               : *numerator / *right.unit));
  return std::optional<Unit>(std::move(unit));
}

absl::StatusOr<std::optional<Unit>> UnitOfSum(size_t column, char op,
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
  const char what[] = {op, '\0'};
  return CommonUnit(column, what, left, right);
}

absl::StatusOr<std::optional<Unit>> ResultUnit(size_t column, char op,
                                               const Value& left,
                                               const Value& right) {
  switch (op) {
    case '+':
    case '-':
      return UnitOfSum(column, op, left, right);
    case '^':
      return UnitOfPower(column, left, right);
    default:
      return UnitOfProduct(column, op, left, right);
  }
}

absl::StatusOr<std::vector<LabelledColumn>> CombineColumns(
    const BinaryNode& node, size_t column, const Value& left,
    const Value& right, Effort& effort, Notes& notes) {
  auto pairs = MatchColumns(left.columns, right.columns, node.matching);
  if (!pairs.ok()) return ErrorAt(column, pairs.status().message());
  for (const std::string& note :
       DescribeUnmatched(left.columns, right.columns, *pairs)) {
    notes.Add(column, absl::StrCat(std::string(1, node.op), ": ", note));
  }
  std::vector<LabelledColumn> columns;
  for (ColumnPair& pair : *pairs) {
    RETURN_IF_ERROR(effort.Spend(pair.left->observations.size() +
                                 pair.right->observations.size()));
    columns.push_back(
        {std::move(pair.labels), Arithmetic(node.op, pair.left->observations,
                                            pair.right->observations)});
  }
  return columns;
}

absl::StatusOr<Value> ApplyUnion(size_t column, const Value& left,
                                 const Value& right) {
  if (left.number.has_value() || right.number.has_value()) {
    return ErrorAt(column, "or joins series, but one side is a number");
  }
  Value result;
  ASSIGN_OR_RETURN(result.frequency,
                   CommonFrequency(column, "or", left, right));
  ASSIGN_OR_RETURN(result.unit, CommonUnit(column, "or", left, right));
  result.columns = Union(left.columns, right.columns);
  return result;
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
  if (node.op == '|') return ApplyUnion(column, left, right);
  Value result;
  const bool has_number = left.number.has_value() || right.number.has_value();
  if (has_number && node.matching.has_value()) {
    return ErrorAt(column, absl::StrCat(node.matching->keep ? "on" : "ignoring",
                                        "(...) matches series, but one side is "
                                        "a number"));
  }
  if (left.number.has_value() && right.number.has_value()) {
    result.number = Arithmetic(node.op, *left.number, *right.number);
    if (!std::isfinite(*result.number)) {
      return ErrorAt(
          column, absl::StrCat(*left.number, " ", std::string(1, node.op), " ",
                               *right.number, " is no number"));
    }
    return result;
  }
  const char what[] = {node.op, '\0'};
  ASSIGN_OR_RETURN(result.frequency,
                   CommonFrequency(column, what, left, right));
  ASSIGN_OR_RETURN(result.unit, ResultUnit(column, node.op, left, right));
  if (left.number.has_value()) {
    for (const LabelledColumn& x : right.columns) {
      RETURN_IF_ERROR(effort.Spend(x.observations.size()));
      result.columns.push_back(
          {x.labels, Arithmetic(node.op, *left.number, x.observations)});
    }
  } else if (right.number.has_value()) {
    for (const LabelledColumn& x : left.columns) {
      RETURN_IF_ERROR(effort.Spend(x.observations.size()));
      result.columns.push_back(
          {x.labels, Arithmetic(node.op, x.observations, *right.number)});
    }
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
    RETURN_IF_ERROR(effort.Spend(column.observations.size()));
    for (double& value : column.observations.values) value = -value;
  }
  return result;
}

}  // namespace headway::query

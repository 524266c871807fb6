// Operators over columns and numbers. Pure functions.
#ifndef HEADWAY_DAEMON_QUERY_MATH_ARITHMETIC_H_
#define HEADWAY_DAEMON_QUERY_MATH_ARITHMETIC_H_

#include "absl/strings/string_view.h"
#include "daemon/query/math/paths.h"
#include "daemon/series/observations.h"

namespace headway::query {

enum class Operator {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kPower,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kOr,
  kAnd,
  kUnless,
};

// As it is written: "+", "<=", "unless".
absl::string_view OperatorText(Operator op);

// == != < <= > >=.
bool IsComparison(Operator op);
// or and unless.
bool IsSetOperator(Operator op);

// For + - * / ^: the result at the periods that both have; what is no finite
// number is absent.
series::Observations Arithmetic(Operator op, const series::Observations& left,
                                const series::Observations& right);
series::Observations Arithmetic(Operator op, const series::Observations& left,
                                double right);
series::Observations Arithmetic(Operator op, double left,
                                const series::Observations& right);
double Arithmetic(Operator op, double left, double right);

// For comparisons. A filter: the values of the column, or of the left one of
// two, for which it holds. With `as_number` 1 where it holds and 0 where it
// does not, at the periods that both have.
series::Observations Compare(Operator op, const series::Observations& left,
                             const series::Observations& right, bool as_number);
series::Observations Compare(Operator op, const series::Observations& left,
                             double right, bool as_number);
series::Observations Compare(Operator op, double left,
                             const series::Observations& right, bool as_number);
bool Compare(Operator op, double left, double right);

// The same along paths, of which one side at least has some. The result has the
// periods from the first row of either side to the last that both have.
PathBlock Arithmetic(Operator op, const PathColumn& left,
                     const PathColumn& right);
PathBlock Arithmetic(Operator op, const PathColumn& left, double right);
PathBlock Arithmetic(Operator op, double left, const PathColumn& right);
PathBlock Compare(Operator op, const PathColumn& left, const PathColumn& right,
                  bool as_number);
PathBlock Compare(Operator op, const PathColumn& left, double right,
                  bool as_number);
PathBlock Compare(Operator op, double left, const PathColumn& right,
                  bool as_number);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MATH_ARITHMETIC_H_

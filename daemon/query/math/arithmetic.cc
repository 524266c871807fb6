#include "daemon/query/math/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "daemon/query/math/column.h"

namespace headway::query {
namespace {

using series::Observations;

// A filter leaves out what it does not keep, as Append does what is no number.
constexpr double kLeftOut = std::numeric_limits<double>::quiet_NaN();

template <typename Op>
Observations Zip(const Observations& a, const Observations& b, Op op) {
  Observations result = EmptyLike(a);
  result.known_at = std::max(a.known_at, b.known_at);
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a.ordinals[i] < b.ordinals[j]) {
      ++i;
    } else if (b.ordinals[j] < a.ordinals[i]) {
      ++j;
    } else {
      Append(a.ordinals[i], op(a.values[i], b.values[j]), &result,
             series::LessFirm(series::StatusAt(a.statuses, i),
                              series::StatusAt(b.statuses, j)));
      ++i;
      ++j;
    }
  }
  return result;
}

template <typename Op>
Observations Map(const Observations& x, Op op) {
  Observations result = EmptyLike(x);
  for (size_t i = 0; i < x.size(); ++i) {
    Append(x.ordinals[i], op(x.values[i]), &result,
           series::StatusAt(x.statuses, i));
  }
  return result;
}

// Calls visit with the function that `op` stands for, so that the choice is
// made once for a column.
template <typename Visit>
auto WithArithmetic(Operator op, Visit visit) {
  switch (op) {
    case Operator::kAdd:
      return visit([](double a, double b) { return a + b; });
    case Operator::kSubtract:
      return visit([](double a, double b) { return a - b; });
    case Operator::kMultiply:
      return visit([](double a, double b) { return a * b; });
    case Operator::kDivide:
      return visit([](double a, double b) { return a / b; });
    default:
      return visit([](double a, double b) { return std::pow(a, b); });
  }
}

template <typename Visit>
auto WithComparison(Operator op, Visit visit) {
  switch (op) {
    case Operator::kEqual:
      return visit([](double a, double b) { return a == b; });
    case Operator::kNotEqual:
      return visit([](double a, double b) { return a != b; });
    case Operator::kLess:
      return visit([](double a, double b) { return a < b; });
    case Operator::kLessOrEqual:
      return visit([](double a, double b) { return a <= b; });
    case Operator::kGreater:
      return visit([](double a, double b) { return a > b; });
    default:
      return visit([](double a, double b) { return a >= b; });
  }
}

// What a comparison makes of a value that it is about.
double Outcome(bool holds, double value, bool as_number) {
  if (as_number) return holds ? 1 : 0;
  return holds ? value : kLeftOut;
}

}  // namespace

absl::string_view OperatorText(Operator op) {
  switch (op) {
    case Operator::kAdd:
      return "+";
    case Operator::kSubtract:
      return "-";
    case Operator::kMultiply:
      return "*";
    case Operator::kDivide:
      return "/";
    case Operator::kPower:
      return "^";
    case Operator::kEqual:
      return "==";
    case Operator::kNotEqual:
      return "!=";
    case Operator::kLess:
      return "<";
    case Operator::kLessOrEqual:
      return "<=";
    case Operator::kGreater:
      return ">";
    case Operator::kGreaterOrEqual:
      return ">=";
    case Operator::kOr:
      return "or";
    case Operator::kAnd:
      return "and";
    case Operator::kUnless:
      return "unless";
  }
  return "?";
}

bool IsComparison(Operator op) {
  return op >= Operator::kEqual && op <= Operator::kGreaterOrEqual;
}

bool IsSetOperator(Operator op) { return op >= Operator::kOr; }

Observations Arithmetic(Operator op, const Observations& left,
                        const Observations& right) {
  return WithArithmetic(op, [&](auto f) { return Zip(left, right, f); });
}

Observations Arithmetic(Operator op, const Observations& left, double right) {
  return WithArithmetic(op, [&](auto f) {
    return Map(left, [&](double value) { return f(value, right); });
  });
}

Observations Arithmetic(Operator op, double left, const Observations& right) {
  return WithArithmetic(op, [&](auto f) {
    return Map(right, [&](double value) { return f(left, value); });
  });
}

double Arithmetic(Operator op, double left, double right) {
  return WithArithmetic(op, [&](auto f) { return f(left, right); });
}

Observations Compare(Operator op, const Observations& left,
                     const Observations& right, bool as_number) {
  return WithComparison(op, [&](auto f) {
    return Zip(left, right, [&](double a, double b) {
      return Outcome(f(a, b), a, as_number);
    });
  });
}

Observations Compare(Operator op, const Observations& left, double right,
                     bool as_number) {
  return WithComparison(op, [&](auto f) {
    return Map(left, [&](double value) {
      return Outcome(f(value, right), value, as_number);
    });
  });
}

Observations Compare(Operator op, double left, const Observations& right,
                     bool as_number) {
  return WithComparison(op, [&](auto f) {
    return Map(right, [&](double value) {
      return Outcome(f(left, value), value, as_number);
    });
  });
}

bool Compare(Operator op, double left, double right) {
  return WithComparison(op, [&](auto f) { return f(left, right); });
}

}  // namespace headway::query

#include "daemon/query/math/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "daemon/query/math/column.h"
#include "daemon/query/math/path_transform.h"

namespace headway::query {
namespace {

using series::Observations;

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

int32_t EndOf(const PathColumn& x) {
  if (x.future != nullptr) return x.future->end();
  return x.past->empty() ? INT32_MIN : x.past->ordinals.back() + 1;
}

template <typename Op>
PathBlock ZipPaths(const PathColumn& a, const PathColumn& b, Op op) {
  const PathBlock& some = a.future != nullptr ? *a.future : *b.future;
  int32_t first = some.first;
  if (b.future != nullptr) first = std::min(first, b.future->first);
  PathBlock result =
      EmptyBlock(first, std::min(EndOf(a), EndOf(b)), some.paths);
  PathReader left(a, some.paths);
  PathReader right(b, some.paths);
  for (size_t row = 0; row < result.rows(); ++row) {
    const int32_t ordinal = first + static_cast<int32_t>(row);
    const double* l = left.At(ordinal);
    const double* r = right.At(ordinal);
    if (l == nullptr || r == nullptr) continue;
    double* to = result.Row(row);
    // Not by op alone: NaN to the power 0 is 1.
    for (size_t p = 0; p < some.paths; ++p) {
      const bool is_there = l[p] == l[p] && r[p] == r[p];
      to[p] = is_there ? FiniteOrNone(op(l[p], r[p])) : kNoValue;
    }
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

// What a comparison makes of a value that it is about. A filter leaves out what
// it does not keep, as Append does what is no number.
double Outcome(bool holds, double value, bool as_number) {
  if (as_number) return holds ? 1 : 0;
  return holds ? value : kNoValue;
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

PathBlock Arithmetic(Operator op, const PathColumn& left,
                     const PathColumn& right) {
  return WithArithmetic(op, [&](auto f) { return ZipPaths(left, right, f); });
}

PathBlock Arithmetic(Operator op, const PathColumn& left, double right) {
  return WithArithmetic(op, [&](auto f) {
    return MapPaths(left, [&](double value) { return f(value, right); });
  });
}

PathBlock Arithmetic(Operator op, double left, const PathColumn& right) {
  return WithArithmetic(op, [&](auto f) {
    return MapPaths(right, [&](double value) { return f(left, value); });
  });
}

PathBlock Compare(Operator op, const PathColumn& left, const PathColumn& right,
                  bool as_number) {
  return WithComparison(op, [&](auto f) {
    return ZipPaths(left, right, [&](double a, double b) {
      return Outcome(f(a, b), a, as_number);
    });
  });
}

PathBlock Compare(Operator op, const PathColumn& left, double right,
                  bool as_number) {
  return WithComparison(op, [&](auto f) {
    return MapPaths(left, [&](double value) {
      return Outcome(f(value, right), value, as_number);
    });
  });
}

PathBlock Compare(Operator op, double left, const PathColumn& right,
                  bool as_number) {
  return WithComparison(op, [&](auto f) {
    return MapPaths(right, [&](double value) {
      return Outcome(f(left, value), value, as_number);
    });
  });
}

}  // namespace headway::query

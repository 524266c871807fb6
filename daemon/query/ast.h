// The tree of a parsed expression. Immutable once the parser has made it.
#ifndef HEADWAY_DAEMON_QUERY_AST_H_
#define HEADWAY_DAEMON_QUERY_AST_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/query/columns/match.h"
#include "daemon/query/math/arithmetic.h"
#include "daemon/series/selector.h"

namespace headway::query {

// The series that convert looks for if no rate is given.
inline constexpr char kRateMetric[] = "exchange_rate";

struct Node;
using NodePtr = std::unique_ptr<const Node>;

struct NumberNode {
  double value = 0;
};

// Only ever an argument of a function.
struct StringNode {
  std::string value;
};

struct SelectorNode {
  series::Selector selector;
  // Written without braces, so that an indicator may be meant.
  bool bare = false;
};

struct NegationNode {
  NodePtr operand;
};

struct BinaryNode {
  Operator op = Operator::kAdd;
  // Of a comparison: 1 and 0 instead of a filter.
  bool as_number = false;
  Matching matching;
  NodePtr left;
  NodePtr right;
};

// Functions and aggregations alike.
struct FunctionCallNode {
  std::string function;
  // by or without.
  std::optional<LabelList> grouping;
  std::vector<NodePtr> arguments;
};

struct Node {
  // Where it stands in the text, counted from 1. Of an operation, where its
  // operator stands.
  size_t column = 1;
  // Levels of nodes from here down. The parser bounds it, for everything that
  // walks the tree recurs.
  int depth = 1;
  std::variant<NumberNode, StringNode, SelectorNode, NegationNode, BinaryNode,
               FunctionCallNode>
      body;
};

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_AST_H_

// A recursive-descent parser over the text itself. docs/query.md holds the
// grammar; each rule of it is one function here.
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/base/utf8.h"
#include "daemon/query/ast.h"
#include "daemon/query/meaning.h"
#include "daemon/query/query.h"

namespace headway::query {
namespace {

constexpr size_t kMaxTextBytes = 16384;
// Of brackets in the text, and of levels in the tree: both bound the stack.
constexpr int kMaxNesting = 200;
constexpr size_t kMaxLabels = 32;

bool IsNameByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool StartsName(absl::string_view text) {
  return !text.empty() && IsNameByte(text[0]) &&
         !absl::ascii_isdigit(static_cast<unsigned char>(text[0]));
}

size_t NameLength(absl::string_view text) {
  if (!StartsName(text)) return 0;
  return std::find_if_not(text.begin(), text.end(), IsNameByte) - text.begin();
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : all_(text), rest_(text) {}

  absl::StatusOr<NodePtr> ParseAll() {
    ASSIGN_OR_RETURN(NodePtr root, ParseUnion());
    if (!Peek().empty()) return Unexpected("an operator or the end");
    return root;
  }

 private:
  size_t column() const { return all_.size() - rest_.size() + 1; }

  static absl::Status ErrorAt(size_t column, absl::string_view problem) {
    return absl::InvalidArgumentError(
        absl::StrCat("column ", column, ": ", problem));
  }

  absl::Status Unexpected(absl::string_view expected) {
    absl::string_view found = Peek();
    if (found.empty()) {
      return ErrorAt(column(), absl::StrCat("expected ", expected,
                                            ", but the expression ends here"));
    }
    if (const std::string known = DescribeTypography(found); !known.empty()) {
      return ErrorAt(column(), known);
    }
    const size_t length =
        std::max({size_t{1}, NameLength(found), Utf8Length(found)});
    return ErrorAt(
        column(),
        absl::StrCat("expected ", expected, ", not \"",
                     absl::Utf8SafeCHexEscape(found.substr(0, length)), "\"",
                     SuggestSyntax(found)));
  }

  static void SkipSpace(absl::string_view* text) {
    while (true) {
      *text = absl::StripLeadingAsciiWhitespace(*text);
      if (text->empty() || (*text)[0] != '#') return;
      text->remove_prefix(std::min(text->find('\n'), text->size()));
    }
  }

  absl::string_view Peek() {
    SkipSpace(&rest_);
    return rest_;
  }

  bool Consume(char c) {
    if (!absl::StartsWith(Peek(), absl::string_view(&c, 1))) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Whether `text` starts with the word and a bracket: what sets `by (...)`
  // apart from a metric of that name.
  static bool StartsWithWord(absl::string_view text, absl::string_view word) {
    if (NameLength(text) != word.size() || !absl::StartsWith(text, word)) {
      return false;
    }
    text.remove_prefix(word.size());
    SkipSpace(&text);
    return absl::StartsWith(text, "(");
  }

  absl::StatusOr<NodePtr> MakeNode(size_t column, int depth,
                                   decltype(Node::body) body) {
    if (depth > kMaxNesting) return TooDeep(column);
    return std::make_unique<const Node>(Node{column, depth, std::move(body)});
  }

  static absl::Status TooDeep(size_t column) {
    return ErrorAt(column, absl::StrCat("more than ", kMaxNesting,
                                        " operations inside one another; "
                                        "split the expression"));
  }

  absl::StatusOr<NodePtr> MakeBinary(size_t column, BinaryNode binary) {
    const int depth = 1 + std::max(binary.left->depth, binary.right->depth);
    return MakeNode(column, depth, std::move(binary));
  }

  // Operands of one rank with the operators between them, from the left:
  // operand { operator [ "bool" ] [ matching ] operand }
  absl::StatusOr<NodePtr> ParseRank(
      std::initializer_list<Operator> operators,
      absl::StatusOr<NodePtr> (Parser::*parse_operand)()) {
    ASSIGN_OR_RETURN(NodePtr left, (this->*parse_operand)());
    while (const std::optional<Operator> op = PeekOperator(operators)) {
      const size_t at = column();
      ASSIGN_OR_RETURN(BinaryNode binary, ConsumeOperator(*op));
      ASSIGN_OR_RETURN(binary.right, (this->*parse_operand)());
      binary.left = std::move(left);
      ASSIGN_OR_RETURN(left, MakeBinary(at, std::move(binary)));
    }
    return left;
  }

  // union = conjunction { "or" [ matching ] conjunction }
  absl::StatusOr<NodePtr> ParseUnion() {
    if (++nesting_ > kMaxNesting) return TooDeep(column());
    ASSIGN_OR_RETURN(NodePtr node,
                     ParseRank({Operator::kOr}, &Parser::ParseConjunction));
    --nesting_;
    return node;
  }

  // conjunction = comparison { ( "and" | "unless" ) [ matching ] comparison }
  absl::StatusOr<NodePtr> ParseConjunction() {
    return ParseRank({Operator::kAnd, Operator::kUnless},
                     &Parser::ParseComparison);
  }

  // comparison = sum { ( "==" | ... ) [ "bool" ] [ matching ] sum }
  absl::StatusOr<NodePtr> ParseComparison() {
    // The longer ones first: "<" is a prefix of "<=".
    return ParseRank(
        {Operator::kEqual, Operator::kNotEqual, Operator::kLessOrEqual,
         Operator::kGreaterOrEqual, Operator::kLess, Operator::kGreater},
        &Parser::ParseSum);
  }

  // sum = product { ( "+" | "-" ) [ matching ] product }
  absl::StatusOr<NodePtr> ParseSum() {
    return ParseRank({Operator::kAdd, Operator::kSubtract},
                     &Parser::ParseProduct);
  }

  // product = negation { ( "*" | "/" ) [ matching ] negation }
  absl::StatusOr<NodePtr> ParseProduct() {
    return ParseRank({Operator::kMultiply, Operator::kDivide},
                     &Parser::ParseNegation);
  }

  // negation = ( "-" | "+" ) negation | power
  absl::StatusOr<NodePtr> ParseNegation() {
    const bool is_plus = absl::StartsWith(Peek(), "+");
    if (!is_plus && !absl::StartsWith(rest_, "-")) return ParsePower();
    const size_t at = column();
    rest_.remove_prefix(1);
    if (++nesting_ > kMaxNesting) return TooDeep(at);
    ASSIGN_OR_RETURN(NodePtr operand, ParseNegation());
    --nesting_;
    if (is_plus) return operand;
    const int depth = operand->depth + 1;
    return MakeNode(at, depth, NegationNode{std::move(operand)});
  }

  // power = primary [ "^" [ matching ] negation ]
  absl::StatusOr<NodePtr> ParsePower() {
    ASSIGN_OR_RETURN(NodePtr base, ParsePrimary());
    if (!absl::StartsWith(Peek(), "^")) return base;
    const size_t at = column();
    if (++nesting_ > kMaxNesting) return TooDeep(at);
    ASSIGN_OR_RETURN(BinaryNode binary, ConsumeOperator(Operator::kPower));
    ASSIGN_OR_RETURN(binary.right, ParseNegation());
    --nesting_;
    binary.left = std::move(base);
    return MakeBinary(at, std::move(binary));
  }

  // The operator at the front of the text, if it is one of these.
  std::optional<Operator> PeekOperator(
      std::initializer_list<Operator> operators) {
    Peek();
    for (const Operator op : operators) {
      const absl::string_view text = OperatorText(op);
      if (!absl::StartsWith(rest_, text)) continue;
      // A name that begins with a word is not the word.
      if (StartsName(text) && NameLength(rest_) != text.size()) continue;
      return op;
    }
    return std::nullopt;
  }

  // operator [ "bool" ] [ matching ]
  absl::StatusOr<BinaryNode> ConsumeOperator(Operator op) {
    BinaryNode binary;
    binary.op = op;
    rest_.remove_prefix(OperatorText(op).size());
    if (IsComparison(op)) binary.as_number = ConsumeWord("bool");
    ASSIGN_OR_RETURN(binary.matching, ParseMatching());
    return binary;
  }

  bool ConsumeWord(absl::string_view word) {
    if (!absl::StartsWith(Peek(), word) || NameLength(rest_) != word.size()) {
      return false;
    }
    rest_.remove_prefix(word.size());
    return true;
  }

  // matching = ( "on" | "ignoring" ) labels
  //            [ ( "group_left" | "group_right" ) [ labels ] ]
  absl::StatusOr<Matching> ParseMatching() {
    Matching matching;
    ASSIGN_OR_RETURN(matching.labels, ParseLabelList("on", "ignoring"));
    const size_t at = (Peek(), column());
    const bool left = ConsumeWord("group_left");
    if (!left && !ConsumeWord("group_right")) return matching;
    matching.many = left ? ManySide::kLeft : ManySide::kRight;
    if (!matching.labels.has_value()) {
      return ErrorAt(at, absl::StrCat(left ? "group_left" : "group_right",
                                      " comes after on(...) or ignoring(...)"));
    }
    if (Consume('(')) {
      ASSIGN_OR_RETURN(matching.copied, ParseNames());
    }
    return matching;
  }

  // primary = number | selector | call | "(" union ")"
  absl::StatusOr<NodePtr> ParsePrimary() {
    absl::string_view next = Peek();
    if (Consume('(')) {
      ASSIGN_OR_RETURN(NodePtr inner, ParseUnion());
      if (!Consume(')')) return Unexpected("an operator or )");
      return inner;
    }
    if (absl::StartsWith(next, "{")) return ParseSelectorNode();
    if (StartsName(next)) {
      return IsCall(next) ? ParseCall() : ParseSelectorNode();
    }
    if (!next.empty() &&
        (absl::ascii_isdigit(static_cast<unsigned char>(next[0])) ||
         next[0] == '.')) {
      return ParseNumber();
    }
    return Unexpected("a number, a selector, a function or (");
  }

  absl::StatusOr<NodePtr> ParseNumber() {
    const size_t at = column();
    size_t length = 0;
    while (length < rest_.size() &&
           (IsNameByte(rest_[length]) || rest_[length] == '.' ||
            // The sign of an exponent, as in 1e-3.
            ((rest_[length] == '-' || rest_[length] == '+') && length > 0 &&
             absl::ascii_tolower(rest_[length - 1]) == 'e'))) {
      ++length;
    }
    absl::string_view literal = rest_.substr(0, length);
    double value = 0;
    // SimpleAtod would take hexadecimal numbers, and 1e999 as infinity.
    const bool decimal =
        literal.find_first_not_of("0123456789.eE+-") == absl::string_view::npos;
    if (!decimal || !absl::SimpleAtod(literal, &value) ||
        !std::isfinite(value)) {
      return ErrorAt(at, absl::StrCat("\"", literal,
                                      "\" is not a number; write for example "
                                      "100, 0.5 or 1e26"));
    }
    rest_.remove_prefix(length);
    return MakeNode(at, 1, NumberNode{value});
  }

  absl::StatusOr<NodePtr> ParseSelectorNode() {
    const size_t at = column();
    absl::string_view before = rest_;
    ASSIGN_OR_RETURN(series::Selector selector,
                     series::ConsumeSelector(&rest_, at));
    const bool bare =
        before.substr(0, before.size() - rest_.size()).find('{') ==
        absl::string_view::npos;
    return MakeNode(at, 1, SelectorNode{std::move(selector), bare});
  }

  static bool IsCall(absl::string_view text) {
    text.remove_prefix(NameLength(text));
    SkipSpace(&text);
    return absl::StartsWith(text, "(") || StartsWithWord(text, "by") ||
           StartsWithWord(text, "without");
  }

  // call = name [ grouping ] "(" [ argument { "," argument } ] ")" [ grouping ]
  // grouping = ( "by" | "without" ) labels
  absl::StatusOr<NodePtr> ParseCall() {
    const size_t at = column();
    FunctionCallNode call;
    call.function = std::string(rest_.substr(0, NameLength(rest_)));
    rest_.remove_prefix(call.function.size());
    ASSIGN_OR_RETURN(call.grouping, ParseLabelList("by", "without"));
    if (!Consume('(')) return Unexpected("(");
    ASSIGN_OR_RETURN(call.arguments, ParseArguments());
    const size_t after = (Peek(), column());
    ASSIGN_OR_RETURN(std::optional<LabelList> grouping,
                     ParseLabelList("by", "without"));
    if (grouping.has_value()) {
      if (call.grouping.has_value()) {
        return ErrorAt(after, absl::StrCat(call.function,
                                           " has a by or without on either "
                                           "side of its argument; write one"));
      }
      call.grouping = std::move(grouping);
    }
    int depth = 1;
    for (const NodePtr& argument : call.arguments) {
      depth = std::max(depth, argument->depth + 1);
    }
    return MakeNode(at, depth, std::move(call));
  }

  absl::StatusOr<std::vector<NodePtr>> ParseArguments() {
    std::vector<NodePtr> arguments;
    if (Consume(')')) return arguments;
    while (true) {
      ASSIGN_OR_RETURN(NodePtr argument, ParseArgument());
      arguments.push_back(std::move(argument));
      if (Consume(')')) return arguments;
      if (!Consume(',')) return Unexpected("an operator, a comma or )");
    }
  }

  // argument = string | union
  absl::StatusOr<NodePtr> ParseArgument() {
    if (!absl::StartsWith(Peek(), "\"") && !absl::StartsWith(rest_, "'")) {
      return ParseUnion();
    }
    const char quote = rest_[0];
    const size_t at = column();
    std::string value;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == quote) {
        rest_.remove_prefix(i + 1);
        return MakeNode(at, 1, StringNode{std::move(value)});
      }
      // Periods, frequencies and methods are all there is to say in strings.
      if (rest_[i] == '\\' || rest_[i] == '\n') break;
      value.push_back(rest_[i]);
    }
    return ErrorAt(at, "the string's closing quote is missing");
  }

  // labels = "(" [ name { "," name } ] ")"
  absl::StatusOr<std::optional<LabelList>> ParseLabelList(
      absl::string_view keep, absl::string_view drop) {
    absl::string_view next = Peek();
    const bool keeps = StartsWithWord(next, keep);
    if (!keeps && !StartsWithWord(next, drop)) {
      return std::optional<LabelList>();
    }
    LabelList list;
    list.keep = keeps;
    rest_.remove_prefix(keeps ? keep.size() : drop.size());
    Consume('(');
    ASSIGN_OR_RETURN(list.names, ParseNames());
    return std::optional<LabelList>(std::move(list));
  }

  // What follows the bracket of a list, up to the one that closes it.
  absl::StatusOr<std::vector<std::string>> ParseNames() {
    std::vector<std::string> names;
    while (!Consume(')')) {
      if (!names.empty() && !Consume(',')) return Unexpected(", or )");
      const size_t length = NameLength(Peek());
      if (length == 0) return Unexpected("a label name");
      if (names.size() == kMaxLabels) {
        return ErrorAt(column(), absl::StrCat("more than ", kMaxLabels,
                                              " labels in one list"));
      }
      names.emplace_back(rest_.substr(0, length));
      rest_.remove_prefix(length);
    }
    return names;
  }

  const absl::string_view all_;
  absl::string_view rest_;
  int nesting_ = 0;
};

}  // namespace

absl::StatusOr<Expression> Parse(absl::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("column ", kMaxTextBytes + 1, ": the expression has ",
                     text.size(), " bytes; at most ", kMaxTextBytes));
  }
  std::string copy(text);
  Parser parser(text);
  ASSIGN_OR_RETURN(NodePtr root, parser.ParseAll());
  return Expression(std::move(root), std::move(copy));
}

}  // namespace headway::query

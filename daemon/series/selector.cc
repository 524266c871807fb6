#include "daemon/series/selector.h"

#include <re2/re2.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"

namespace headway::series {
namespace {

constexpr size_t kMaxMatchers = 64;
constexpr size_t kMaxRegexBytes = 1024;
// Where PromQL lets the metric be written as well.
constexpr absl::string_view kMetricInPromQl = "__name__";

absl::string_view OpText(MatchOp op) {
  switch (op) {
    case MatchOp::kEqual:
      return "=";
    case MatchOp::kNotEqual:
      return "!=";
    case MatchOp::kRegex:
      return "=~";
    case MatchOp::kNotRegex:
      return "!~";
  }
  return "?";
}

// Reads a selector from the front of a text and knows the column it is at.
class SelectorReader {
 public:
  SelectorReader(absl::string_view text, size_t first_column)
      : all_(text), rest_(text), first_column_(first_column) {}

  absl::string_view rest() const { return rest_; }

  absl::Status Error(absl::string_view problem) const {
    return absl::InvalidArgumentError(absl::StrCat(
        "selector: column ", all_.size() - rest_.size() + first_column_, ": ",
        problem));
  }

  void SkipSpace() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  std::string ReadName() {
    size_t length = 0;
    while (length < rest_.size() &&
           (absl::ascii_isalpha(rest_[length]) || rest_[length] == '_' ||
            (length > 0 && absl::ascii_isdigit(rest_[length])))) {
      ++length;
    }
    std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return name;
  }

  bool Consume(absl::string_view token) {
    SkipSpace();
    return absl::ConsumePrefix(&rest_, token);
  }

  absl::StatusOr<MatchOp> ReadOp() {
    SkipSpace();
    // The two-character operators first: "=" is a prefix of "=~".
    for (MatchOp op : {MatchOp::kRegex, MatchOp::kNotRegex, MatchOp::kNotEqual,
                       MatchOp::kEqual}) {
      if (absl::ConsumePrefix(&rest_, OpText(op))) return op;
    }
    return Error("expected =, !=, =~ or !~ after a label name");
  }

  absl::StatusOr<std::string> ReadString() {
    SkipSpace();
    if (rest_.empty() || (rest_[0] != '"' && rest_[0] != '\'')) {
      const std::string known = DescribeTypography(rest_);
      return Error(!known.empty() ? known
                   : absl::StartsWith(rest_, "=")
                       ? "expected a value in quotes, not a second =; a "
                         "matcher has one, as in partner=\"CHN\""
                       : "expected a value in quotes");
    }
    const char quote = rest_[0];
    std::string value;
    for (size_t i = 1; i < rest_.size(); ++i) {
      char c = rest_[i];
      if (c == quote) {
        rest_.remove_prefix(i + 1);
        return value;
      }
      if (c == '\\') {
        if (++i == rest_.size()) break;
        // \n and \t are characters; any other escape keeps its backslash
        // unless it protects a quote or a backslash, so that the regular
        // expression "8\.5" need not be written "8\\.5".
        if (rest_[i] == 'n') {
          c = '\n';
        } else if (rest_[i] == 't') {
          c = '\t';
        } else {
          if (rest_[i] != quote && rest_[i] != '\\') value.push_back('\\');
          c = rest_[i];
        }
      }
      value.push_back(c);
    }
    return Error("the value's closing quote is missing");
  }

  absl::StatusOr<Matcher> ReadMatcher() {
    SkipSpace();
    std::string name = ReadName();
    if (name.empty()) return Error("expected a label name");
    ASSIGN_OR_RETURN(MatchOp op, ReadOp());
    ASSIGN_OR_RETURN(std::string value, ReadString());
    if (name == kMetricInPromQl) {
      return Error(op == MatchOp::kEqual
                       ? absl::StrCat("the metric is no label; write it before "
                                      "the braces: ",
                                      value, "{...}")
                       : "the metric is no label, and there is one to a "
                         "selector; write it before the braces: cpu{...}");
    }
    absl::StatusOr<Matcher> matcher =
        Matcher::Create(std::move(name), op, std::move(value));
    if (!matcher.ok()) return Error(matcher.status().message());
    return matcher;
  }

  absl::StatusOr<std::vector<Matcher>> ReadMatchers() {
    std::vector<Matcher> matchers;
    while (!Consume("}")) {
      if (!matchers.empty()) {
        if (!Consume(",")) return Error("expected , or } after a matcher");
        if (Consume("}")) break;
      }
      if (matchers.size() == kMaxMatchers) {
        return Error(absl::StrCat("more than ", kMaxMatchers, " matchers"));
      }
      ASSIGN_OR_RETURN(Matcher matcher, ReadMatcher());
      matchers.push_back(std::move(matcher));
    }
    return matchers;
  }

 private:
  const absl::string_view all_;
  absl::string_view rest_;
  const size_t first_column_;
};

}  // namespace

absl::StatusOr<Matcher> Matcher::Create(std::string name, MatchOp op,
                                        std::string value) {
  Matcher matcher;
  matcher.name_ = std::move(name);
  matcher.op_ = op;
  matcher.value_ = std::move(value);
  if (op == MatchOp::kRegex || op == MatchOp::kNotRegex) {
    if (matcher.value_.size() > kMaxRegexBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the regular expression for label ", matcher.name_, " has ",
          matcher.value_.size(), " bytes; at most ", kMaxRegexBytes));
    }
    RE2::Options options;
    options.set_log_errors(false);
    auto regex = std::make_shared<const re2::RE2>(matcher.value_, options);
    if (!regex->ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "regular expression \"", absl::Utf8SafeCEscape(matcher.value_),
          "\" for label ", matcher.name_, ": ", regex->error()));
    }
    matcher.regex_ = std::move(regex);
  }
  return matcher;
}

bool Matcher::Matches(absl::string_view value) const {
  switch (op_) {
    case MatchOp::kEqual:
      return value == value_;
    case MatchOp::kNotEqual:
      return value != value_;
    case MatchOp::kRegex:
      return RE2::FullMatch(re2::StringPiece(value.data(), value.size()),
                            *regex_);
    case MatchOp::kNotRegex:
      return !RE2::FullMatch(re2::StringPiece(value.data(), value.size()),
                             *regex_);
  }
  return false;
}

bool Selector::Matches(const SeriesKey& key) const {
  if (!metric.empty() && metric != key.metric) return false;
  for (const Matcher& matcher : matchers) {
    if (!matcher.Matches(key.labels.Get(matcher.name()))) return false;
  }
  return true;
}

absl::StatusOr<Selector> ConsumeSelector(absl::string_view* text,
                                         size_t first_column) {
  SelectorReader reader(*text, first_column);
  reader.SkipSpace();
  Selector selector;
  selector.metric = reader.ReadName();
  if (reader.Consume("{")) {
    ASSIGN_OR_RETURN(selector.matchers, reader.ReadMatchers());
  } else if (selector.metric.empty()) {
    return reader.Error("expected a metric or {");
  }
  *text = reader.rest();
  return selector;
}

absl::StatusOr<Selector> ParseSelector(absl::string_view text) {
  absl::string_view rest = text;
  ASSIGN_OR_RETURN(Selector selector, ConsumeSelector(&rest));
  rest = absl::StripLeadingAsciiWhitespace(rest);
  if (!rest.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("selector: column ", text.size() - rest.size() + 1,
                     ": unexpected \"", absl::Utf8SafeCEscape(rest), "\""));
  }
  return selector;
}

std::string FormatSelector(const Selector& selector) {
  std::string text = selector.metric;
  if (selector.matchers.empty() && !text.empty()) return text;
  text.push_back('{');
  const char* separator = "";
  for (const Matcher& matcher : selector.matchers) {
    absl::StrAppend(&text, separator, matcher.name(), OpText(matcher.op()),
                    QuoteLabelValue(matcher.value()));
    separator = ",";
  }
  text.push_back('}');
  return text;
}

}  // namespace headway::series

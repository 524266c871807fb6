#include "tests/query/case_file.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/period.h"
#include "daemon/series/selector.h"

namespace headway::query {
namespace {

using series::Observations;
using series::Period;

// When a series is known if the file does not say.
constexpr absl::CivilDay kDefaultKnownAt(2030, 1, 1);
constexpr int kMostRepeats = 100000;

template <typename... Args>
absl::Status Refuse(const Args&... args) {
  return absl::InvalidArgumentError(absl::StrCat(args...));
}

// Removes the word at the front of `text`, and the blanks after it.
absl::string_view TakeWord(absl::string_view* text) {
  const size_t end = std::min(text->find(' '), text->size());
  const absl::string_view word = text->substr(0, end);
  *text = absl::StripLeadingAsciiWhitespace(text->substr(end));
  return word;
}

absl::StatusOr<absl::Time> ParseDate(absl::string_view text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day)) {
    return Refuse("\"", text, "\" is not a date such as 2024-03-05");
  }
  return absl::FromCivil(day, absl::UTCTimeZone());
}

// metric{a="x"} at the front of `text`, which is removed there.
absl::StatusOr<series::SeriesKey> TakeSeries(absl::string_view* text) {
  ASSIGN_OR_RETURN(const series::Selector selector,
                   series::ConsumeSelector(text));
  *text = absl::StripLeadingAsciiWhitespace(*text);
  std::vector<series::Labels::Pair> pairs;
  for (const series::Matcher& matcher : selector.matchers) {
    if (matcher.op() != series::MatchOp::kEqual) {
      return Refuse("label ", matcher.name(), " must be given with =");
    }
    pairs.emplace_back(matcher.name(), matcher.value());
  }
  series::SeriesKey key;
  key.metric = selector.metric;
  ASSIGN_OR_RETURN(key.labels, series::Labels::Create(std::move(pairs)));
  return key;
}

// Adds "2.5", or "2.5x12" for twelve in a row, to `x` from `ordinal` on.
absl::Status AddValues(absl::string_view text, int32_t* ordinal,
                       Observations* x) {
  const size_t times = text.find('x');
  int count = 1;
  double value = 0;
  if (!absl::SimpleAtod(text.substr(0, times), &value) ||
      (times != absl::string_view::npos &&
       (!absl::SimpleAtoi(text.substr(times + 1), &count) || count < 1 ||
        count > kMostRepeats))) {
    return Refuse("\"", text, "\" is not a value such as 2.5 or 2.5x12");
  }
  for (int i = 0; i < count; ++i) {
    if (!x->empty() && *ordinal <= x->ordinals.back()) {
      return Refuse("periods must rise");
    }
    x->ordinals.push_back((*ordinal)++);
    x->values.push_back(value);
  }
  return absl::OkStatus();
}

// "2024-01=1 2 2024-05=3": a value without a period is that of the next one.
absl::StatusOr<Observations> ParseObservations(absl::string_view text) {
  Observations x;
  bool has_frequency = false;
  int32_t ordinal = 0;
  for (absl::string_view token :
       absl::StrSplit(text, ' ', absl::SkipWhitespace())) {
    const size_t equals = token.find('=');
    if (equals != absl::string_view::npos) {
      ASSIGN_OR_RETURN(const Period period,
                       series::ParsePeriod(token.substr(0, equals)));
      if (has_frequency && period.frequency != x.frequency) {
        return Refuse("\"", token, "\" is at another frequency");
      }
      has_frequency = true;
      x.frequency = period.frequency;
      ordinal = period.ordinal;
      token.remove_prefix(equals + 1);
    } else if (!has_frequency) {
      return Refuse("\"", token, "\" has no period; begin with PERIOD=VALUE");
    }
    RETURN_IF_ERROR(AddValues(token, &ordinal, &x));
  }
  if (x.empty()) return Refuse("there are no observations");
  return x;
}

class Parser {
 public:
  // Takes a line that is neither empty nor a comment.
  absl::Status Take(int line, absl::string_view text) {
    line_ = line;
    const absl::string_view directive = TakeWord(&text);
    if (directive == "case") return BeginCase(text);
    if (directive == "load") return Load(text);
    if (directive == "define") return Define(text);
    if (directive == "members") return AddMembers(text);
    if (directive == "eval" || directive == "check") {
      return Ask(directive == "check", text);
    }
    if (directive == "expect") return Expect(text);
    return Refuse("directive \"", directive,
                  "\" is not known; write case, load, define, members, eval, "
                  "check or expect");
  }

  // Whether the last case has all that it needs.
  absl::Status CheckComplete() {
    if (cases_.empty()) return Refuse("there is no case");
    const Case& last = cases_.back();
    if (!last.asks.empty()) return CheckAnswered(last.asks.back());
    line_ = last.line;
    return Refuse("case ", last.name, " expects nothing");
  }

  // Of what the last error is about.
  int line() const { return line_; }
  std::vector<Case> cases() && { return std::move(cases_); }

 private:
  absl::Status CheckAnswered(const AskStep& ask) {
    if (ask.error || ask.type || ask.panel) return absl::OkStatus();
    line_ = ask.line;
    return Refuse("the expression has no expectation");
  }

  absl::Status BeginCase(absl::string_view name) {
    const int line = line_;
    if (!cases_.empty()) RETURN_IF_ERROR(CheckComplete());
    const bool is_word =
        !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
          return absl::ascii_isalnum(c);
        });
    if (!is_word) {
      return Refuse("\"", name,
                    "\" is not a name of letters and digits such as "
                    "AddsWhatBothHave");
    }
    if (!names_.insert(std::string(name)).second) {
      return Refuse("case ", name, " is there twice");
    }
    cases_.push_back(shared_);
    cases_.back().name = std::string(name);
    cases_.back().line = line;
    return absl::OkStatus();
  }

  // Where a load or a definition goes: into the case, or, before the first one,
  // into all of the file.
  absl::StatusOr<Case*> Setting() {
    if (cases_.empty()) return &shared_;
    if (!cases_.back().asks.empty()) {
      return Refuse("load and define come before the first eval or check");
    }
    return &cases_.back();
  }

  absl::Status Load(absl::string_view text) {
    ASSIGN_OR_RETURN(Case* const setting, Setting());
    LoadStep load;
    ASSIGN_OR_RETURN(series::SeriesKey key, TakeSeries(&text));
    load.metric = std::move(key.metric);
    load.labels = std::move(key.labels);
    ASSIGN_OR_RETURN(load.unit, series::Unit::Parse(TakeWord(&text)));
    if (absl::ConsumePrefix(&text, "native ")) {
      load.vintage_kind = series::VintageKind::kNative;
    } else if (absl::ConsumePrefix(&text, "assumed ")) {
      load.vintage_kind = series::VintageKind::kAssumed;
    }
    absl::Time known_at = absl::FromCivil(kDefaultKnownAt, absl::UTCTimeZone());
    if (absl::ConsumePrefix(&text, "known ")) {
      ASSIGN_OR_RETURN(known_at, ParseDate(TakeWord(&text)));
    }
    ASSIGN_OR_RETURN(load.observations, ParseObservations(text));
    load.observations.known_at = known_at;
    setting->loads.push_back(std::move(load));
    return absl::OkStatus();
  }

  absl::Status Define(absl::string_view text) {
    ASSIGN_OR_RETURN(Case* const setting, Setting());
    DefineStep define;
    define.name = std::string(TakeWord(&text));
    ASSIGN_OR_RETURN(define.unit, series::Unit::Parse(TakeWord(&text)));
    if (text.empty()) return Refuse("write define NAME UNIT EXPRESSION");
    define.expression = std::string(text);
    setting->definitions.push_back(std::move(define));
    return absl::OkStatus();
  }

  // "partner CHN JPN": of the indicator that was defined last.
  absl::Status AddMembers(absl::string_view text) {
    ASSIGN_OR_RETURN(Case* const setting, Setting());
    MemberSet set;
    set.label = std::string(TakeWord(&text));
    set.values = absl::StrSplit(text, ' ', absl::SkipWhitespace());
    if (setting->definitions.empty() || set.values.empty()) {
      return Refuse("write members LABEL VALUE… after a define");
    }
    setting->definitions.back().members.push_back(std::move(set));
    return absl::OkStatus();
  }

  absl::Status Ask(bool only_checks, absl::string_view text) {
    if (cases_.empty()) return Refuse("name the case first: case NAME");
    Case& current = cases_.back();
    if (!current.asks.empty()) {
      RETURN_IF_ERROR(CheckAnswered(current.asks.back()));
    }
    if (text.empty()) return Refuse("there is no expression");
    AskStep ask;
    ask.line = line_;
    ask.only_checks = only_checks;
    constexpr absl::string_view kAsOf = " as of ";
    if (const size_t at = text.rfind(kAsOf); at != absl::string_view::npos) {
      if (only_checks) return Refuse("a check is not as of an instant");
      ASSIGN_OR_RETURN(ask.as_of, ParseDate(text.substr(at + kAsOf.size())));
      text = text.substr(0, at);
    }
    ask.expression = std::string(text);
    current.asks.push_back(std::move(ask));
    return absl::OkStatus();
  }

  absl::Status Expect(absl::string_view text) {
    if (cases_.empty() || cases_.back().asks.empty()) {
      return Refuse("there is no eval or check to expect it of");
    }
    AskStep& ask = cases_.back().asks.back();
    if (ask.panel && absl::StartsWith(text, "note ")) {
      if (ask.expects_no_note) return Refuse("no note was expected");
      ask.notes.emplace_back(text.substr(5));
      return absl::OkStatus();
    }
    if (ask.panel && text == "no note") {
      if (!ask.notes.empty()) return Refuse("a note was expected");
      ask.expects_no_note = true;
      return absl::OkStatus();
    }
    if (ask.error || ask.type || (ask.panel && ask.panel->columns.empty())) {
      return Refuse("the expression has an expectation already");
    }
    absl::string_view rest = text;
    const absl::string_view word = TakeWord(&rest);
    if (!ask.panel && word == "error") {
      if (rest.empty()) return Refuse("write expect error SUBSTRING");
      ask.error = std::string(rest);
      return absl::OkStatus();
    }
    if (ask.only_checks) {
      if (word != "type" || rest.empty()) {
        return Refuse("of a check, expect error SUBSTRING or type TYPE");
      }
      ask.type = std::string(rest);
      return absl::OkStatus();
    }
    return ExpectColumn(word, rest, &ask);
  }

  absl::Status ExpectColumn(absl::string_view unit_text, absl::string_view text,
                            AskStep* ask) {
    ASSIGN_OR_RETURN(const series::Unit unit, series::Unit::Parse(unit_text));
    if (!ask->panel) {
      ask->panel = Panel{unit, {}};
      if (text == "nothing") return absl::OkStatus();
    } else if (unit != ask->panel->unit) {
      return Refuse("the columns of one expression have one unit");
    }
    LabelledColumn column;
    if (!absl::ConsumePrefix(&text, "{} ")) {
      ASSIGN_OR_RETURN(series::SeriesKey key, TakeSeries(&text));
      if (!key.metric.empty()) return Refuse("a column has no metric");
      column.labels = std::move(key.labels);
    }
    ASSIGN_OR_RETURN(column.observations, ParseObservations(text));
    std::vector<LabelledColumn>& columns = ask->panel->columns;
    if (!columns.empty() && column.labels <= columns.back().labels) {
      return Refuse("columns come by rising labels");
    }
    columns.push_back(std::move(column));
    return absl::OkStatus();
  }

  int line_ = 1;
  Case shared_;
  std::vector<Case> cases_;
  std::set<std::string> names_;
};

}  // namespace

absl::StatusOr<std::vector<Case>> ParseCases(absl::string_view path,
                                             absl::string_view text) {
  Parser parser;
  const auto located = [&](const absl::Status& status) {
    return Annotate(status, absl::StrCat(path, ":", parser.line()));
  };
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    RETURN_IF_ERROR(located(parser.Take(number, line)));
  }
  RETURN_IF_ERROR(located(parser.CheckComplete()));
  return std::move(parser).cases();
}

std::string TypeText(const TypeInfo& type) {
  if (type.is_number) return "number";
  if (!type.unit.has_value() || !type.frequency.has_value()) return "unknown";
  return absl::StrCat(type.unit->ToString(), " ",
                      series::FrequencyName(*type.frequency));
}

}  // namespace headway::query

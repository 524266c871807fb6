#include "daemon/query/missing.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/functions.h"
#include "daemon/query/meaning.h"

namespace headway::query {
namespace {

using series::Matcher;
using series::MatchOp;
using series::Selector;

// Looked at for what may have been meant.
constexpr size_t kMostMetrics = 10'000;
constexpr size_t kMostSeries = 10'000;
constexpr size_t kValuesShown = 5;

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", text, "\"");
}

// In order; each costs one step into the index of series.
absl::StatusOr<std::vector<std::string>> AllMetrics(
    const store::Reader& reader) {
  std::vector<std::string> metrics;
  std::optional<series::SeriesKey> after;
  while (metrics.size() < kMostMetrics) {
    ASSIGN_OR_RETURN(const std::vector<store::SeriesEntry> next,
                     reader.SelectSeries(Selector(), 1, after));
    if (next.empty()) break;
    metrics.push_back(next.front().info.key.metric);
    // Beyond all series of this metric, before every longer name.
    after = series::SeriesKey{.metric = absl::StrCat(metrics.back(), "\x01")};
  }
  return metrics;
}

// "CHN|KOR" is a choice of words.
std::vector<std::string> WordsOf(const Matcher& matcher) {
  if (matcher.op() == MatchOp::kEqual) {
    if (matcher.value().empty()) return {};
    return {matcher.value()};
  }
  if (matcher.op() != MatchOp::kRegex) return {};
  std::vector<std::string> words = absl::StrSplit(matcher.value(), '|');
  const bool are_words =
      std::all_of(words.begin(), words.end(), [](const std::string& word) {
        return !word.empty() &&
               std::all_of(word.begin(), word.end(), [](unsigned char c) {
                 return absl::ascii_isalnum(c) || c == '_' || c == '-' ||
                        c == ' ' || c >= 0x80;
               });
      });
  return are_words ? words : std::vector<std::string>();
}

std::set<std::string> ValuesOf(const std::string& label,
                               const std::vector<store::SeriesEntry>& entries) {
  std::set<std::string> values;
  for (const store::SeriesEntry& entry : entries) {
    if (entry.info.key.labels.Has(label)) {
      values.emplace(entry.info.key.labels.Get(label));
    }
  }
  return values;
}

std::string ListValues(const std::set<std::string>& values) {
  std::vector<std::string> shown;
  for (const std::string& value : values) {
    if (shown.size() == kValuesShown) break;
    shown.push_back(Quoted(value));
  }
  return absl::StrCat(
      "; there is ", absl::StrJoin(shown, ", "),
      values.size() > kValuesShown
          ? absl::StrCat(" and ", values.size() - kValuesShown, " more")
          : "");
}

// Looks at what a selector asks for, among the series of its metric.
class Search {
 public:
  Search(const Selector& selector, std::vector<store::SeriesEntry> all)
      : whose_(selector.metric.empty() ? ""
                                       : absl::StrCat(" of ", selector.metric)),
        all_(std::move(all)) {}

  std::string DescribeLabel(const std::string& label) const {
    std::set<std::string> names;
    for (const store::SeriesEntry& entry : all_) {
      for (const auto& [name, value] : entry.info.key.labels.pairs()) {
        names.insert(name);
      }
    }
    std::string meant = SuggestName(label, {names.begin(), names.end()});
    if (meant.empty() && !names.empty()) {
      meant = absl::StrCat("; the labels are ", absl::StrJoin(names, ", "));
    }
    return absl::StrCat("no series", whose_, " has a label ", Quoted(label),
                        meant);
  }

  std::string DescribeValue(const std::string& label,
                            const std::string& value) const {
    const std::set<std::string> values = ValuesOf(label, all_);
    if (values.count(value) > 0) {
      return absl::StrCat("no series", whose_, " has ", label, "=",
                          Quoted(value),
                          " and what else the selector asks for");
    }
    std::string meant = SuggestValue(value, {values.begin(), values.end()});
    if (meant.empty()) meant = ListValues(values);
    return absl::StrCat("no series", whose_, " has ", label, "=", Quoted(value),
                        meant);
  }

  // Of any matcher but one that names words.
  std::string DescribePattern(const Matcher& matcher) const {
    const std::string& label = matcher.name();
    const std::string value = Quoted(matcher.value());
    const std::string there = ListValues(ValuesOf(label, all_));
    switch (matcher.op()) {
      case MatchOp::kEqual:
        return absl::StrCat("every series", whose_, " has a label ",
                            Quoted(label), there);
      case MatchOp::kNotEqual:
        return absl::StrCat("no series", whose_, " has another value of ",
                            label, " than ", value);
      case MatchOp::kNotRegex:
        return absl::StrCat("the pattern ", value, " matches ", label,
                            " of every series", whose_, there);
      default:
        return absl::StrCat("no series", whose_, " has a value of ", label,
                            " that the pattern ", value, " matches", there);
    }
  }

  bool HasLabel(const std::string& label) const {
    return !ValuesOf(label, all_).empty();
  }

  bool HasMatch(const Matcher& matcher) const {
    return std::any_of(
        all_.begin(), all_.end(), [&](const store::SeriesEntry& entry) {
          return matcher.Matches(entry.info.key.labels.Get(matcher.name()));
        });
  }

 private:
  const std::string whose_;
  const std::vector<store::SeriesEntry> all_;
};

// The words that the selector names and that no series found has.
std::vector<std::pair<const Matcher*, std::string>> MissingWords(
    const Selector& selector, const std::vector<store::SeriesEntry>& found) {
  std::vector<std::pair<const Matcher*, std::string>> missing;
  for (const Matcher& matcher : selector.matchers) {
    // What is found has each label that is asked for by =.
    if (!found.empty() && matcher.op() == MatchOp::kEqual) continue;
    const std::vector<std::string> words = WordsOf(matcher);
    if (words.empty()) continue;
    const std::set<std::string> values = ValuesOf(matcher.name(), found);
    for (const std::string& word : words) {
      if (values.count(word) == 0) missing.emplace_back(&matcher, word);
    }
  }
  return missing;
}

// The parts of a selector that by themselves match nothing.
std::vector<std::string> Culprits(const Selector& selector,
                                  const Search& search) {
  std::vector<std::string> culprits;
  for (const Matcher& matcher : selector.matchers) {
    if (search.HasMatch(matcher)) continue;
    if (!search.HasLabel(matcher.name())) {
      culprits.push_back(search.DescribeLabel(matcher.name()));
      continue;
    }
    const std::vector<std::string> words = WordsOf(matcher);
    for (const std::string& word : words) {
      culprits.push_back(search.DescribeValue(matcher.name(), word));
    }
    if (words.empty()) culprits.push_back(search.DescribePattern(matcher));
  }
  return culprits;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> DescribeUnknownMetric(
    const SelectorNode& node, const store::Reader& reader,
    const IndicatorMap& indicators) {
  const std::string& metric = node.selector.metric;
  if (metric.empty()) return std::optional<std::string>();
  Selector any;
  any.metric = metric;
  ASSIGN_OR_RETURN(const std::vector<store::SeriesEntry> some,
                   reader.SelectSeries(any, 1));
  if (!some.empty()) return std::optional<std::string>();
  if (node.bare && IsFunction(metric)) {
    return std::optional<std::string>(
        absl::StrCat(metric,
                     " is a function, and no series has that name; "
                     "write its arguments in brackets: ",
                     metric, "(x)"));
  }
  if (indicators.count(metric) > 0) {
    return std::optional<std::string>(absl::StrCat(
        metric,
        " is an indicator, and braces select series: no series has the "
        "metric ",
        Quoted(metric), "; write ", metric, " without braces"));
  }
  ASSIGN_OR_RETURN(std::vector<std::string> names, AllMetrics(reader));
  std::string meant = SuggestName(metric, names);
  if (meant.empty() && node.bare) {
    std::vector<std::string> others;
    for (const auto& [name, definition] : indicators) others.push_back(name);
    meant = SuggestName(metric, others);
  }
  if (meant.empty()) meant = "; `headway series` lists what there is";
  return std::optional<std::string>(absl::StrCat(
      node.bare ? "there is no indicator and no series of the name "
                : "no series has the metric ",
      Quoted(metric), meant));
}

absl::StatusOr<std::vector<std::string>> DescribeMissing(
    const Selector& selector, const std::vector<store::SeriesEntry>& found,
    const store::Reader& reader) {
  std::vector<std::string> notes;
  const auto missing = MissingWords(selector, found);
  if (!found.empty() && missing.empty()) return notes;
  Selector any;
  any.metric = selector.metric;
  ASSIGN_OR_RETURN(std::vector<store::SeriesEntry> all,
                   reader.SelectSeries(any, kMostSeries));
  const Search search(selector, std::move(all));
  if (!found.empty()) {
    for (const auto& [matcher, word] : missing) {
      notes.push_back(search.DescribeValue(matcher->name(), word));
    }
    return notes;
  }
  notes = Culprits(selector, search);
  if (notes.empty() && !selector.matchers.empty()) {
    notes.push_back(absl::StrCat("no series matches all of ",
                                 FormatSelector(selector),
                                 ", though each part of it matches some"));
  }
  return notes;
}

}  // namespace headway::query

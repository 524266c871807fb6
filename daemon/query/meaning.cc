#include "daemon/query/meaning.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/suggest.h"

namespace headway::query {
namespace {

struct Synonym {
  // As other languages call it, in lower case.
  const char* theirs;
  // As it is written here.
  const char* ours;
};

const Synonym kFunctionSynonyms[] = {
    {"absolute", "abs"},
    {"average", "mean"},
    {"avg_over_time", "rolling_mean"},
    {"change", "diff"},
    {"bottomk", "topk"},
    {"clamp_max", "clamp"},
    {"clamp_min", "clamp"},
    {"clip", "clamp"},
    {"coalesce", "or"},
    {"combine_first", "or"},
    {"concat", "splice"},
    {"correlation", "corr"},
    {"cumulative_sum", "cumsum"},
    {"delta", "diff"},
    {"deseasonalise", "seasonal_adjust"},
    {"deseasonalize", "seasonal_adjust"},
    {"ffill", "fill"},
    {"forward_fill", "fill"},
    {"fx", "convert"},
    {"growth", "pct_change"},
    {"idelta", "diff"},
    {"increase", "diff"},
    {"inflation", "deflate"},
    {"head", "topk"},
    {"largest", "topk"},
    {"last_over_time", "fill"},
    {"log", "ln"},
    {"ma", "rolling_mean"},
    {"max_over_time", "rolling_max"},
    {"monthly", "resample"},
    {"moving_average", "rolling_mean"},
    {"normalise", "rebase"},
    {"normalize", "rebase"},
    {"nlargest", "topk"},
    {"offset", "lag"},
    {"pct", "pct_change"},
    {"percent", "share"},
    {"percentage", "share"},
    {"percentile", "quantile"},
    {"pow", "^"},
    {"power", "^"},
    {"quarterly", "resample"},
    {"rank", "topk"},
    {"rate", "pct_change"},
    {"real", "deflate"},
    {"sa", "seasonal_adjust"},
    {"sd", "stddev"},
    {"shift", "lag"},
    {"sma", "rolling_mean"},
    {"std", "stddev"},
    {"stdev", "stddev"},
    {"stddev_pop", "stddev"},
    {"stddev_over_time", "rolling_std"},
    {"sum_over_time", "rolling_sum"},
    {"stdvar", "stddev"},
    {"total", "sum"},
    {"top", "topk"},
    {"var", "stddev"},
    {"variance", "stddev"},
    {"yearly", "resample"},
    {"yoy_change", "yoy"},
};

struct Habit {
  // A sign, or a word in lower case.
  absl::string_view theirs;
  absl::string_view remedy;
};

// A sign stands before those that begin it.
constexpr Habit kHabits[] = {
    {"[", "there are no ranges of time; write rolling_mean(x, n) or its kin"},
    {"offset", "write lag(x, n)"},
    {"@", "the past is read by the instant that the answer is asked for"},
    {"%", "a part in percent is 100 * part / whole"},
    {"&&", "write and"},
    {"||", "write or"},
    {"!", "write unless"},
    {"not", "write unless"},
    {"=>", "write >="},
    {"=<", "write <="},
    {"=", "write == to compare"},
    {">", "write != for unequal, > or >= for greater"},
    {"\"", "a string stands in the braces of a selector or among arguments"},
    {"'", "a string stands in the braces of a selector or among arguments"},
    {"`", "write strings in \" or '"},
    {":", "a name holds letters, digits and _"},
    {"$", "there are no variables; write the value"},
    {";", "an expression ends without a sign"},
    {"and", "write it in lower case"},
    {"or", "write it in lower case"},
    {"unless", "write it in lower case"},
    {"by", "write it behind or before the brackets of a call, with a list"},
    {"without",
     "write it behind or before the brackets of a call, with a list"},
    {"where", "a comparison filters: x > 0"},
    {"if", "a comparison filters: x > 0"},
};

// Names and codes of one country each.
const std::vector<std::vector<const char*>>& Countries() {
  static const auto* const countries =
      new std::vector<std::vector<const char*>>{
          {"chn", "cn", "china", "people's republic of china"},
          {"usa", "us", "united states", "united states of america", "america"},
          {"twn", "tw", "taiwan", "chinese taipei"},
          {"kor", "kr", "korea", "south korea", "republic of korea"},
          {"jpn", "jp", "japan"},
          {"nld", "nl", "netherlands", "the netherlands"},
          {"deu", "de", "germany"},
          {"hkg", "hk", "hong kong"},
          {"sgp", "sg", "singapore"},
          {"mys", "my", "malaysia"},
          {"vnm", "vn", "vietnam", "viet nam"},
          {"tha", "th", "thailand"},
          {"isr", "il", "israel"},
          {"irl", "ie", "ireland"},
          {"fra", "fr", "france"},
          {"gbr", "gb", "uk", "united kingdom", "great britain"},
          {"mex", "mx", "mexico"},
          {"ind", "in", "india"},
      };
  return *countries;
}

bool IsOf(const std::vector<const char*>& country, absl::string_view text) {
  return std::any_of(country.begin(), country.end(), [&](const char* name) {
    return absl::EqualsIgnoreCase(name, text);
  });
}

std::string Meant(absl::string_view name) {
  return absl::StrCat("; did you mean \"", name, "\"?");
}

// The share of the words that two names have in common, of all their words.
double SharedWords(absl::string_view a, absl::string_view b) {
  const auto words = [](absl::string_view name) {
    return std::set<std::string>(
        absl::StrSplit(absl::AsciiStrToLower(name), '_', absl::SkipEmpty()));
  };
  const std::set<std::string> of_a = words(a);
  const std::set<std::string> of_b = words(b);
  const auto in_b = [&](const std::string& word) {
    return of_b.count(word) > 0;
  };
  const auto common = std::count_if(of_a.begin(), of_a.end(), in_b);
  const size_t all = of_a.size() + of_b.size() - static_cast<size_t>(common);
  return all == 0 ? 0 : static_cast<double>(common) / static_cast<double>(all);
}

}  // namespace

std::string SuggestFunction(absl::string_view name,
                            const std::vector<std::string>& functions) {
  const std::string wanted = absl::AsciiStrToLower(name);
  for (const Synonym& synonym : kFunctionSynonyms) {
    if (wanted == synonym.theirs) return Meant(synonym.ours);
  }
  return DidYouMean(name, functions);
}

std::string SuggestSyntax(absl::string_view text) {
  const auto is_of_a_name = [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_';
  };
  const auto end = std::find_if_not(text.begin(), text.end(), is_of_a_name);
  const std::string word =
      absl::AsciiStrToLower(text.substr(0, end - text.begin()));
  for (const Habit& habit : kHabits) {
    if (word.empty() ? absl::StartsWith(text, habit.theirs)
                     : word == habit.theirs) {
      return absl::StrCat("; ", habit.remedy);
    }
  }
  return "";
}

std::string SuggestName(absl::string_view name,
                        const std::vector<std::string>& names) {
  std::string by_letters = DidYouMean(name, names);
  if (!by_letters.empty()) return by_letters;
  const std::string* best = nullptr;
  // As many words in common as not.
  double best_share = 0.5;
  for (const std::string& candidate : names) {
    const double share = SharedWords(name, candidate);
    if (share < best_share || (best != nullptr && share == best_share)) {
      continue;
    }
    best = &candidate;
    best_share = share;
  }
  return best == nullptr ? "" : Meant(*best);
}

std::string SuggestValue(absl::string_view value,
                         const std::vector<std::string>& values) {
  for (const std::string& candidate : values) {
    if (absl::EqualsIgnoreCase(candidate, value)) return Meant(candidate);
  }
  for (const std::vector<const char*>& country : Countries()) {
    if (!IsOf(country, value)) continue;
    for (const std::string& candidate : values) {
      if (IsOf(country, candidate)) return Meant(candidate);
    }
  }
  return DidYouMean(value, values);
}

}  // namespace headway::query

#include "plugins/sources/tables/mapping/options.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"

namespace headway::mapping {
namespace {

using sdk::ConfigError;
using sdk::OptionSpec;
using sdk::Request;

absl::Status WrongOption(const Request& request, absl::string_view name,
                         absl::string_view problem) {
  return ConfigError(absl::StrCat("option ", name, " = \"",
                                  request.Option(name), "\" ", problem));
}

void AddRowOptions(std::vector<OptionSpec>* specs) {
  specs->insert(
      specs->end(),
      {{"skip_lines",
        "Lines above the header, as in \"4\". Default: the header is the first "
        "row with every column that the options name."},
       {"header_rows",
        "How many rows the header has, whose cells are joined to a name by a "
        "space: \"2\".",
        "1"},
       {"ignore_rows",
        "Rows to leave out, by their first filled cell: \"Total,Source:*\"; "
        "\"*\" at an end stands for any rest."},
       {"where",
        "Rows to keep, by their cells: \"flow=X|M; mode=0\"; \"*\" at an end "
        "stands for any rest."}});
}

void AddLayoutOptions(std::vector<OptionSpec>* specs) {
  specs->insert(
      specs->end(),
      {{"metric", "The metric, where no column holds it."},
       {"labels",
        "Columns that are labels: \"reporter,partner,hs=Commodity\"; \"none\". "
        "An empty cell is an absent label. Default: every column that nothing "
        "else uses and that holds no flags or notes."},
       {"constant_labels", "Labels of every series: \"source=census\"."},
       {"value_columns",
        "For a table with several columns of values: \"metric=column,…\"."},
       {"value_label",
        "With value_columns: the names before \"=\" are values of this label, "
        "not metrics."},
       {"period_columns",
        "true: each column named by a period holds the values of that period. "
        "With period_column, a row has a part of the period and the column's "
        "name the other: period_format = \"%Y,%b\".",
        "false"},
       {"vintage_columns",
        "For a table with a column per vintage: how the columns are named, by "
        "the day of publication, as in \"GDP_%Y%m%d\"."},
       {"period_format",
        "How periods are written, also in names of columns, as strptime has "
        "it: \"%d-%m-%Y\", \"%Y%m\", \"%b-%y\", \"%q\" for a quarter and "
        "\"%s\" for a half-year. Where dates stand for months, quarters or "
        "years, frequency says so."},
       {"calendar",
        "roc: the years of periods are those of the Republic of China, of "
        "which 113 is 2024: 113年, 113年8月, 11308, 113/08."},
       {"frequency",
        "annual, semiannual, quarterly, monthly, weekly or daily, where no "
        "column holds it. Default: the one that the form of the period "
        "shows."},
       {"unit",
        "The unit of all values: USD, percent, 1. It holds against a column "
        "named unit, and fills the empty cells of one that unit_column "
        "names."}});
}

void AddValueOptions(std::vector<OptionSpec>* specs) {
  specs->insert(
      specs->end(),
      {{"scale", "Values are multiplied by it: 1e6 for millions.", "1"},
       {"decimal", "The decimal mark: \".\" or \",\".", "."},
       {"thousands",
        "What parts groups of three digits: \",\", \".\", \"'\" or \"space\". "
        "Default: such numbers are refused."},
       {"parentheses", "negative: \"(1,234)\" is below zero."},
       {"marks", "Texts before or after a number that are dropped: \"p,e,$\"."},
       {"empty_values",
        "What a row without a value means: skip (nothing), withdraw (the "
        "publisher took it back) or error.",
        "skip"},
       {"missing",
        "Texts that stand for an empty value, \"-,*\", besides NA, N/A, NaN, "
        "null, \".\", \"..\" and \":\". Quotes hold a text with a comma "
        "together."},
       {"vintages",
        "For rows without known_at: observed (known since we saw them) or "
        "assumed (known release_lag_days after the period). Default: assumed "
        "if the table has a column known_at or a release lag is given."},
       {"release_lag_days", "Days from the end of a period to publication."},
       {"snapshot",
        "true: the rows of one known_at, or of one read, are the whole table; "
        "what they leave out is withdrawn.",
        "false"},
       {"title", "A title; {label} and {metric} are filled in."},
       {"source", "Where the figures come from, for people."}});
}

}  // namespace

const std::vector<ColumnOption>& ColumnOptions() {
  static const auto& options = *new std::vector<ColumnOption>{
      {"metric_column", "metric", "the metric"},
      {"period_column", "period",
       "the period, or columns that hold its parts, as in \"year,month\" with "
       "period_format = \"%Y,%m\""},
      {"value_column", "value", "the value"},
      {"unit_column", "unit", "the unit"},
      {"frequency_column", "frequency",
       "the frequency: annual, semiannual, quarterly, monthly, weekly or "
       "daily"},
      {"known_at_column", "known_at",
       "the date (the end of that day, UTC) or RFC 3339 instant since when the "
       "value is known; rows of one series and period that differ in it are "
       "its revisions"},
      {"release_lag_column", "release_lag_days",
       "the days from the end of the period to publication"},
      {"title_column", "title", "the title"},
      {"source_column", "source", "where the figure comes from, for people"},
  };
  return options;
}

std::vector<OptionSpec> TextOptionSpecs() {
  return {
      {"separator",
       "Between cells: one character, such as \";\", or \"tab\". A first line "
       "\"sep=;\" says it too.",
       ","},
      {"encoding",
       "Of the text: utf-8, utf-16, utf-16be, latin-1 or windows-1252. A byte "
       "order mark says it too.",
       "utf-8"},
      {"comment", "Lines that begin with it are passed over: \"#\"."}};
}

std::vector<OptionSpec> TableOptionSpecs() {
  std::vector<OptionSpec> specs;
  AddRowOptions(&specs);
  AddLayoutOptions(&specs);
  AddValueOptions(&specs);
  for (const ColumnOption& column : ColumnOptions()) {
    specs.push_back({column.option,
                     absl::StrCat("The column that holds ", column.holds, "."),
                     column.column});
  }
  return specs;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> PairsOption(
    const Request& request, absl::string_view name, bool value_needed) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& part : request.ListOption(name)) {
    std::pair<std::string, std::string> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    absl::StripAsciiWhitespace(&pair.first);
    absl::StripAsciiWhitespace(&pair.second);
    if (part.find('=') == std::string::npos) pair.second = pair.first;
    bool bare = value_needed && part.find('=') == std::string::npos;
    if (bare || pair.first.empty() || pair.second.empty()) {
      return ConfigError(absl::StrCat("option ", name, ": \"", part,
                                      "\" is not of the form name=value"));
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

absl::StatusOr<TextOptions> ReadTextOptions(const Request& request) {
  TextOptions options;
  auto separator = tables::ParseSeparator(request.Option("separator"));
  if (!separator.ok()) {
    return WrongOption(request, "separator",
                       "is neither one character nor tab");
  }
  options.records.separator = *separator;
  options.records.comment = request.Option("comment");
  // The default is what the bytes say.
  if (request.Option("encoding") != "utf-8") {
    auto encoding = tables::ParseEncoding(request.Option("encoding"));
    if (!encoding.ok()) return ConfigError(encoding.status().message());
    options.encoding = *encoding;
  }
  return options;
}

absl::StatusOr<std::vector<Condition>> ParseConditions(absl::string_view text) {
  std::vector<Condition> conditions;
  for (absl::string_view part : absl::StrSplit(text, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    if (equals == absl::string_view::npos || equals == 0) {
      return ConfigError(absl::StrCat(
          "option where: \"", part,
          "\" is not of the form column=text or column=text|text"));
    }
    Condition condition{.column = std::string(absl::StripAsciiWhitespace(
                            part.substr(0, equals)))};
    for (absl::string_view alternative :
         absl::StrSplit(part.substr(equals + 1), '|')) {
      condition.texts.emplace_back(absl::StripAsciiWhitespace(alternative));
    }
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

absl::StatusOr<RowOptions> ReadRowOptions(const Request& request) {
  constexpr int kMostHeaderRows = 10;
  RowOptions options;
  if (!request.Option("skip_lines").empty()) {
    int64_t lines = 0;
    if (!absl::SimpleAtoi(request.Option("skip_lines"), &lines) || lines < 0) {
      return WrongOption(request, "skip_lines", "is not a number of lines");
    }
    options.skip_lines = lines;
  }
  if (!absl::SimpleAtoi(request.Option("header_rows"), &options.header_rows) ||
      options.header_rows < 1 || options.header_rows > kMostHeaderRows) {
    return WrongOption(
        request, "header_rows",
        absl::StrCat("is not a number of rows from 1 to ", kMostHeaderRows));
  }
  options.ignore_rows = tables::ListedTexts(request.Option("ignore_rows"));
  ASSIGN_OR_RETURN(options.where, ParseConditions(request.Option("where")));
  return options;
}

absl::StatusOr<tables::NumberStyle> ReadNumberStyle(const Request& request) {
  tables::NumberStyle style;
  const std::string& decimal = request.Option("decimal");
  if (decimal != "." && decimal != ",") {
    return WrongOption(request, "decimal", "is neither \".\" nor \",\"");
  }
  style.decimal = decimal[0];
  const std::string& thousands = request.Option("thousands");
  if (thousands == "space") {
    style.thousands = ' ';
  } else if (thousands == "," || thousands == "." || thousands == "'") {
    style.thousands = thousands[0];
  } else if (!thousands.empty()) {
    return WrongOption(request, "thousands",
                       "is none of \",\", \".\", \"'\" and space");
  }
  absl::Status consistent = tables::CheckStyle(style);
  if (!consistent.ok()) return ConfigError(consistent.message());
  const std::string& parentheses = request.Option("parentheses");
  if (!parentheses.empty() && parentheses != "negative") {
    return WrongOption(request, "parentheses", "is not \"negative\"");
  }
  style.parentheses = !parentheses.empty();
  style.marks = tables::ListedTexts(request.Option("marks"));
  return style;
}

absl::flat_hash_set<std::string> MissingTexts(const Request& request) {
  absl::flat_hash_set<std::string> texts;
  for (std::string& text : tables::ListedTexts(request.Option("missing"))) {
    texts.insert(std::move(text));
  }
  return texts;
}

}  // namespace headway::mapping

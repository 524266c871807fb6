#include "plugins/sources/tables/http/options.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "plugins/sources/tables/mapping/layout.h"
#include "plugins/sources/tables/mapping/options.h"

namespace headway::http {
namespace {

using sdk::ConfigError;
using sdk::OptionSpec;
using sdk::Request;

constexpr std::pair<absl::string_view, Format> kFormats[] = {
    {"csv", Format::kCsv},
    {"sdmx-csv", Format::kSdmxCsv},
    {"json", Format::kJson},
    {"json-stat", Format::kJsonStat},
    {"sdmx-json", Format::kSdmxJson},
    {"xlsx", Format::kXlsx},
    {"html", Format::kHtml}};

constexpr std::pair<absl::string_view, Paging> kPagings[] = {
    {"none", Paging::kNone},
    {"page", Paging::kPage},
    {"offset", Paging::kOffset},
    {"cursor", Paging::kCursor},
    {"link", Paging::kLink}};

constexpr double kMostLookBackDays = 36500;
constexpr double kMostIntervalSeconds = 600;
constexpr int64_t kMostPages = 10000;

bool IsGiven(const Request& request, absl::string_view name) {
  return !request.Option(name).empty();
}

absl::Status Wrong(const Request& request, absl::string_view name,
                   absl::string_view problem) {
  return ConfigError(absl::StrCat("option ", name, " = \"",
                                  request.Option(name), "\" ", problem));
}

void AddRequestOptions(std::vector<OptionSpec>* specs) {
  specs->insert(
      specs->end(),
      {{.name = "url",
        .description =
            "Address: https://… or file:///path, with {now:%Y}, {from:%Y-%m} "
            "and the names of each.",
        .required = true},
       {.name = "format",
        .description = "What the publisher answers: csv, sdmx-csv, json, "
                       "json-stat, sdmx-json, xlsx or html.",
        .required = true},
       {"query", "Parameters, written plainly: \"freq=M&partner={partner}\"."},
       {"headers", "One a line: \"Accept: application/json\"."},
       {"secret_query",
        "Parameters whose values are secrets, by the names of environment "
        "variables that the source declares: \"api_key=FRED_API_KEY\"."},
       {"secret_header",
        "Headers likewise: \"X-Key=NAME\", \"Authorization=Bearer {NAME}\"."},
       {"each",
        "A request for each value: \"hs=8541,8542; partner=CHN:5700,TWN:5830; "
        "year=2015..{now:%Y}\". Each name is a label; before a colon stands "
        "what the label is called, behind it what is sent."},
       {"since", "The date that {from} is at the first read: 2015-01-01."},
       {"look_back_days",
        "How many days before the last read {from} is at the next: as far back "
        "as the publisher revises.",
        "400"},
       {"min_interval_seconds", "Between the starts of two requests.", "0"}});
}

void AddPageOptions(std::vector<OptionSpec>* specs) {
  specs->insert(
      specs->end(),
      {{"paging",
        "none, page (by number), offset (by row), cursor (by what next finds) "
        "or link (by the header Link).",
        "none"},
       {"page_parameter",
        "The parameter that names the page. Default: page, offset or cursor."},
       {"page_first",
        "What it is for the first page. Default: 1 for pages, 0 for offsets, "
        "no parameter for cursors."},
       {"page_size", "Rows of a full page; a page with fewer is the last."},
       {"next",
        "Path of the next page's cursor or address: \"$.meta.next_cursor\"."},
       {"last_page", "Path of the number of pages: \"$.total_pages\"."},
       {"max_pages", "More pages than that are an error.", "200"}});
}

void AddFormatOptions(std::vector<OptionSpec>* specs) {
  specs->insert(
      specs->end(),
      {{"rows",
        "JSON: path of the rows, \"$.data[*]\"; columns are then named by "
        "paths from a row: primaryValue, price.usd, ^.name, ~, @."},
       {"header_row",
        "JSON, where rows are arrays: whether the first holds the names of the "
        "columns; if false they are [0], [1], ….",
        "true"},
       {"error_path",
        "JSON: path of a text that is there if the publisher answers an error "
        "with status 200: \"$.message\"."},
       {"sheet", "XLSX: name or place of the sheet."},
       {"table",
        "HTML: place, #id, or a part of the caption or heading of the table."},
       {"allow_empty",
        "true: an answer without rows is no error, for the publisher may have "
        "nothing yet.",
        "false"}});
}

template <typename Value, size_t kCount>
absl::StatusOr<Value> OneOf(
    const Request& request, absl::string_view name,
    const std::pair<absl::string_view, Value> (&choices)[kCount]) {
  std::vector<absl::string_view> names;
  for (const auto& [choice, value] : choices) {
    if (request.Option(name) == choice) return value;
    names.push_back(choice);
  }
  return Wrong(request, name,
               absl::StrCat("is none of ", absl::StrJoin(names, ", ")));
}

absl::StatusOr<double> NumberWithin(const Request& request,
                                    absl::string_view name, double least,
                                    double most) {
  ASSIGN_OR_RETURN(const double number, request.NumberOption(name));
  if (number >= least && number <= most) return number;
  return Wrong(request, name,
               absl::StrCat("is not between ", least, " and ", most));
}

absl::Status ReadQuery(const Request& request, Options* options) {
  for (absl::string_view part :
       absl::StrSplit(request.Option("query"), '&', absl::SkipEmpty())) {
    const size_t equals = part.find('=');
    if (equals == absl::string_view::npos || equals == 0) {
      return ConfigError(absl::StrCat("option query: \"", part,
                                      "\" is not of the form name=value"));
    }
    ASSIGN_OR_RETURN(Template name,
                     Template::Compile("query", part.substr(0, equals)));
    ASSIGN_OR_RETURN(Template value,
                     Template::Compile("query", part.substr(equals + 1)));
    options->query.emplace_back(std::move(name), std::move(value));
  }
  return absl::OkStatus();
}

absl::Status ReadHeaders(const Request& request, Options* options) {
  for (absl::string_view line : absl::StrSplit(request.Option("headers"), '\n',
                                               absl::SkipWhitespace())) {
    const size_t colon = line.find(':');
    const absl::string_view name =
        absl::StripAsciiWhitespace(line.substr(0, colon));
    if (colon == absl::string_view::npos || name.empty() ||
        name.find_first_of(" \t\r") != absl::string_view::npos) {
      return ConfigError(absl::StrCat("option headers: \"", line,
                                      "\" is not of the form Name: value"));
    }
    ASSIGN_OR_RETURN(Template value,
                     Template::Compile("headers", absl::StripAsciiWhitespace(
                                                      line.substr(colon + 1))));
    options->headers.emplace_back(name, std::move(value));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> SecretOf(const Request& request,
                                     absl::string_view option,
                                     absl::string_view name) {
  const bool is_name =
      !name.empty() && absl::ascii_isupper(name[0]) &&
      name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
          absl::string_view::npos;
  if (!is_name) {
    return ConfigError(absl::StrCat(
        "option ", option, ": \"", name,
        "\" is no name of an environment variable (capitals, digits, _); the "
        "secret itself does not belong into a definition"));
  }
  std::string value = request.Secret(name);
  if (!value.empty()) return value;
  return ConfigError(
      absl::StrCat("option ", option, ": the secret ", name,
                   " is not there; the source needs the line secret: \"", name,
                   "\" and the daemon the environment variable ", name));
}

// "name=NAME" or "name=text {NAME}".
absl::Status ReadSecrets(const Request& request, absl::string_view option,
                         sdk::HttpParameters* secrets) {
  ASSIGN_OR_RETURN(const auto pairs,
                   mapping::PairsOption(request, option, true));
  for (const auto& [name, text] : pairs) {
    const size_t open = text.find('{');
    const size_t close = text.find('}');
    if (open == std::string::npos || close == std::string::npos ||
        close < open) {
      ASSIGN_OR_RETURN(std::string secret, SecretOf(request, option, text));
      secrets->emplace_back(name, std::move(secret));
      continue;
    }
    ASSIGN_OR_RETURN(
        const std::string secret,
        SecretOf(request, option, text.substr(open + 1, close - open - 1)));
    secrets->emplace_back(name, absl::StrCat(text.substr(0, open), secret,
                                             text.substr(close + 1)));
  }
  return absl::OkStatus();
}

std::vector<const Template*> TemplatesOf(const Options& options) {
  std::vector<const Template*> all = {&options.url};
  for (const auto& [name, value] : options.query) {
    all.insert(all.end(), {&name, &value});
  }
  for (const auto& [name, value] : options.headers) all.push_back(&value);
  return all;
}

// Every placeholder has a value, and every list a placeholder.
absl::Status CheckPlaceholders(Options* options) {
  std::vector<std::string> known = {"now", "from"};
  for (const EachList& list : options->each) known.push_back(list.name);
  for (const Template* each : TemplatesOf(*options)) {
    options->uses_from |= each->Has("from");
    for (const std::string& name : each->names()) {
      if (std::count(known.begin(), known.end(), name) > 0) continue;
      return ConfigError(absl::StrCat(
          "the placeholder {", name, "} has no value; there are {",
          absl::StrJoin(known, "}, {"), "}, and option each gives others"));
    }
  }
  for (const EachList& list : options->each) {
    bool used = false;
    for (const Template* each : TemplatesOf(*options)) {
      used |= each->Has(list.name);
    }
    if (!used) {
      return ConfigError(absl::StrCat(
          "option each: {", list.name,
          "} stands neither in url nor in query "
          "nor in headers, so that every request would be the same"));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadTimes(const Request& request, Options* options) {
  ASSIGN_OR_RETURN(const double days, NumberWithin(request, "look_back_days", 0,
                                                   kMostLookBackDays));
  options->look_back = absl::Hours(24) * days;
  if (!IsGiven(request, "since")) {
    if (!options->uses_from) return absl::OkStatus();
    return ConfigError(
        "the placeholder {from} needs the option since, the date from which "
        "the first read asks");
  }
  if (!options->uses_from) {
    return Wrong(request, "since",
                 "has no effect: {from} stands neither in url nor in query");
  }
  if (options->snapshot) {
    return ConfigError(
        "options snapshot and {from}: an answer from some time on is not the "
        "whole table, and what it leaves out would be withdrawn");
  }
  absl::CivilDay day;
  if (!absl::ParseCivilTime(request.Option("since"), &day)) {
    return Wrong(request, "since", "is no date such as 2015-01-01");
  }
  options->since = absl::FromCivil(day, absl::UTCTimeZone());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<formats::JsonPath>> PathOption(
    const Request& request, absl::string_view name, bool of_rows) {
  if (!IsGiven(request, name)) return std::optional<formats::JsonPath>();
  const std::string& text = request.Option(name);
  auto path = of_rows ? formats::JsonPath::CompileRows(text)
                      : formats::JsonPath::CompileValue(text);
  if (!path.ok()) {
    return ConfigError(
        absl::StrCat("option ", name, ": ", path.status().message()));
  }
  return *std::move(path);
}

// Options that another one would have to bring into play.
absl::Status CheckNoneGiven(const Request& request,
                            const std::vector<absl::string_view>& names,
                            absl::string_view why) {
  for (absl::string_view name : names) {
    if (IsGiven(request, name)) return Wrong(request, name, why);
  }
  return absl::OkStatus();
}

absl::Status ReadPages(const Request& request, Options* options) {
  PageOptions& pages = options->pages;
  ASSIGN_OR_RETURN(pages.paging, OneOf(request, "paging", kPagings));
  ASSIGN_OR_RETURN(pages.next, PathOption(request, "next", false));
  ASSIGN_OR_RETURN(pages.last, PathOption(request, "last_page", false));
  ASSIGN_OR_RETURN(const double most,
                   NumberWithin(request, "max_pages", 1, kMostPages));
  pages.most = static_cast<int64_t>(most);
  if (IsGiven(request, "page_size")) {
    ASSIGN_OR_RETURN(const double size,
                     NumberWithin(request, "page_size", 1, 1e9));
    pages.size = static_cast<int64_t>(size);
  }
  pages.parameter = request.Option("page_parameter");
  pages.first = request.Option("page_first");
  const auto set_default = [](std::string* text, const char* value) {
    if (text->empty()) *text = value;
  };
  int64_t number = 0;
  switch (pages.paging) {
    case Paging::kNone:
      return CheckNoneGiven(
          request,
          {"page_parameter", "page_first", "page_size", "next", "last_page"},
          "has no effect without the option paging");
    case Paging::kLink:
      return CheckNoneGiven(
          request,
          {"page_parameter", "page_first", "page_size", "next", "last_page"},
          "has no effect with paging = link");
    case Paging::kCursor:
      set_default(&pages.parameter, "cursor");
      if (!pages.next) {
        return ConfigError(
            "paging = cursor needs the option next, the path of the cursor or "
            "address of the next page");
      }
      return CheckNoneGiven(request, {"page_size", "last_page"},
                            "has no effect with paging = cursor");
    case Paging::kPage:
      set_default(&pages.parameter, "page");
      set_default(&pages.first, "1");
      break;
    case Paging::kOffset:
      set_default(&pages.parameter, "offset");
      set_default(&pages.first, "0");
      if (pages.size == 0) {
        return ConfigError(
            "paging = offset needs the option page_size, the rows of a page");
      }
      RETURN_IF_ERROR(CheckNoneGiven(request, {"last_page"},
                                     "has no effect with paging = offset"));
      break;
  }
  if (!absl::SimpleAtoi(pages.first, &number) || number < 0) {
    return Wrong(request, "page_first", "is no number");
  }
  return CheckNoneGiven(request, {"next"},
                        "has no effect: it is for paging = cursor");
}

absl::Status ReadFormat(const Request& request, Options* options) {
  ASSIGN_OR_RETURN(options->format, OneOf(request, "format", kFormats));
  const Format format = options->format;
  ASSIGN_OR_RETURN(options->rows, PathOption(request, "rows", true));
  ASSIGN_OR_RETURN(options->error, PathOption(request, "error_path", false));
  ASSIGN_OR_RETURN(options->header_row, request.BoolOption("header_row"));
  options->sheet = request.Option("sheet");
  options->table = request.Option("table");
  const std::string why =
      absl::StrCat("has no effect with format = ", request.Option("format"));
  if (format == Format::kJson && !options->rows) {
    return ConfigError(
        "format = json needs the option rows, the path of the rows, such as "
        "$.data[*]");
  }
  if (format != Format::kJson) {
    RETURN_IF_ERROR(CheckNoneGiven(request, {"rows"}, why));
  }
  if (!IsJson(format)) {
    RETURN_IF_ERROR(
        CheckNoneGiven(request, {"error_path", "next", "last_page"}, why));
  }
  if (format != Format::kXlsx) {
    RETURN_IF_ERROR(CheckNoneGiven(request, {"sheet"}, why));
  }
  if (format != Format::kHtml) {
    RETURN_IF_ERROR(CheckNoneGiven(request, {"table"}, why));
  }
  if (format != Format::kCsv && format != Format::kSdmxCsv) {
    RETURN_IF_ERROR(CheckNoneGiven(request, {"comment"}, why));
  }
  return absl::OkStatus();
}

// What the table's own options say before there is a table.
absl::Status CheckTableOptions(const Request& request, const Options& options) {
  RETURN_IF_ERROR(mapping::ReadTextOptions(request).status());
  RETURN_IF_ERROR(mapping::ReadRowOptions(request).status());
  RETURN_IF_ERROR(mapping::ReadNumberStyle(request).status());
  RETURN_IF_ERROR(mapping::HeaderTest(request).status());
  RETURN_IF_ERROR(request.NumberOption("scale").status());
  ASSIGN_OR_RETURN(const auto columns, mapping::NamedColumns(request));
  if (options.format != Format::kJson) return absl::OkStatus();
  for (const std::string& column : columns) {
    if (!formats::JsonPath::IsPath(column)) continue;
    const auto path = formats::JsonPath::CompileValue(column);
    if (!path.ok()) {
      return ConfigError(
          absl::StrCat("a column's name: ", path.status().message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsJson(Format format) {
  return format == Format::kJson || format == Format::kJsonStat ||
         format == Format::kSdmxJson;
}

std::vector<OptionSpec> OptionSpecs() {
  std::vector<OptionSpec> specs;
  AddRequestOptions(&specs);
  AddPageOptions(&specs);
  AddFormatOptions(&specs);
  for (auto add : {mapping::TextOptionSpecs, mapping::TableOptionSpecs}) {
    for (OptionSpec& spec : add()) specs.push_back(std::move(spec));
  }
  return specs;
}

absl::StatusOr<Options> ReadOptions(const Request& request) {
  Options options;
  ASSIGN_OR_RETURN(options.url,
                   Template::Compile("url", request.Option("url")));
  ASSIGN_OR_RETURN(options.each, ParseEach(request.Option("each")));
  ASSIGN_OR_RETURN(options.snapshot, request.BoolOption("snapshot"));
  ASSIGN_OR_RETURN(options.allow_empty, request.BoolOption("allow_empty"));
  RETURN_IF_ERROR(ReadQuery(request, &options));
  RETURN_IF_ERROR(ReadHeaders(request, &options));
  RETURN_IF_ERROR(CheckPlaceholders(&options));
  RETURN_IF_ERROR(ReadTimes(request, &options));
  RETURN_IF_ERROR(ReadFormat(request, &options));
  RETURN_IF_ERROR(ReadPages(request, &options));
  ASSIGN_OR_RETURN(
      const double interval,
      NumberWithin(request, "min_interval_seconds", 0, kMostIntervalSeconds));
  options.min_interval = absl::Seconds(interval);
  RETURN_IF_ERROR(CheckTableOptions(request, options));
  RETURN_IF_ERROR(ReadSecrets(request, "secret_query", &options.secret_query));
  RETURN_IF_ERROR(
      ReadSecrets(request, "secret_header", &options.secret_headers));
  return options;
}

}  // namespace headway::http

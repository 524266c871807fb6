// The options of the http plugin besides those of every table: what is asked of
// the publisher, and in which format it answers.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_OPTIONS_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/tables/formats/json_path.h"
#include "plugins/sources/tables/http/ranges.h"
#include "plugins/sources/tables/http/template.h"

namespace headway::http {

enum class Format { kCsv, kSdmxCsv, kJson, kJsonStat, kSdmxJson, kXlsx, kHtml };

enum class Paging { kNone, kPage, kOffset, kCursor, kLink };

struct PageOptions {
  Paging paging = Paging::kNone;
  std::string parameter;
  // What the parameter of the first page is; "" sends none.
  std::string first;
  // Rows of a full page; 0 if it is not known.
  int64_t size = 0;
  int64_t most = 0;
  std::optional<formats::JsonPath> next;
  std::optional<formats::JsonPath> last;
};

struct Options {
  Format format = Format::kCsv;
  Template url;
  // Name and value.
  std::vector<std::pair<Template, Template>> query;
  std::vector<std::pair<std::string, Template>> headers;
  // Names, and values from the environment.
  sdk::HttpParameters secret_query;
  sdk::HttpParameters secret_headers;
  std::vector<EachList> each;
  // The time that {from} is at the first read, and how far it goes back from
  // the last.
  std::optional<absl::Time> since;
  absl::Duration look_back;
  bool uses_from = false;
  PageOptions pages;
  absl::Duration min_interval;

  std::optional<formats::JsonPath> rows;
  std::optional<formats::JsonPath> error;
  bool header_row = true;
  std::string sheet;
  std::string table;
  bool allow_empty = false;
  bool snapshot = false;
};

std::vector<sdk::OptionSpec> OptionSpecs();

// Everything that can be known to be wrong without asking the publisher is a
// ConfigError that names the option.
absl::StatusOr<Options> ReadOptions(const sdk::Request& request);

bool IsJson(Format format);

}  // namespace headway::http

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_OPTIONS_H_

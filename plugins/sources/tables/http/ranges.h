// The option `each`: one request for every value of a list, and for every
// combination of several lists.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_RANGES_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_RANGES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "plugins/sources/tables/http/template.h"

namespace headway::http {

struct EachValue {
  // What the label is called, and what is sent to the publisher.
  std::string label;
  std::string sent;
};

// A list before its placeholders are filled.
struct EachList {
  std::string name;
  std::vector<Template> items;
};

// Parses "hs=8541,8542; partner=CHN:5700,TWN:5830; year=2015..{now:%Y}".
absl::StatusOr<std::vector<EachList>> ParseEach(absl::string_view option);

// The values, with the ranges of years, numbers and months ("2024-01..2024-12",
// "202401..202412") written out.
absl::StatusOr<std::vector<EachValue>> ExpandList(const EachList& list,
                                                  const Filling& filling);

}  // namespace headway::http

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_RANGES_H_

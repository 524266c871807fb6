// What is asked of the publisher at one read.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_REQUESTS_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_REQUESTS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sources/tables/http/options.h"

namespace headway::http {

// The address of a table, and the labels that the values of `each` give it.
struct Asking {
  sdk::HttpRequest request;
  std::vector<std::pair<std::string, std::string>> labels;
};

// One for each combination of the lists of `each`. A ConfigError: they are too
// many, or a secret would go over plain http.
absl::StatusOr<std::vector<Asking>> MakeAskings(const Options& options,
                                                absl::Time now,
                                                absl::Time from);

}  // namespace headway::http

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_REQUESTS_H_

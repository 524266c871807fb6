// Fetches what one asking leads to: one answer, or all its pages.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_PAGES_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_PAGES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sources/tables/http/decoder.h"
#include "plugins/sources/tables/http/options.h"
#include "plugins/sources/tables/http/requests.h"
#include "plugins/sources/tables/http/state.h"

namespace headway::http {

struct Page {
  // Its address without secrets, as errors name it.
  std::string name;
  Answer answer;
};

struct Fetched {
  // Every page is as it was at the last read; then there are none.
  bool unchanged = false;
  std::vector<Page> pages;
};

class Fetcher {
 public:
  // All must outlive it. What is fetched is noted in `next`.
  Fetcher(const Options& options, const Decoder& decoder, const State& last,
          State* next);

  // Every page. With `whole` the answer is wanted also where it is unchanged.
  // A ConfigError if the pages do not end, or repeat.
  absl::StatusOr<Fetched> Fetch(const Asking& asking, bool whole);
  // The first page alone.
  absl::StatusOr<Page> FetchFirst(const Asking& asking);

 private:
  class Pager;

  absl::StatusOr<Fetched> FetchSingle(const Asking& asking, bool whole);
  absl::StatusOr<Fetched> FetchPages(const Asking& asking, bool whole);
  // Whether the body is what it was at the last read.
  bool Note(const std::string& url, const sdk::HttpResponse& response);

  const Options& options_;
  const Decoder& decoder_;
  const State& last_;
  State& next_;
  sdk::HttpClient http_;
};

// As errors and logs name it.
std::string NameOf(absl::string_view url);

}  // namespace headway::http

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_PAGES_H_

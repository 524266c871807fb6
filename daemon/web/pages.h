// The HTML pages, from messages of the API. Pure functions; all text from data
// is escaped. The pages have no script and no inline style: the content
// security policy allows neither.
#ifndef HEADWAY_DAEMON_WEB_PAGES_H_
#define HEADWAY_DAEMON_WEB_PAGES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "headway/v1/forecast.pb.h"
#include "headway/v1/indicator.pb.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::web {

// Series of one indicator in the table of the first page, and on the
// indicator's own.
inline constexpr int kMostRows = 6;
inline constexpr int kMostCharts = 24;

// An indicator with what the pages show of it.
struct IndicatorView {
  // Says how many series there are.
  v1::Indicator indicator;
  // The first ones; no more than are shown need be here.
  std::vector<v1::LabelledSeries> series;
  // The newest issue; empty if there is none.
  std::vector<v1::Forecast> forecasts;
  // Why there are no series, where there are none.
  std::string error;
};

struct DashboardView {
  // By topic, then name.
  std::vector<IndicatorView> indicators;
  std::vector<v1::Pipeline> pipelines;
  // As the reader gave it; empty for the present.
  std::string as_of;
};

std::string DashboardPage(const DashboardView& view);
std::string IndicatorPage(const IndicatorView& view, absl::string_view as_of);
std::string CitationPage(const v1::ReadCitationResponse& cited);
// `heading` is short: "Not found".
std::string ErrorPage(absl::string_view heading, absl::string_view message);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_PAGES_H_

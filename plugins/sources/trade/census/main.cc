// The census plugin: US exports and imports by HS code, partner and month, from
// the Census Bureau's international trade API
// (https://www.census.gov/data/developers/data-sets/international-trade.html).
//
// The API serves the present state only and does not date its revisions. The
// series are therefore ASSUMED: a month counts as known five weeks after its
// end, when it is first released, so that the history that a first read brings
// can be used as of earlier dates; what changes afterwards is observed. Figures
// of that first read carry all revisions made before it.
//
// A month without a row had no trade above the reporting threshold, or is not
// released yet; the API does not say which, so nothing is said of it here.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/trade/census/answer.h"
#include "plugins/sources/trade/census/plan.h"

namespace headway::census {
namespace {

// Releases come about five weeks after the end of the month.
constexpr absl::Duration kReleaseLag = absl::Hours(24 * 36);

sdk::HttpClient MakeHttpClient() {
  sdk::HttpOptions options;
  options.min_interval = absl::Milliseconds(100);
  // The longest answer, 20 years of months, is below 100 KiB.
  options.max_response_bytes = 16 << 20;
  return sdk::HttpClient(options);
}

sdk::Series MakeSeries(const Stream& stream) {
  const bool exports = stream.flow == Flow::kExport;
  return {
      .id = stream.name(),
      .metric = "trade_value_usd",
      .labels = {{"reporter", "USA"},
                 {"partner", stream.partner},
                 {"flow", std::string(stream.flow_name())},
                 {"hs", stream.hs},
                 {"source", "census"}},
      .frequency = sdk::Frequency::kMonthly,
      .unit = "USD",
      .title = absl::StrCat("US ", stream.flow_name(), "s of HS ", stream.hs,
                            exports ? " to " : " from ", stream.partner),
      .description =
          exports ? "Total exports, domestic and foreign, f.a.s. value, not "
                    "seasonally adjusted"
                  : "General imports, customs value, not seasonally adjusted",
      .vintage_kind = sdk::VintageKind::kAssumed,
      .release_lag = kReleaseLag,
      .source_name = "US Census Bureau, International Trade API"};
}

absl::StatusOr<std::vector<sdk::Observation>> Fetch(const sdk::Request& request,
                                                    sdk::HttpClient& http,
                                                    const Stream& stream,
                                                    absl::CivilMonth from) {
  const std::string url = RequestUrl(request.Option("base_url"), stream, from);
  const std::string key = request.Secret(kApiKey);
  sdk::HttpRequest get{.url = url, .accept_statuses = UnderstoodStatuses()};
  if (!key.empty()) get.secret_parameters = {{"key", key}};
  ASSIGN_OR_RETURN(sdk::HttpResponse response, http.Get(get));
  return ParseAnswer(response, stream, url, !key.empty());
}

absl::Status ReadStream(const sdk::Request& request, const Stream& stream,
                        absl::CivilMonth since, sdk::HttpClient& http,
                        sdk::Writer& out) {
  StreamState state = ParseState(request.checkpoint(stream.name()));
  const Window window = PlanWindow(state, since, request.now());
  ASSIGN_OR_RETURN(auto observations,
                   Fetch(request, http, stream, window.from));
  const std::string id = out.Define(MakeSeries(stream));
  if (observations.empty()) {
    out.Info(absl::StrCat(stream.name(), ": no trade reported since ",
                          absl::FormatCivilTime(window.from)));
  } else {
    out.Write({.series = id,
               .observations = std::move(observations),
               .snapshot = window.replaces_all});
  }
  if (window.full) state.full_read = request.now();
  state.since = std::min(state.since, since);
  state.last_read = request.now();
  out.Checkpoint({.stream = stream.name(), .state = FormatState(state)});
  return absl::OkStatus();
}

absl::Status Read(const sdk::Request& request, sdk::Writer& out) {
  ASSIGN_OR_RETURN(std::vector<Stream> streams, PlanStreams(request));
  ASSIGN_OR_RETURN(absl::CivilMonth since, SinceOption(request));
  // Those read longest ago first: a read that was cut off goes on where it was.
  auto last_read = [&](const Stream& stream) {
    return ParseState(request.checkpoint(stream.name())).last_read;
  };
  std::stable_sort(streams.begin(), streams.end(),
                   [&](const Stream& a, const Stream& b) {
                     return last_read(a) < last_read(b);
                   });
  sdk::HttpClient http = MakeHttpClient();
  for (size_t i = 0; i < streams.size(); ++i) {
    out.Progress(static_cast<int64_t>(i), static_cast<int64_t>(streams.size()),
                 streams[i].name());
    RETURN_IF_ERROR(ReadStream(request, streams[i], since, http, out));
  }
  return absl::OkStatus();
}

absl::Status Discover(const sdk::Request& request, sdk::Writer& out) {
  ASSIGN_OR_RETURN(std::vector<Stream> streams, PlanStreams(request));
  for (const Stream& stream : streams) out.Define(MakeSeries(stream));
  return absl::OkStatus();
}

// Asks for the recent months of one series: whether the API answers, and
// whether it takes the key.
absl::StatusOr<std::string> Check(const sdk::Request& request) {
  ASSIGN_OR_RETURN(std::vector<Stream> streams, PlanStreams(request));
  RETURN_IF_ERROR(SinceOption(request).status());
  sdk::HttpClient http = MakeHttpClient();
  const absl::CivilMonth from =
      absl::ToCivilMonth(request.now(), absl::UTCTimeZone()) - 12;
  ASSIGN_OR_RETURN(auto observations,
                   Fetch(request, http, streams.front(), from));
  std::string found =
      observations.empty()
          ? " has no recent months"
          : absl::StrCat(" is there up to ",
                         FormatPeriod(observations.back().period));
  return absl::StrCat(streams.size(), " series; ", streams.front().name(),
                      found);
}

}  // namespace
}  // namespace headway::census

int main(int argc, char** argv) {
  return headway::sdk::RunPlugin(
      argc, argv,
      {.name = "census",
       .version = "1.0",
       .summary = "Reads US exports and imports by HS code, partner and month "
                  "from the Census Bureau.",
       .options = {{"flows", "export, import or both.", "export,import"},
                   {"hs", "HS codes of 2, 4, 6 or 10 digits.",
                    "8541,8542,8486"},
                   {"partners",
                    "ISO 3166 alpha-3 codes of countries; WLD is the total.",
                    "CHN,HKG,TWN,KOR,JPN,NLD,MYS,SGP,VNM,WLD"},
                   {"since", "The first month.", "2013-01"},
                   {"base_url", "Where the API is.",
                    "https://api.census.gov/data/timeseries/intltrade"}},
       .secrets = {{headway::census::kApiKey,
                    "A key for api.census.gov, free at "
                    "https://api.census.gov/data/key_signup.html; requests "
                    "without one may be refused."}},
       .hosts = {"api.census.gov"},
       // Releases come at 08:30 in Washington.
       .default_schedule = "0 15 * * *",
       .evidence = {headway::sdk::Evidence::Kind::kRecorded, "2026-08-04"},
       .read = headway::census::Read,
       .discover = headway::census::Discover,
       .check = headway::census::Check});
}

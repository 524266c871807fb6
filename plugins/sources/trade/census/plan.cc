#include "plugins/sources/trade/census/plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/json.h"
#include "plugins/sources/trade/census/countries.h"

namespace headway::census {
namespace {

// The running year and the one before it, with half a year to spare.
constexpr int kRevisedMonths = 18;
// The annual revision comes out in June, in some years late: two days on which
// whatever was not read since is read again.
constexpr std::pair<int, int> kFullReadDays[] = {{6, 15}, {7, 15}};

// The last of those days that `now` has reached.
absl::Time LastFullReadDay(absl::Time now) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const auto year = absl::ToCivilYear(now, utc).year();
  absl::Time last = absl::InfinitePast();
  for (auto y : {year - 1, year}) {
    for (auto [month, day] : kFullReadDays) {
      absl::Time at = absl::FromCivil(absl::CivilDay(y, month, day), utc);
      if (at <= now) last = std::max(last, at);
    }
  }
  return last;
}

absl::Status CheckHs(absl::string_view hs) {
  bool digits = std::all_of(hs.begin(), hs.end(), absl::ascii_isdigit);
  size_t n = hs.size();
  if (digits && (n == 2 || n == 4 || n == 6 || n == 10)) {
    return absl::OkStatus();
  }
  return sdk::ConfigError(
      absl::StrCat("option hs: \"", hs,
                   "\" is no HS code; write 2, 4, 6 or 10 digits, such as "
                   "8542"));
}

absl::StatusOr<std::vector<Flow>> FlowsOption(const sdk::Request& request) {
  std::vector<Flow> flows;
  for (const std::string& name : request.ListOption("flows")) {
    if (name != "export" && name != "import") {
      return sdk::ConfigError(absl::StrCat("option flows: \"", name,
                                           "\" is neither export nor import"));
    }
    flows.push_back(name == "export" ? Flow::kExport : Flow::kImport);
  }
  return flows;
}

absl::Time TimeField(const nlohmann::json& state, const char* name) {
  absl::Time time = absl::InfinitePast();
  auto it = state.find(name);
  if (it != state.end() && it->is_string()) {
    absl::ParseTime(absl::RFC3339_full, it->get<std::string>(), &time, nullptr);
  }
  return time;
}

}  // namespace

std::string Stream::name() const {
  return absl::StrCat(flow_name(), "/", hs, "/", partner);
}

absl::StatusOr<std::vector<Stream>> PlanStreams(const sdk::Request& request) {
  ASSIGN_OR_RETURN(std::vector<Flow> flows, FlowsOption(request));
  std::vector<Stream> streams;
  for (const std::string& hs : request.ListOption("hs")) {
    RETURN_IF_ERROR(CheckHs(hs));
    for (const std::string& partner : request.ListOption("partners")) {
      ASSIGN_OR_RETURN(absl::string_view code, CountryCode(partner));
      for (Flow flow : flows) {
        streams.push_back({flow, hs, partner, std::string(code)});
      }
    }
  }
  auto by_name = [](const Stream& a, const Stream& b) {
    return a.name() < b.name();
  };
  std::sort(streams.begin(), streams.end(), by_name);
  for (size_t i = 1; i < streams.size(); ++i) {
    if (streams[i - 1].name() == streams[i].name()) {
      return sdk::ConfigError(
          absl::StrCat("the options flows, hs and partners name ",
                       streams[i].name(), " twice"));
    }
  }
  if (streams.empty()) {
    return sdk::ConfigError(
        "nothing to read: flows, hs and partners must each name one at least");
  }
  return streams;
}

absl::StatusOr<absl::CivilMonth> SinceOption(const sdk::Request& request) {
  auto period =
      sdk::ParsePeriod(request.Option("since"), sdk::Frequency::kMonthly);
  if (!period.ok()) {
    return sdk::ConfigError(
        absl::StrCat("option since: ", period.status().message()));
  }
  return absl::CivilMonth(series::FirstDay(*period));
}

StreamState ParseState(absl::string_view text) {
  StreamState state{.since = absl::CivilMonth(9999, 1),
                    .full_read = absl::InfinitePast(),
                    .last_read = absl::InfinitePast()};
  auto json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) return state;
  absl::Time since = TimeField(json, "since");
  if (since == absl::InfinitePast()) return state;
  state.since = absl::ToCivilMonth(since, absl::UTCTimeZone());
  state.full_read = TimeField(json, "full_read");
  state.last_read = TimeField(json, "last_read");
  return state;
}

std::string FormatState(const StreamState& state) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  auto text = [&](absl::Time time) {
    return absl::FormatTime(absl::RFC3339_full, time, utc);
  };
  nlohmann::json json = {{"since", text(absl::FromCivil(state.since, utc))},
                         {"full_read", text(state.full_read)},
                         {"last_read", text(state.last_read)}};
  return json.dump();
}

Window PlanWindow(const StreamState& state, absl::CivilMonth since,
                  absl::Time now) {
  Window window;
  window.full = since < state.since || state.full_read < LastFullReadDay(now);
  window.replaces_all = window.full && since <= state.since;
  absl::CivilMonth this_month = absl::ToCivilMonth(now, absl::UTCTimeZone());
  window.from =
      window.full ? since : std::max(since, this_month - kRevisedMonths);
  return window;
}

}  // namespace headway::census

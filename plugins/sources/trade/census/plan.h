// What to ask the Census Bureau for, and how far back.
//
// Months are revised: those of the running year with each release, whole years
// with the annual revision around June. So a stream is read from `since` at
// first, again after each annual revision, and in between over the months that
// an ordinary release may touch.
#ifndef HEADWAY_PLUGINS_SOURCES_TRADE_CENSUS_PLAN_H_
#define HEADWAY_PLUGINS_SOURCES_TRADE_CENSUS_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "plugins/sdk/cpp/plugin.h"

namespace headway::census {

enum class Flow { kExport, kImport };

// One series, which is a stream with a checkpoint of its own.
struct Stream {
  Flow flow;
  std::string hs;
  // ISO 3166 alpha-3, or "WLD".
  std::string partner;
  std::string country_code;

  absl::string_view flow_name() const {
    return flow == Flow::kExport ? "export" : "import";
  }
  // Names the checkpoint: "export/8542/CHN".
  std::string name() const;
  // The API's name of the column that holds the value of a month: total
  // exports, f.a.s., or general imports, customs value.
  absl::string_view value_column() const {
    return flow == Flow::kExport ? "ALL_VAL_MO" : "GEN_VAL_MO";
  }
  absl::string_view commodity_column() const {
    return flow == Flow::kExport ? "E_COMMODITY" : "I_COMMODITY";
  }
};

// Every flow with every HS code and every partner of the request's options. A
// ConfigError names the option and what it may hold.
absl::StatusOr<std::vector<Stream>> PlanStreams(const sdk::Request& request);

// The option `since`.
absl::StatusOr<absl::CivilMonth> SinceOption(const sdk::Request& request);

// The checkpoint of a stream.
struct StreamState {
  // The first month that was ever asked for.
  absl::CivilMonth since;
  // When the stream was last read from `since` on, and when last at all.
  absl::Time full_read;
  absl::Time last_read;
};

// A text that is empty or of another version gives the state of a stream that
// was never read.
StreamState ParseState(absl::string_view text);
std::string FormatState(const StreamState& state);

struct Window {
  absl::CivilMonth from;
  // From `since` on.
  bool full = false;
  // Whether to withdraw what the answer leaves out: the window covers all that
  // was ever read.
  bool replaces_all = false;
};

Window PlanWindow(const StreamState& state, absl::CivilMonth since,
                  absl::Time now);

}  // namespace headway::census

#endif  // HEADWAY_PLUGINS_SOURCES_TRADE_CENSUS_PLAN_H_

// What headway nowcast is told, and its two kinds of answer.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_NOWCAST_OPTIONS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_NOWCAST_OPTIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "tools/headway/commands/evidence/report.h"
#include "tools/headway/commands/evidence/systems/frame.h"

namespace headway::cli {

struct NowcastOptions {
  FrameOptions frame;
  std::string method = "midas";
  std::string target;
  double level = 95;
  std::string rows;
  // Of midas, umidas and bridge.
  std::string with;  // "": the indicators are columns of --csv
  std::string indicators;
  std::string with_transform;
  std::string with_from;
  std::string weights = "nealmon";
  std::string lags;  // "3..11"
  int own_lags = 0;
  bool trend = false;
  // Of news.
  std::string new_csv;
  std::string at;
  std::string state_space;
};

// midas, umidas, bridge.
absl::StatusOr<Report> NowcastByRegression(const NowcastOptions& options);
// news.
absl::StatusOr<Report> NowcastNews(const NowcastOptions& options);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_NOWCAST_OPTIONS_H_

#include "tools/bench/forecast/r_timing.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/measure.h"

namespace headway::bench {
namespace {

constexpr char kScript[] =
    HEADWAY_SOURCE_DIR "/tools/bench/forecast/forecast_timing.R";
// R's search over seasonal ARIMA models takes minutes a series above this.
constexpr int kLongestArimaSeason = 12;

void WriteSeries(absl::Span<const CompetitionSeries> series,
                 const std::string& path) {
  std::ofstream file(path);
  for (const CompetitionSeries& one : series) {
    file << one.id;
    for (double value : one.past) file << absl::StrFormat(",%.17g", value);
    file << "\n";
  }
}

}  // namespace

std::vector<std::string> TimedRMethods(const CompetitionSet& set) {
  if (set.season > kLongestArimaSeason) return {"ets", "thetaf"};
  return {"ets", "auto.arima", "thetaf"};
}

absl::StatusOr<RTimes> TimeR(const CompetitionSet& set,
                             absl::Span<const CompetitionSeries> series) {
  ASSIGN_OR_RETURN(
      const TempDirectory directory,
      TempDirectory::Create(std::filesystem::temp_directory_path().string()));
  const std::string path = directory.Sub("series.csv");
  WriteSeries(series, path);
  // R answers with a non-zero status where the package is missing, the shell
  // where R is.
  const std::string command = absl::StrCat(
      "Rscript --vanilla '", kScript, "' '", path, "' ", set.season, " ",
      set.horizon, " ", absl::StrJoin(TimedRMethods(set), " "), " 2>/dev/null");
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return absl::InternalError("cannot start a shell");
  RTimes times;
  char line[256];
  while (fgets(line, sizeof(line), pipe) != nullptr) {
    const std::vector<absl::string_view> cells =
        absl::StrSplit(absl::string_view(line), ',');
    double seconds = 0;
    if (cells.size() == 3 && absl::SimpleAtod(cells[2], &seconds)) {
      times[cells[1]][cells[0]] = seconds;
    }
  }
  if (pclose(pipe) != 0) {
    return absl::NotFoundError(
        "Rscript with the package forecast did not run; tools/setup --bench "
        "installs it");
  }
  return times;
}

}  // namespace headway::bench

#include "tools/bench/soak/probe_process.h"

#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "daemon/base/status_macros.h"

namespace headway::bench {
namespace {

// A line: the probe, how many seconds it took, and how it failed; or the probe
// alone, of which nothing came.
void Write(const std::map<std::string, ProbeResult>& results,
           std::ostream& out) {
  for (const auto& [name, result] : results) {
    out << name << "\n";
    for (double seconds : result.latencies) {
      out << name << "\t" << seconds << "\n";
    }
    for (const auto& [failure, count] : result.failures) {
      for (int64_t i = 0; i < count; ++i) {
        out << name << "\t\t" << absl::StrReplaceAll(failure, {{"\n", " "}})
            << "\n";
      }
    }
  }
  out.flush();
}

absl::Status Read(const std::string& line,
                  std::map<std::string, ProbeResult>& results) {
  const std::vector<std::string> fields = absl::StrSplit(line, '\t');
  ProbeResult& result = results[fields[0]];
  if (fields.size() == 3) ++result.failures[fields[2]];
  if (fields.size() != 2) return absl::OkStatus();
  if (!absl::SimpleAtod(fields[1], &result.latencies.emplace_back())) {
    return absl::InternalError(absl::StrCat("a probe wrote \"", line, "\""));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ProbeProcess>> ProbeProcess::Start(
    const Daemon& daemon, const std::string& directory) {
  std::string file = absl::StrCat(directory, "/probes");
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> process,
                   ChildProcess::Start(
                       ThisProgram(),
                       {"probe", daemon.address(), daemon.http_address(), file},
                       absl::StrCat(directory, "/probes_log")));
  return std::unique_ptr<ProbeProcess>(
      new ProbeProcess(std::move(process), std::move(file)));
}

absl::StatusOr<std::map<std::string, ProbeResult>> ProbeProcess::Take() {
  if (!process_->Runs()) {
    return absl::InternalError("the process of the probes has ended");
  }
  std::map<std::string, ProbeResult> results;
  std::ifstream file(file_);
  file.seekg(offset_);
  std::string line;
  // The last line may not be whole yet.
  while (std::getline(file, line) && !file.eof()) {
    RETURN_IF_ERROR(Read(line, results));
    offset_ = file.tellg();
  }
  return results;
}

absl::Status ProbeUntilKilled(const std::string& address,
                              const std::string& http_address,
                              const std::string& file) {
  std::ofstream out(file);
  Probes probes(ReadProbes(address, http_address));
  while (out) {
    absl::SleepFor(absl::Seconds(1));
    Write(probes.Take(), out);
  }
  return absl::UnavailableError(absl::StrCat("cannot write ", file));
}

}  // namespace headway::bench

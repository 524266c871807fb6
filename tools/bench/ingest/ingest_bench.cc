// ingest_bench: observations per second through a plugin's process, the
// protocol, validation and commit, beside Store::Commit of the same
// observations in the same commits.
//
//   ingest_bench                 a few minutes
//   ingest_bench --quick         smaller sets and fewer turns, within 40 s
//   ingest_bench --shapes many --ways sdk,lines
//
// One JSON object a line, see report.h. bench_plugins/bench-sdk and
// headway-launcher must lie beside this program. Stores are on the disk,
// commits synced, plugins isolated as the daemon isolates them. All take turns.
//
//   binary_ratio.SHAPE.PULL   a plugin of the C++ SDK, over the store
//   json_ratio.SHAPE.PULL     one that writes prepared JSON lines, over the
//                             store
//   python_ratio.SHAPE.PULL   one of the Python SDK, over the store
//   ..._cpu_ratio.SHAPE.PULL  the same of the processor time of this process,
//                             which a busy machine hardly changes; what the
//                             plugin takes on another processor is not in it
//   memory_mb.WAY.SHAPE       what this process held more, at most, while it
//                             took the first pull
//   pull_start_ms             a pull of one observation: what no pull does
//                             without
//
// SHAPE is `many`, 10,000 monthly series of 120 values, or `long`, 60 daily
// series of 20,000. PULL is `first`, `unchanged` (all once more) or `revised`
// (all once more, 1 % with another value).
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/ingest/deliveries.h"
#include "tools/bench/measure.h"
#include "tools/bench/report.h"

namespace headway::bench {
namespace {

struct Flags {
  bool quick = false;
  int rounds = 0;
  std::vector<std::string> shapes = {"many", "long"};
  std::vector<std::string> ways = {"sdk", "lines", "python"};
  std::string directory = ProgramDirectory();

  static std::string ProgramDirectory() {
    return std::filesystem::read_symlink("/proc/self/exe")
        .parent_path()
        .string();
  }
};

struct Shape {
  std::string name;
  Workload workload;
};

// What is measured of one pull, in all turns, by its way.
using Turns = std::map<Way, std::vector<Delivered>>;

const char* const kPulls[] = {"first", "unchanged", "revised"};
constexpr double kBinaryTarget = 0.5;
constexpr double kJsonTarget = 0.15;

void AddFlags(CLI::App& app, Flags& flags) {
  app.add_flag("--quick", flags.quick,
               "Fewer series and turns, done within 40 seconds");
  app.add_option("--rounds", flags.rounds, "Turns of each way")
      ->check(CLI::PositiveNumber);
  app.add_option("--shapes", flags.shapes, "Separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"many", "long"}))
      ->capture_default_str();
  app.add_option("--ways", flags.ways, "Besides the store; with commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"sdk", "lines", "python"}))
      ->capture_default_str();
  app.add_option("--dir", flags.directory,
                 "Where the stores are made; they are deleted at the end")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
}

std::vector<Shape> ShapesOf(const Flags& flags) {
  const int part = flags.quick ? 4 : 1;
  std::vector<Shape> shapes;
  for (const std::string& name : flags.shapes) {
    if (name == "many") {
      shapes.push_back({name, {.series = 10000 / part}});
    } else {
      shapes.push_back({name,
                        {.frequency = series::Frequency::kDaily,
                         .series = 60 / part,
                         .values = 20000,
                         .series_per_commit = 1}});
    }
  }
  return shapes;
}

std::vector<double> SecondsOf(const std::vector<Delivered>& turns) {
  std::vector<double> seconds;
  for (const Delivered& turn : turns) seconds.push_back(turn.seconds);
  return seconds;
}

double MedianOf(const std::vector<double>& sample) {
  return Percentile(sample, 0.5);
}

std::vector<double> CpuSecondsOf(const std::vector<Delivered>& turns) {
  std::vector<double> seconds;
  for (const Delivered& turn : turns) seconds.push_back(turn.cpu_seconds);
  return seconds;
}

std::string SpreadOf(const std::vector<double>& sample) {
  return absl::StrFormat("median of %d turns, %.3f to %.3f", sample.size(),
                         Percentile(sample, 0), Percentile(sample, 1));
}

std::string PrefixOf(Way way) {
  if (way == Way::kSdk) return "binary";
  return way == Way::kLines ? "json" : NameOf(way);
}

std::optional<Report::Target> TargetOf(Way way) {
  if (way == Way::kSdk) return Report::Target{kBinaryTarget};
  if (way == Way::kLines) return Report::Target{kJsonTarget};
  return std::nullopt;
}

class IngestBench {
 public:
  IngestBench(const Flags& flags, TempDirectory directory, Plugins* plugins,
              Report* report)
      : flags_(flags),
        rounds_(flags.rounds > 0 ? flags.rounds : (flags.quick ? 2 : 5)),
        directory_(std::move(directory)),
        plugins_(plugins),
        report_(*report) {}

  absl::Status Run() {
    ReportConditions();
    RETURN_IF_ERROR(MeasureStart());
    for (const Shape& shape : ShapesOf(flags_)) {
      RETURN_IF_ERROR(Measure(shape));
    }
    return absl::OkStatus();
  }

 private:
  void ReportConditions() {
    report_.Add(
        "conditions", std::nullopt, "",
        absl::StrCat(rounds_, " turns, ", std::thread::hardware_concurrency(),
                     " processors, file system ",
                     FileSystemName(flags_.directory), ", isolation level ",
                     static_cast<int>(plugins_->isolation().level()), " of 2; ",
                     LoadAverage(), " programs ready to run at the start"));
  }

  absl::StatusOr<std::unique_ptr<Subject>> NewSubject(Way way) {
    return Subject::Open(way, directory_.Sub(absl::StrCat("store", ++stores_)),
                         plugins_, &pool_);
  }

  absl::Status MeasureStart() {
    const Workload one{.series = 1, .values = 1, .series_per_commit = 1};
    std::vector<double> times;
    ASSIGN_OR_RETURN(const std::unique_ptr<Subject> subject,
                     NewSubject(Way::kSdk));
    for (int i = 0; i < 11; ++i) {
      ASSIGN_OR_RETURN(const Delivered delivered, subject->Deliver(one));
      times.push_back(delivered.seconds * 1e3);
    }
    report_.Add("pull_start_ms", MedianOf(times), "ms",
                absl::StrFormat("a pull of one observation, 11 pulls, %.1f to "
                                "%.1f",
                                Percentile(times, 0), Percentile(times, 1)));
    return absl::OkStatus();
  }

  bool Does(Way way, const Shape& shape) const {
    // The Python plugin makes monthly series alone.
    if (way == Way::kPython && shape.name != "many") return false;
    return way == Way::kStore ||
           std::find(flags_.ways.begin(), flags_.ways.end(), NameOf(way)) !=
               flags_.ways.end();
  }

  absl::Status Measure(const Shape& shape) {
    Turns turns[std::size(kPulls)];
    for (int round = 0; round < rounds_; ++round) {
      for (Way way : {Way::kStore, Way::kSdk, Way::kLines, Way::kPython}) {
        // Slow as it is, its first turns say enough.
        if (way == Way::kPython && round >= 2) continue;
        if (Does(way, shape)) RETURN_IF_ERROR(Turn(way, shape, turns));
      }
    }
    for (size_t i = 0; i < std::size(kPulls); ++i) {
      ReportPull(shape, kPulls[i], turns[i]);
    }
    for (const auto& [way, delivered] : turns[0]) {
      std::vector<double> peaks;
      for (const Delivered& turn : delivered) peaks.push_back(turn.peak_mb);
      report_.Add(absl::StrCat("memory_mb.", NameOf(way), ".", shape.name),
                  MedianOf(peaks), "MB",
                  absl::StrFormat("at most above what was held before the "
                                  "first delivery, %.0f to %.0f",
                                  Percentile(peaks, 0), Percentile(peaks, 1)));
    }
    return absl::OkStatus();
  }

  // All three pulls, into a new store.
  absl::Status Turn(Way way, const Shape& shape, Turns* turns) {
    ASSIGN_OR_RETURN(const std::unique_ptr<Subject> subject, NewSubject(way));
    Workload revised = shape.workload;
    revised.revised_per_mille = 10;
    const Workload* const workloads[] = {&shape.workload, &shape.workload,
                                         &revised};
    for (size_t i = 0; i < std::size(kPulls); ++i) {
      // It delivers the same each time.
      if (way == Way::kPython && i == 2) continue;
      ASSIGN_OR_RETURN(const Delivered delivered,
                       subject->Deliver(*workloads[i]));
      RETURN_IF_ERROR(CheckNews(delivered, shape, i));
      turns[i][way].push_back(delivered);
    }
    return absl::OkStatus();
  }

  static absl::Status CheckNews(const Delivered& delivered, const Shape& shape,
                                size_t pull) {
    const int64_t all = shape.workload.observations();
    const bool is_right = pull == 0   ? delivered.changed == all
                          : pull == 1 ? delivered.changed == 0
                                      : delivered.changed > all / 200 &&
                                            delivered.changed < all / 50;
    if (is_right) return absl::OkStatus();
    return absl::InternalError(
        absl::StrCat(delivered.changed, " of ", all,
                     " observations were news in the pull \"", kPulls[pull],
                     "\" of ", shape.name));
  }

  void ReportPull(const Shape& shape, const std::string& pull,
                  const Turns& turns) {
    const std::vector<Delivered>& stored = turns.at(Way::kStore);
    for (const auto& [way, delivered] : turns) {
      if (way == Way::kStore) continue;
      std::vector<double> ratios;
      std::vector<double> cpu_ratios;
      for (size_t i = 0; i < delivered.size(); ++i) {
        ratios.push_back(stored[i].seconds / delivered[i].seconds);
        cpu_ratios.push_back(stored[i].cpu_seconds / delivered[i].cpu_seconds);
      }
      const double all = static_cast<double>(shape.workload.observations());
      const std::string name = PrefixOf(way);
      const std::string rest = absl::StrCat(".", shape.name, ".", pull);
      report_.Add(absl::StrCat(name, "_ratio", rest), MedianOf(ratios), "ratio",
                  absl::StrFormat("%s; %.2f M observations/s, the store %.2f M",
                                  SpreadOf(ratios),
                                  all / MedianOf(SecondsOf(delivered)) / 1e6,
                                  all / MedianOf(SecondsOf(stored)) / 1e6),
                  TargetOf(way));
      report_.Add(
          absl::StrCat(name, "_cpu_ratio", rest), MedianOf(cpu_ratios), "ratio",
          absl::StrFormat("%s; %.3f us of an observation, the store %.3f us",
                          SpreadOf(cpu_ratios),
                          MedianOf(CpuSecondsOf(delivered)) / all * 1e6,
                          MedianOf(CpuSecondsOf(stored)) / all * 1e6));
    }
  }

  const Flags& flags_;
  const int rounds_;
  const TempDirectory directory_;
  Plugins* const plugins_;
  Report& report_;
  ThreadPool pool_{{.threads = 1}};
  int stores_ = 0;
};

absl::Status Run(const Flags& flags) {
  ASSIGN_OR_RETURN(TempDirectory directory,
                   TempDirectory::Create(flags.directory));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Plugins> plugins,
      Plugins::Install(directory.Sub("plugins"),
                       Flags::ProgramDirectory() + "/bench_plugins"));
  Report report(&std::cout);
  return IngestBench(flags, std::move(directory), plugins.get(), &report).Run();
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) {
  // As in the daemon, with Debian's Abseil.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  headway::bench::Flags flags;
  CLI::App app("Measures pulls beside the store's own ingest.");
  headway::bench::AddFlags(app, flags);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = headway::bench::Run(flags);
  if (status.ok()) return 0;
  std::cerr << "ingest_bench: " << status.message() << "\n";
  return 1;
}

// Sources of pipelines pulled on simulated time, with real plugins and a real
// store. A program drives it, which stands for their publishers: it says on
// standard input how far to go, a JSON object a line, and reads on standard
// output what came of it.
//
//   simulated_pulls PIPELINES PLUGINS STORE START < commands
//
//   {"configure": {"SOURCE": {"OPTION": "VALUE"}}}  comes first: these alone
//   are
//                                             pulled; without any, those that
//                                             their pipelines have switched on
//   {"until": "2026-01-02T00:00:00Z"}         what schedules start by then
//   {"pull": "SOURCE"}                        this one now
//   {"series": true}                          all that the store holds
//
// A pull is answered with a line of its own, and so is a series; a line with
// "done" ends each answer.
#include <algorithm>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/ingest/source/errors.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/schedule/ledger.h"
#include "daemon/schedule/scheduler.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"
#include "daemon/store/reader.h"
#include "daemon/store/store.h"

namespace headway {
namespace {

using Json = nlohmann::json;

void Say(const Json& line) {
  std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace)
            << std::endl;
}

// A store, plugins and a scheduler around a clock that stands still until it is
// told to move.
class Pulls {
 public:
  explicit Pulls(absl::Time start) : clock_(start) {}

  absl::Status Open(const std::string& pipelines, const std::string& plugins,
                    const std::string& store);
  absl::Status Obey(const Json& command);

 private:
  absl::Status Configure(const Json& sources);
  absl::Status RunUntil(absl::Time until);
  absl::Status ShowSeries();
  bool IsWanted(const std::string& source) const {
    return wanted_.empty() || wanted_.count(source) > 0;
  }
  bool Pull(const pipeline::Source& source);
  std::vector<schedule::Piece> Execute(schedule::ActiveRun& run);

  SimulatedClock clock_;
  std::string pipelines_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ingest::Isolation> isolation_;
  std::unique_ptr<ingest::PluginHost> host_;
  pipeline::Definitions definitions_;
  // Of no names, all.
  std::set<std::string> wanted_;
  std::deque<std::function<void()>> work_;
  std::unique_ptr<schedule::Ledger> ledger_;
  std::unique_ptr<schedule::Scheduler> scheduler_;
};

absl::Status Pulls::Open(const std::string& pipelines,
                         const std::string& plugins, const std::string& store) {
  pipelines_ = pipelines;
  ASSIGN_OR_RETURN(store_, store::Store::Open(store, &clock_, {}));
  isolation_ = ingest::Isolation::Probe({});
  RETURN_IF_ERROR(ingest::HardenProcess(*isolation_));
  host_ = std::make_unique<ingest::PluginHost>(
      ingest::PluginHost::Options{.directories = {plugins},
                                  .isolation = isolation_.get()},
      &clock_, store_.get());
  return absl::OkStatus();
}

absl::Status Pulls::Configure(const Json& sources) {
  pipeline::LoadOptions options;
  options.plugins = host_.get();
  options.clock = &clock_;
  for (const auto& [name, config] : sources.items()) {
    options.switches[name] = true;
    wanted_.insert(name);
  }
  ASSIGN_OR_RETURN(definitions_, pipeline::LoadDirectory(pipelines_, options));
  for (const auto& [name, config] : sources.items()) {
    const auto found = definitions_.sources.find(name);
    if (found == definitions_.sources.end()) {
      return absl::NotFoundError(absl::StrCat("no pipeline has ", name));
    }
    for (const auto& [option, value] : config.items()) {
      found->second.source.config[option] = value.get<std::string>();
    }
  }
  ledger_ = std::make_unique<schedule::Ledger>(store_.get(), &clock_);
  scheduler_ = std::make_unique<schedule::Scheduler>(
      schedule::Scheduler::Options{}, &clock_, store_.get(), ledger_.get(),
      [this](schedule::ActiveRun& run, const schedule::Piece&) {
        return Execute(run);
      },
      [this](std::function<void()> work) {
        work_.push_back(std::move(work));
        return absl::OkStatus();
      });
  std::vector<schedule::Job> jobs;
  for (const auto& [name, pipeline] : definitions_.pipelines) {
    jobs.push_back(pipeline.job);
  }
  RETURN_IF_ERROR(scheduler_->SetJobs(std::move(jobs)));
  return scheduler_->Recover();
}

std::vector<schedule::Piece> Pulls::Execute(schedule::ActiveRun& run) {
  const pipeline::Pipeline& pipeline =
      definitions_.pipelines.at(std::string(run.job()));
  for (const std::string& name : pipeline.sources) {
    const pipeline::Source& source = definitions_.sources.at(name);
    if (source.disabled || !IsWanted(name)) continue;
    auto* step = run.run().add_steps();
    step->set_subject(name);
    step->set_state(Pull(source) ? v1::RunStep::SUCCEEDED
                                 : v1::RunStep::FAILED);
  }
  return {};
}

bool Pulls::Pull(const pipeline::Source& source) {
  const absl::StatusOr<ingest::PullReport> report =
      host_->Pull(source.source, "runs/1", {});
  Json line = {{"source", source.source.name},
               {"plugin", source.source.plugin},
               {"pipeline", source.pipeline},
               {"at", FormatInstant(clock_.Now())}};
  if (report.ok()) {
    line["read"] = report->observations_read;
    line["changed"] = report->observations_changed;
    line["log"] = report->log;
  } else {
    line["error"] = std::string(report.status().message());
    line["log"] = ingest::LogOf(report.status());
  }
  Say(line);
  return report.ok();
}

absl::Status Pulls::RunUntil(absl::Time until) {
  if (scheduler_ == nullptr) {
    return absl::FailedPreconditionError("nothing is configured yet");
  }
  while (true) {
    const absl::Time next = scheduler_->Poll();
    if (!work_.empty()) {
      const std::function<void()> work = std::move(work_.front());
      work_.pop_front();
      work();
      continue;
    }
    if (next > until) break;
    clock_.AdvanceTo(std::max(next, clock_.Now() + absl::Microseconds(1)));
  }
  clock_.AdvanceTo(std::max(until, clock_.Now()));
  return absl::OkStatus();
}

// Each statement of each vintage that changed something, oldest first: period,
// value (null: withdrawn), since when it was known.
absl::Status Pulls::ShowSeries() {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  ASSIGN_OR_RETURN(const auto all, reader->SelectSeries({}));
  for (const store::SeriesEntry& entry : all) {
    const series::SeriesKey& key = entry.info.key;
    const auto period = [&](int32_t ordinal) {
      return series::FormatPeriod({key.frequency, ordinal});
    };
    ASSIGN_OR_RETURN(const auto vintages, reader->ListVintages(entry.id));
    Json statements = Json::array();
    for (const store::Vintage& vintage : vintages) {
      const std::string known = FormatInstant(vintage.known_at);
      for (size_t i = 0; i < vintage.ordinals.size(); ++i) {
        statements.push_back(
            {period(vintage.ordinals[i]), vintage.values[i], known});
      }
      for (const int32_t ordinal : vintage.withdrawn) {
        statements.push_back({period(ordinal), nullptr, known});
      }
    }
    Json labels = Json::object();
    for (const auto& [name, value] : key.labels.pairs()) labels[name] = value;
    Say({{"metric", key.metric},
         {"labels", std::move(labels)},
         {"unit", entry.info.unit.ToString()},
         {"statements", std::move(statements)}});
  }
  return absl::OkStatus();
}

absl::Status Pulls::Obey(const Json& command) {
  if (!command.is_object() || command.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        command.dump(), ": write an object of one command a line"));
  }
  const std::string verb = command.begin().key();
  const Json& what = command.begin().value();
  if (verb == "configure") return Configure(what);
  if (verb == "series") return ShowSeries();
  if (verb == "until") {
    ASSIGN_OR_RETURN(const absl::Time until,
                     ParseInstant(what.get<std::string>()));
    return RunUntil(until);
  }
  if (verb == "pull") {
    const auto found = definitions_.sources.find(what.get<std::string>());
    if (found == definitions_.sources.end()) {
      return absl::NotFoundError(absl::StrCat("no source is ", what.dump()));
    }
    Pull(found->second);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("no command is ", verb));
}

absl::Status Run(char** arguments) {
  ASSIGN_OR_RETURN(const absl::Time start, ParseInstant(arguments[3]));
  Pulls pulls(start);
  RETURN_IF_ERROR(pulls.Open(arguments[0], arguments[1], arguments[2]));
  for (std::string line; std::getline(std::cin, line);) {
    RETURN_IF_ERROR(pulls.Obey(Json::parse(line, nullptr, false)));
    Say({{"done", true}});
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace headway

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: simulated_pulls PIPELINES PLUGINS STORE START\n";
    return 2;
  }
  const absl::Status status = headway::Run(argv + 1);
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}

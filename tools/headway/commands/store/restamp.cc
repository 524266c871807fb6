// headway store restamp: a copy of a stopped daemon's store in which what a
// wrong clock stamped bears the right instants.
#include "daemon/store/upkeep/restamp.h"

#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/restamp.h"
#include "daemon/schedule/restamp.h"
#include "daemon/store/upkeep/backup.h"
#include "daemon/store/upkeep/restore.h"
#include "google/protobuf/timestamp.pb.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/store/commands.h"
#include "tools/headway/commands/store/offline.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

namespace fs = std::filesystem;

struct RestampCommand {
  std::string data_dir;
  std::string output;
  std::optional<google::protobuf::Timestamp> after;
  std::optional<google::protobuf::Timestamp> to;
  bool dry_run = false;
};

absl::Status CheckOutput(const std::string& output) {
  if (output.empty()) {
    return absl::InvalidArgumentError(
        "--output says where the repaired data directory goes; or look first, "
        "with --dry-run");
  }
  for (const char* suffix : {"", ".unfinished", ".backup"}) {
    if (fs::exists(output + suffix)) {
      return absl::FailedPreconditionError(
          absl::StrCat(output, suffix,
                       " is there already; remove it, or choose another "
                       "--output"));
    }
  }
  return absl::OkStatus();
}

void PrintPlan(const store::RestampPlan& plan, size_t records) {
  Print(absl::StrCat(
      "commits ", plan.first, " to ", plan.first + plan.recorded_at.size() - 1,
      ", recorded from ", FormatInstant(plan.first_was), " to ",
      FormatInstant(plan.last_was), "\n  are recorded from ",
      FormatInstant(plan.recorded_at.front()), " to ",
      FormatInstant(plan.recorded_at.back()), "\n", FormatCount(plan.vintages),
      " vintages of ", FormatCount(static_cast<int64_t>(plan.series.size())),
      " series are recorded anew, ", FormatCount(plan.vintages_known_late),
      " of them known earlier\n", FormatCount(static_cast<int64_t>(records)),
      " records of runs, schedules, sources and forecasts are written or "
      "deleted\n"));
}

// Repairs the copy in `directory` in all but its records.
absl::Status MakeCopy(store::Store& store, const RestampCommand& command,
                      const store::RestampPlan& plan,
                      const schedule::RightInstant& right,
                      const std::string& directory) {
  const std::string backups = command.output + ".backup";
  absl::Cleanup remove = [&] {
    std::error_code ignored;  // it is in nobody's way
    fs::remove_all(backups, ignored);
  };
  RETURN_IF_ERROR(
      store::CreateBackup(store, {.directory = backups, .keep = 1}).status());
  store::RestoreOptions options;
  options.backups = backups;
  options.to = directory;
  options.revise = [&](store::Engine& engine) {
    return store::Restamp(
        plan,
        [&](const std::string& run) {
          return schedule::RightRunName(run, right);
        },
        &engine);
  };
  return store::Restore(options,
                        [](const store::Problem& problem) {
                          Print(absl::StrCat(problem.thing, ": ", problem.what,
                                             "; ", problem.remedy, "\n"));
                        })
      .status();
}

absl::Status StoreRecords(const std::string& directory, Clock* clock,
                          std::vector<store::Record> records) {
  store::Store::Options options;
  // Whoever repairs what a clock did has looked at this one.
  options.clock_guard.accept_clock = true;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> copy,
                   store::Store::Open(directory, clock, options));
  store::Batch batch;
  batch.records = std::move(records);
  return copy->Commit(batch).status();
}

absl::Status RunRestamp(const RestampCommand& command) {
  if (!command.dry_run) RETURN_IF_ERROR(CheckOutput(command.output));
  RealClock clock;
  ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store,
                   OpenStopped(command.data_dir, &clock));
  ASSIGN_OR_RETURN(
      const store::RestampPlan plan,
      store::PlanRestamp(store->engine(),
                         {.after = messages::FromTimestamp(*command.after),
                          .to = messages::FromTimestamp(*command.to),
                          .now = clock.Now()}));
  const schedule::RightInstant right = [&plan](absl::Time instant) {
    return plan.Right(instant);
  };
  ASSIGN_OR_RETURN(std::vector<store::Record> records,
                   schedule::RightRecords(*store->NewReader(), right));
  ASSIGN_OR_RETURN(std::vector<store::Record> more,
                   pipeline::RightRecords(*store->NewReader(), right));
  records.insert(records.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
  PrintPlan(plan, records.size());
  if (command.dry_run) return absl::OkStatus();
  const std::string unfinished = command.output + ".unfinished";
  RETURN_IF_ERROR(MakeCopy(*store, command, plan, right, unfinished));
  RETURN_IF_ERROR(StoreRecords(unfinished, &clock, std::move(records)));
  std::error_code error;
  fs::rename(unfinished, command.output, error);
  if (error) {
    return absl::InternalError(absl::StrCat("cannot rename ", unfinished,
                                            " to ", command.output, " (",
                                            error.message(), ")"));
  }
  Print(absl::StrCat("repaired and verified in ", command.output,
                     "; move it into the place of ", command.data_dir,
                     " before the daemon is started\n"));
  return absl::OkStatus();
}

}  // namespace

void AddStoreRestampCommand(CLI::App& store, Context& context) {
  auto options = std::make_shared<RestampCommand>();
  CLI::App* command = store.add_subcommand(
      "restamp",
      "Repair what was stored while the clock was wrong: a copy of the data "
      "directory of a stopped daemon in which it bears the right instants");
  AddDataDir(*command, &options->data_dir)->required();
  command
      ->add_option("--output", options->output,
                   "The data directory to make; nothing is there yet")
      ->type_name("DIR");
  AddInstant(*command, "--after", &options->after,
             "What bears a later instant is wrong: between the true ones and "
             "those of the wrong clock")
      ->required();
  AddInstant(*command, "--to", &options->to,
             "When the first of it truly happened")
      ->required();
  command->add_flag("--dry-run", options->dry_run,
                    "Only say what would change");
  SetAction(*command, context, [options] { return RunRestamp(*options); });
}

}  // namespace headway::cli

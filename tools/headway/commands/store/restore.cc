// headway store restore: a data directory out of backups; needs no daemon.
#include "daemon/store/upkeep/restore.h"

#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"
#include "google/protobuf/timestamp.pb.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/store/commands.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

struct RestoreCommand {
  store::RestoreOptions how;
  std::optional<google::protobuf::Timestamp> at;
};

absl::Status Restore(const RestoreCommand& command) {
  store::RestoreOptions options = command.how;
  if (command.at) options.at = messages::FromTimestamp(*command.at);
  ASSIGN_OR_RETURN(const store::RestoreResult result,
                   store::Restore(options, [](const store::Problem& problem) {
                     Print(absl::StrCat(problem.thing, ": ", problem.what, "; ",
                                        problem.remedy, "\n"));
                   }));
  const std::string when =
      result.commit == 0 ? ""
                         : absl::StrCat(", recorded at ",
                                        absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ",
                                                         result.recorded_at,
                                                         absl::UTCTimeZone()));
  Print(absl::StrCat("restored ", options.to, " as it was after commit ",
                     result.commit, when, "\n  from backup ", result.backup.id,
                     " and ", FormatCount(result.replayed_commits),
                     " commits after it; verified: no problem in ",
                     FormatCount(result.verified.series), " series\n"));
  return absl::OkStatus();
}

}  // namespace

void AddStoreRestoreCommand(CLI::App& store, Context& context) {
  auto options = std::make_shared<RestoreCommand>();
  CLI::App* command = store.add_subcommand(
      "restore", "Make a data directory out of backups; needs no daemon");
  command
      ->add_option("--from", options->how.backups,
                   "The directory of the backups")
      ->type_name("BACKUPS")
      ->required();
  command
      ->add_option("--to", options->how.to,
                   "The data directory to make; absent or empty")
      ->type_name("DIR")
      ->required();
  CLI::Option* backup = command
                            ->add_option("--backup", options->how.backup,
                                         "The backup ID; without it the newest")
                            ->type_name("ID");
  AddInstant(*command, "--at", &options->at,
             "As it was then: a date (the end of that day, UTC) or an instant "
             "(RFC 3339) between the first backup and the last")
      ->excludes(backup);
  SetAction(*command, context, [options] { return Restore(*options); });
}

}  // namespace headway::cli

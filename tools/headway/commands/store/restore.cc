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
#include "google/protobuf/timestamp.pb.h"
#include "tools/headway/commands/store/commands.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

absl::Status Restore(const store::RestoreOptions& options) {
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

void SetInstant(const std::string& text, store::RestoreOptions* options) {
  google::protobuf::Timestamp instant;
  if (!ParseInstant(text, &instant)) {
    throw CLI::ValidationError(
        "--at", absl::StrCat("\"", text,
                             "\" is neither a date such as 2025-04-03 nor an "
                             "instant such as 2025-04-03T12:30:00Z"));
  }
  options->at = absl::FromUnixSeconds(instant.seconds()) +
                absl::Nanoseconds(instant.nanos());
}

}  // namespace

void AddStoreRestoreCommand(CLI::App& store, Context& context) {
  auto options = std::make_shared<store::RestoreOptions>();
  CLI::App* command = store.add_subcommand(
      "restore", "Make a data directory out of backups; needs no daemon");
  command
      ->add_option("--from", options->backups, "The directory of the backups")
      ->type_name("BACKUPS")
      ->required();
  command
      ->add_option("--to", options->to,
                   "The data directory to make; absent or empty")
      ->type_name("DIR")
      ->required();
  CLI::Option* backup = command
                            ->add_option("--backup", options->backup,
                                         "The backup ID; without it the newest")
                            ->type_name("ID");
  command
      ->add_option_function<std::string>(
          "--at",
          [options](const std::string& text) {
            SetInstant(text, options.get());
          },
          "As it was then: a date (the end of that day, UTC) or an instant "
          "(RFC 3339) between the first backup and the last")
      ->type_name("DATE|INSTANT")
      ->excludes(backup);
  command->callback([&context, options] {
    context.action = [options] { return Restore(*options); };
  });
}

}  // namespace headway::cli

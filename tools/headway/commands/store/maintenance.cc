// headway store stats, verify, compact, backup, backups, delete-backup: of a
// running daemon, or of the directory of one that is stopped.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/admin.h"
#include "daemon/store/upkeep/backup.h"
#include "daemon/store/upkeep/compact.h"
#include "daemon/store/upkeep/stats.h"
#include "daemon/store/upkeep/verify.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/operation.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/store/commands.h"
#include "tools/headway/commands/store/offline.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/store_rows.h"

namespace headway::cli {
namespace {

struct MaintenanceOptions {
  // Empty: the daemon's.
  std::string data_dir;
  std::string backup_dir;
  int keep = 7;
  bool backups = false;
  std::optional<store::BackupId> backup;

  bool is_online() const { return data_dir.empty() && backup_dir.empty(); }
};

absl::Status NeedsBackupDir() {
  return absl::InvalidArgumentError(
      "with --data-dir, --backup-dir says where the backups are");
}

// ---- stats ----

absl::StatusOr<v1::StoreStats> AskForStats(const Context& context,
                                           const MaintenanceOptions& options) {
  if (options.is_online()) {
    Client client = MakeClient(context);
    return client.Call(client.admin(), &AdminService::Stub::GetStoreStats,
                       v1::GetStoreStatsRequest());
  }
  RealClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   OpenStopped(options.data_dir, &clock));
  ASSIGN_OR_RETURN(const store::StoreStats stats, store::GetStats(*store));
  return messages::ToProto(stats);
}

absl::Status ShowStats(const Context& context,
                       const MaintenanceOptions& options) {
  ASSIGN_OR_RETURN(const v1::StoreStats stats, AskForStats(context, options));
  const bool is_csv = context.format == Format::kCsv;
  RETURN_IF_ERROR(PrintAnswer(context, stats, StatsTable(stats, is_csv)));
  if (context.format == Format::kTable) {
    Print("\n");
    PrintText(FamilyTable(stats));
  }
  return absl::OkStatus();
}

// ---- verify ----

// The problems, then what was looked at, and an error if there are any.
template <typename Response>
absl::Status ShowProblems(const Context& context, const Response& response,
                          const std::string& looked_at) {
  if (context.format != Format::kTable || response.problems_size() > 0) {
    RETURN_IF_ERROR(
        PrintAnswer(context, response, ProblemTable(response.problems())));
  }
  if (response.problem_count() > response.problems_size()) {
    Print(absl::StrCat(
        "and ",
        FormatCount(response.problem_count() - response.problems_size()),
        " more\n"));
  }
  if (response.problem_count() > 0) {
    return absl::DataLossError(absl::StrCat(
        FormatCount(response.problem_count()),
        response.problem_count() == 1 ? " problem in " : " problems in ",
        looked_at));
  }
  if (context.format == Format::kTable) {
    Print(absl::StrCat("no problem in ", looked_at, "\n"));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::VerifyStoreResponse> AskToVerify(
    const Context& context, const MaintenanceOptions& options) {
  if (options.is_online()) {
    ASSIGN_OR_RETURN(
        const v1::Operation done,
        RunOperation(context, &Client::admin, &AdminService::Stub::VerifyStore,
                     v1::VerifyStoreRequest()));
    return done.verify_store();
  }
  v1::VerifyStoreResponse response;
  ASSIGN_OR_RETURN(
      const store::VerifyCounts counts,
      VerifyStopped(options.data_dir, [&](const store::Problem& problem) {
        messages::AddProblem(problem, &response);
      }));
  messages::SetCounts(counts, &response);
  return response;
}

absl::StatusOr<v1::VerifyBackupsResponse> AskToVerifyBackups(
    const Context& context, const MaintenanceOptions& options) {
  v1::VerifyBackupsResponse response;
  if (options.is_online()) {
    v1::VerifyBackupsRequest request;
    if (options.backup) {
      request.set_name(absl::StrCat("backups/", *options.backup));
    }
    ASSIGN_OR_RETURN(const v1::Operation done,
                     RunOperation(context, &Client::admin,
                                  &AdminService::Stub::VerifyBackups, request));
    return done.verify_backups();
  }
  ASSIGN_OR_RETURN(const store::BackupCounts counts,
                   store::VerifyBackups(options.backup_dir, options.backup,
                                        [&](const store::Problem& problem) {
                                          messages::AddProblem(problem,
                                                               &response);
                                        }));
  messages::SetCounts(counts, &response);
  return response;
}

absl::Status Verify(const Context& context, const MaintenanceOptions& options) {
  if (options.backups || options.backup || !options.backup_dir.empty()) {
    ASSIGN_OR_RETURN(const v1::VerifyBackupsResponse response,
                     AskToVerifyBackups(context, options));
    return ShowProblems(
        context, response,
        absl::StrCat(FormatCount(response.backups()), " backups, ",
                     FormatCount(response.files()), " files, ",
                     FormatCount(response.journals()), " journals"));
  }
  ASSIGN_OR_RETURN(const v1::VerifyStoreResponse response,
                   AskToVerify(context, options));
  return ShowProblems(
      context, response,
      absl::StrCat(FormatCount(response.tables()), " tables, ",
                   FormatCount(response.commits()), " commits, ",
                   FormatCount(response.series()), " series, ",
                   FormatCount(response.blocks()), " blocks, ",
                   FormatCount(response.index_entries()), " index entries, ",
                   FormatCount(response.records()), " records, ",
                   FormatCount(response.documents()),
                   " entries of raw documents"));
}

// ---- compact ----

absl::StatusOr<v1::CompactStoreResponse> AskToCompact(
    const Context& context, const MaintenanceOptions& options) {
  if (options.is_online()) {
    ASSIGN_OR_RETURN(
        const v1::Operation done,
        RunOperation(context, &Client::admin, &AdminService::Stub::CompactStore,
                     v1::CompactStoreRequest()));
    return done.compact_store();
  }
  RealClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   OpenStopped(options.data_dir, &clock));
  v1::CompactStoreResponse response;
  ASSIGN_OR_RETURN(const store::StoreStats before, store::GetStats(*store));
  RETURN_IF_ERROR(store::CompactStore(*store, [] { return absl::OkStatus(); }));
  ASSIGN_OR_RETURN(const store::StoreStats after, store::GetStats(*store));
  response.set_table_bytes_before(messages::ToProto(before).table_bytes());
  response.set_table_bytes_after(messages::ToProto(after).table_bytes());
  return response;
}

absl::Status Compact(const Context& context,
                     const MaintenanceOptions& options) {
  ASSIGN_OR_RETURN(const v1::CompactStoreResponse response,
                   AskToCompact(context, options));
  if (context.format == Format::kTable) {
    Print(absl::StrCat("tables took ",
                       FormatBytes(response.table_bytes_before()), ", take ",
                       FormatBytes(response.table_bytes_after()), "\n"));
    return absl::OkStatus();
  }
  Table table({{.name = "table_bytes_before"}, {.name = "table_bytes_after"}});
  table.AddRow({absl::StrCat(response.table_bytes_before()),
                absl::StrCat(response.table_bytes_after())});
  return PrintAnswer(context, response, table);
}

// ---- backup, backups, delete-backup ----

absl::StatusOr<v1::Backup> AskForBackup(const Context& context,
                                        const MaintenanceOptions& options) {
  if (options.is_online()) {
    ASSIGN_OR_RETURN(
        const v1::Operation done,
        RunOperation(context, &Client::admin, &AdminService::Stub::CreateBackup,
                     v1::CreateBackupRequest()));
    return done.create_backup();
  }
  if (options.data_dir.empty() || options.backup_dir.empty()) {
    return absl::InvalidArgumentError(
        "a backup without a daemon needs --data-dir and --backup-dir");
  }
  RealClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   OpenStopped(options.data_dir, &clock));
  ASSIGN_OR_RETURN(const store::Backup backup,
                   store::CreateBackup(*store, {.directory = options.backup_dir,
                                                .keep = options.keep}));
  return messages::ToProto(backup);
}

absl::Status MakeBackup(const Context& context,
                        const MaintenanceOptions& options) {
  ASSIGN_OR_RETURN(v1::Backup backup, AskForBackup(context, options));
  v1::ListBackupsResponse one;
  *one.add_backups() = backup;
  return PrintAnswer(context, backup, BackupTable(one.backups()));
}

absl::StatusOr<v1::ListBackupsResponse> AskForBackups(
    const Context& context, const MaintenanceOptions& options) {
  if (options.is_online()) {
    Client client = MakeClient(context);
    return client.CallForAllPages(client.admin(),
                                  &AdminService::Stub::ListBackups,
                                  v1::ListBackupsRequest());
  }
  if (options.backup_dir.empty()) return NeedsBackupDir();
  ASSIGN_OR_RETURN(const std::vector<store::Backup> backups,
                   store::ListBackups(options.backup_dir));
  v1::ListBackupsResponse response;
  for (const store::Backup& backup : backups) {
    *response.add_backups() = messages::ToProto(backup);
  }
  return response;
}

absl::Status ListBackups(const Context& context,
                         const MaintenanceOptions& options) {
  ASSIGN_OR_RETURN(const v1::ListBackupsResponse response,
                   AskForBackups(context, options));
  return PrintAnswer(context, response, BackupTable(response.backups()));
}

absl::Status DeleteBackup(const Context& context,
                          const MaintenanceOptions& options) {
  if (!options.is_online()) {
    return store::DeleteBackup(options.backup_dir, *options.backup);
  }
  Client client = MakeClient(context);
  v1::DeleteBackupRequest request;
  request.set_name(absl::StrCat("backups/", *options.backup));
  return client.Call(client.admin(), &AdminService::Stub::DeleteBackup, request)
      .status();
}

// ---- the parser ----

using Action = absl::Status (*)(const Context&, const MaintenanceOptions&);

CLI::App* AddCommand(CLI::App& store, Context& context, const char* name,
                     const char* help, Action action,
                     const std::shared_ptr<MaintenanceOptions>& options) {
  CLI::App* command = store.add_subcommand(name, help);
  SetAction(*command, context,
            [&context, action, options] { return action(context, *options); });
  return command;
}

CLI::Option* AddBackupDir(CLI::App* command, MaintenanceOptions* options) {
  return command
      ->add_option("--backup-dir", options->backup_dir,
                   "A directory of backups on this machine; without it those "
                   "of the daemon")
      ->type_name("DIR");
}

}  // namespace

void AddStoreMaintenanceCommands(CLI::App& store, Context& context) {
  auto add = [&](const char* name, const char* help, Action action,
                 const std::shared_ptr<MaintenanceOptions>& options) {
    return AddCommand(store, context, name, help, action, options);
  };
  auto options = std::make_shared<MaintenanceOptions>();
  AddDataDir(*add("stats", "How much is kept and what it takes up", ShowStats,
                  options),
             &options->data_dir);

  options = std::make_shared<MaintenanceOptions>();
  CLI::App* command =
      add("verify", "Check that the store, or its backups, are whole", Verify,
          options);
  CLI::Option* data_dir = AddDataDir(*command, &options->data_dir);
  AddBackupDir(command, options.get())->excludes(data_dir);
  command
      ->add_flag("--backups", options->backups,
                 "The daemon's backups instead of its store")
      ->excludes(data_dir);
  command->add_option("--backup", options->backup, "Only the backup ID")
      ->type_name("ID")
      ->excludes(data_dir);

  options = std::make_shared<MaintenanceOptions>();
  AddDataDir(*add("compact", "Give back the space of what was overwritten",
                  Compact, options),
             &options->data_dir);

  options = std::make_shared<MaintenanceOptions>();
  command = add("backup", "Make a backup", MakeBackup, options);
  data_dir = AddDataDir(*command, &options->data_dir);
  CLI::Option* backup_dir = AddBackupDir(command, options.get());
  data_dir->needs(backup_dir);
  backup_dir->needs(data_dir);
  command
      ->add_option("--keep", options->keep,
                   "How many backups to keep; a daemon has a setting for it")
      ->check(CLI::Range(1, 10000))
      ->needs(data_dir)
      ->capture_default_str();

  options = std::make_shared<MaintenanceOptions>();
  AddBackupDir(add("backups", "List the backups", ListBackups, options),
               options.get());

  options = std::make_shared<MaintenanceOptions>();
  command = add("delete-backup", "Delete one backup", DeleteBackup, options);
  command->add_option("id", options->backup, "Its number")->required();
  AddBackupDir(command, options.get());
}

}  // namespace headway::cli

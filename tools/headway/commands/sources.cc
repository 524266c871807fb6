// headway source check, source accept, source unpark, source documents,
// source document,
// source replay
#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/operation.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/input/files.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

// "census" of "census" and of "chip-trade/census".
std::string SourceName(const std::string& text) {
  return std::string(LastSegment(text));
}

// ---- source check ----

absl::Status CheckSource(const Context& context, const std::string& source) {
  v1::CheckSourceRequest request;
  request.set_source(SourceName(source));
  ASSIGN_OR_RETURN(const v1::Operation done,
                   RunOperation(context, &Client::plugins,
                                &PluginService::Stub::CheckSource, request));
  const v1::CheckSourceResponse& response = done.check_source();
  Table table({{.name = "source"}, {.name = "result"}, {.name = "message"}});
  table.AddRow({request.source(),
                response.ok() ? Cell("passed", "passed", Style::kGood)
                              : Cell("FAILED", "failed", Style::kBad),
                response.message()});
  RETURN_IF_ERROR(PrintAnswer(context, response, table));
  if (response.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("source ", request.source(), " failed its check"));
}

// ---- source accept ----

absl::Status AcceptSource(const Context& context, const std::string& source) {
  Client client = MakeClient(context);
  v1::AcceptSourceRequest request;
  request.set_source(SourceName(source));
  ASSIGN_OR_RETURN(const v1::AcceptSourceResponse response,
                   client.Call(client.plugins(),
                               &PluginService::Stub::AcceptSource, request));
  Table table({{.name = "source"}, {.name = "result"}});
  table.AddRow({request.source(),
                Cell("the next pull is stored", "accepted", Style::kGood)});
  return PrintAnswer(context, response, table);
}

// ---- source unpark ----

absl::Status UnparkSource(const Context& context, const std::string& source) {
  Client client = MakeClient(context);
  v1::UnparkSourceRequest request;
  request.set_source(SourceName(source));
  ASSIGN_OR_RETURN(const v1::UnparkSourceResponse response,
                   client.Call(client.plugins(),
                               &PluginService::Stub::UnparkSource, request));
  Table table({{.name = "source"}, {.name = "result"}});
  table.AddRow({request.source(),
                response.was_parked()
                    ? Cell("unparked", "unparked", Style::kGood)
                    : Cell("was not parked", "not parked", Style::kFaint)});
  return PrintAnswer(context, response, table);
}

// ---- source documents ----

struct DocumentsOptions {
  std::string source;
  int limit = 50;
};

absl::Status ListDocuments(const Context& context,
                           const DocumentsOptions& options) {
  Client client = MakeClient(context);
  v1::ListDocumentsRequest request;
  request.set_source(SourceName(options.source));
  request.set_page_size(options.limit);
  ASSIGN_OR_RETURN(const v1::ListDocumentsResponse response,
                   client.Call(client.plugins(),
                               &PluginService::Stub::ListDocuments, request));
  Table table({{.name = "fetched"},
               {.name = "hash"},
               {.name = "bytes", .align = Align::kRight},
               {.name = "stored", .align = Align::kRight},
               {.name = "status", .align = Align::kRight},
               {.name = "media_type", .shrinkable = true},
               {.name = "address", .shrinkable = true},
               {.name = "run"},
               {.name = "pull_time", .csv_only = true},
               {.name = "plugin_version", .csv_only = true},
               {.name = "pull_error", .csv_only = true}});
  for (const auto& document : response.documents()) {
    const bool kept = document.not_kept().empty();
    table.AddRow(
        {InstantCell(document.fetch_time()),
         kept ? Cell(std::string(LastSegment(document.name())))
              : Cell("not kept: " + document.not_kept(), "", Style::kBad),
         kept ? CountCell(document.size()) : MissingCell(),
         kept ? CountCell(document.stored_size()) : MissingCell(),
         document.http_status() > 0 ? CountCell(document.http_status())
                                    : MissingCell(),
         document.media_type(), document.address(), document.run(),
         InstantCell(document.pull_time()), document.plugin_version(),
         document.pull_error()});
  }
  RETURN_IF_ERROR(PrintAnswer(context, response, table));
  if (context.format == Format::kTable && !response.next_page_token().empty()) {
    Print("There are more; see --limit\n");
  }
  return absl::OkStatus();
}

// ---- source document ----

struct DocumentOptions {
  std::string hash;
  std::string output;
};

absl::Status FetchDocument(const Context& context,
                           const DocumentOptions& options) {
  Client client = MakeClient(context);
  v1::ReadDocumentRequest request;
  request.set_name(ResourceName("documents", options.hash));
  std::string body;
  while (true) {
    request.set_offset(static_cast<int64_t>(body.size()));
    ASSIGN_OR_RETURN(const v1::ReadDocumentResponse part,
                     client.Call(client.plugins(),
                                 &PluginService::Stub::ReadDocument, request));
    body += part.data();
    if (static_cast<int64_t>(body.size()) >= part.size()) break;
    if (part.data().empty()) {
      return absl::DataLossError(absl::StrCat("the daemon sent ", body.size(),
                                              " of ", part.size(),
                                              " bytes of the document"));
    }
  }
  if (!options.output.empty()) return WriteFile(options.output, body);
  Print(body);
  return absl::OkStatus();
}

// ---- source replay ----

struct ReplayOptions {
  std::string source;
  std::string run;
  std::optional<google::protobuf::Timestamp> at;
  bool dry_run = false;
};

std::string Summary(const v1::Replay& replay, bool dry_run) {
  std::string text = absl::StrCat(
      "! pull of ", FormatExactInstant(replay.pull_time()), " (", replay.run(),
      "): ", FormatCount(replay.observations_read()), " observations of ",
      FormatCount(replay.series_read()), " series read by version ",
      replay.plugin_version(), " (then ", replay.old_plugin_version(), "); ",
      FormatCount(replay.values_changed()), " values ",
      dry_run ? "would change" : "changed");
  if (replay.vintages_left() > 0) {
    absl::StrAppend(&text, "; ", FormatCount(replay.vintages_left()),
                    " vintages left as a later pull has them");
  }
  if (replay.changes_size() < replay.values_changed()) {
    absl::StrAppend(&text, "; the first ", replay.changes_size(), " are shown");
  }
  return text + "\n";
}

absl::Status Replay(const Context& context, const ReplayOptions& options) {
  v1::ReplaySourceRequest request;
  request.set_source(SourceName(options.source));
  if (!options.run.empty()) request.set_run(options.run);
  if (options.at) *request.mutable_at() = *options.at;
  request.set_dry_run(options.dry_run);
  ASSIGN_OR_RETURN(const v1::Operation done,
                   RunOperation(context, &Client::plugins,
                                &PluginService::Stub::ReplaySource, request));
  const v1::ReplaySourceResponse& response = done.replay_source();
  Table table({{.name = "series", .shrinkable = true},
               {.name = "period"},
               {.name = "known_at"},
               {.name = "before", .align = Align::kRight},
               {.name = "after", .align = Align::kRight}});
  for (const auto& replay : response.replays()) {
    for (const auto& change : replay.changes()) {
      table.AddRow({change.series_key(), change.period(),
                    InstantCell(change.known_at()),
                    NumberCell(change.has_before(), change.before()),
                    NumberCell(change.has_after(), change.after())});
    }
  }
  RETURN_IF_ERROR(PrintAnswer(context, response, table));
  if (context.format != Format::kTable) return absl::OkStatus();
  for (const auto& replay : response.replays()) {
    Print(Summary(replay, options.dry_run));
    for (const auto& line : replay.log()) Print(absl::StrCat("  ", line, "\n"));
  }
  return absl::OkStatus();
}

void AddCheck(CLI::App& source, Context& context) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = source.add_subcommand(
      "check", "Ask the plugin of a source whether it works");
  command->add_option("source", *name, "PIPELINE/SOURCE, or SOURCE")
      ->required();
  SetAction(*command, context,
            [&context, name] { return CheckSource(context, *name); });
}

void AddAccept(CLI::App& source, Context& context) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = source.add_subcommand(
      "accept", "Have the next pull stored of a source that was held back");
  command->add_option("source", *name, "PIPELINE/SOURCE, or SOURCE")
      ->required();
  SetAction(*command, context,
            [&context, name] { return AcceptSource(context, *name); });
}

void AddUnpark(CLI::App& source, Context& context) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = source.add_subcommand(
      "unpark", "Have a parked source pulled again at its next run");
  command->add_option("source", *name, "PIPELINE/SOURCE, or SOURCE")
      ->required();
  SetAction(*command, context,
            [&context, name] { return UnparkSource(context, *name); });
}

void AddDocuments(CLI::App& source, Context& context) {
  auto options = std::make_shared<DocumentsOptions>();
  CLI::App* command = source.add_subcommand(
      "documents", "List the raw documents of a source, newest pull first");
  command->add_option("source", options->source, "Its name")->required();
  command->add_option("--limit", options->limit, "How many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  SetAction(*command, context,
            [&context, options] { return ListDocuments(context, *options); });
}

void AddDocument(CLI::App& source, Context& context) {
  auto options = std::make_shared<DocumentOptions>();
  CLI::App* command = source.add_subcommand(
      "document", "Fetch a raw document, as the publisher sent it");
  command->add_option("hash", options->hash, "Its SHA-256")->required();
  command
      ->add_option("--output", options->output,
                   "The file to write it to; standard output without it")
      ->type_name("FILE");
  SetAction(*command, context,
            [&context, options] { return FetchDocument(context, *options); });
}

void AddReplay(CLI::App& source, Context& context) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command = source.add_subcommand(
      "replay",
      "Let a corrected plugin read the documents of an earlier pull again");
  command->add_option("source", options->source, "PIPELINE/SOURCE, or SOURCE")
      ->required();
  auto* run = command->add_option(
      "--run", options->run, "The run that pulled: pipelines/NAME/runs/ID");
  AddInstant(*command, "--at", &options->at,
             "The newest pull that had begun then")
      ->excludes(run);
  command->add_flag("--dry-run", options->dry_run,
                    "Say what would change, and store nothing");
  SetAction(*command, context,
            [&context, options] { return Replay(context, *options); });
}

}  // namespace

void AddSourceCommands(CLI::App& app, Context& context) {
  CLI::App* source = app.add_subcommand(
      "source",
      "List, switch, check, accept and unpark sources; their raw documents, "
      "and replays of them");
  source->alias("sources");
  source->require_subcommand(0, 1);
  AddSourceSwitches(*source, context);
  AddCheck(*source, context);
  AddAccept(*source, context);
  AddUnpark(*source, context);
  AddDocuments(*source, context);
  AddDocument(*source, context);
  AddReplay(*source, context);
}

}  // namespace headway::cli

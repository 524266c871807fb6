// headway operations, operation watch, operation cancel
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/operation.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/operation.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/operation_rows.h"

namespace headway::cli {
namespace {

struct OperationsOptions {
  std::string filter;
  int limit = 20;
};

absl::Status ListOperations(const Context& context,
                            const OperationsOptions& options) {
  Client client = MakeClient(context);
  v1::ListOperationsRequest request;
  request.set_filter(options.filter);
  request.set_page_size(options.limit);
  ASSIGN_OR_RETURN(
      const v1::ListOperationsResponse response,
      client.Call(client.operations(), &OperationService::Stub::ListOperations,
                  request));
  return PrintAnswer(context, response, OperationTable(response.operations()));
}

absl::Status PrintOperation(const Context& context,
                            const v1::Operation& operation) {
  v1::ListOperationsResponse one;
  *one.add_operations() = operation;
  return PrintAnswer(context, operation, OperationTable(one.operations()));
}

absl::Status WatchOperation(const Context& context, const std::string& name) {
  // Before the client, which has threads.
  Interrupt interrupt;
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(
      const v1::Operation operation,
      AwaitEnd(client, interrupt, ResourceName("operations", name)));
  RETURN_IF_ERROR(PrintOperation(context, operation));
  return StatusOf(operation);
}

absl::Status CancelOperation(const Context& context, const std::string& name) {
  Client client = MakeClient(context);
  v1::CancelOperationRequest request;
  request.set_name(ResourceName("operations", name));
  ASSIGN_OR_RETURN(
      const v1::Operation operation,
      client.Call(client.operations(), &OperationService::Stub::CancelOperation,
                  request));
  if (context.format != Format::kTable) {
    return PrintOperation(context, operation);
  }
  Print(absl::StrCat(operation.name(), messages::HasEnded(operation)
                                           ? " is cancelled\n"
                                           : " is asked to stop\n"));
  return absl::OkStatus();
}

void AddOperationCommand(CLI::App& operation, Context& context,
                         const char* name, const char* help,
                         absl::Status (*action)(const Context&,
                                                const std::string&)) {
  auto number = std::make_shared<std::string>();
  CLI::App* command = operation.add_subcommand(name, help);
  command->add_option("operation", *number, "Its number")->required();
  SetAction(*command, context,
            [&context, action, number] { return action(context, *number); });
}

}  // namespace

void AddOperationCommands(CLI::App& app, Context& context) {
  auto options = std::make_shared<OperationsOptions>();
  CLI::App* list = app.add_subcommand(
      "operations", "List the newest long operations: checks, backups, …");
  list->add_option("--filter", options->filter,
                   "Such as 'state=RUNNING AND kind=CREATE_BACKUP'");
  list->add_option("--limit", options->limit, "How many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  SetAction(*list, context,
            [&context, options] { return ListOperations(context, *options); });

  CLI::App* operation =
      app.add_subcommand("operation", "Watch or cancel a long operation");
  operation->require_subcommand(1);
  AddOperationCommand(*operation, context, "watch",
                      "Wait until it has ended, and fail if it fails",
                      WatchOperation);
  AddOperationCommand(*operation, context, "cancel", "Ask it to stop",
                      CancelOperation);
}

}  // namespace headway::cli

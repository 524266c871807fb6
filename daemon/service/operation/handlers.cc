#include "daemon/service/operation/handlers.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/operation.h"
#include "daemon/operations/operations.h"
#include "daemon/service/calls/filter.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/calls/until_ended.h"

namespace headway::service {
namespace {

using messages::AtField;
using messages::WithReason;
using operations::Operations;

// What Operations says of a name, with a reason for programs.
absl::StatusOr<v1::Operation> WithReasons(
    absl::StatusOr<v1::Operation> operation, absl::string_view name) {
  const absl::Status& status = operation.status();
  if (absl::IsNotFound(status)) {
    return WithReason(status, "OPERATION_NOT_FOUND",
                      {{"name", std::string(name)}});
  }
  if (absl::IsFailedPrecondition(status)) {
    return WithReason(status, "OPERATION_HAS_ENDED",
                      {{"name", std::string(name)}});
  }
  if (!operation.ok()) return AtField("name", status);
  return operation;
}

std::optional<v1::Operation::State> ToState(const std::string& text) {
  v1::Operation::State state;
  if (!v1::Operation::State_Parse(text, &state)) return std::nullopt;
  if (state == v1::Operation::STATE_UNSPECIFIED) return std::nullopt;
  return state;
}

std::optional<v1::Operation::Kind> ToKind(const std::string& text) {
  v1::Operation::Kind kind;
  if (!v1::Operation::Kind_Parse(text, &kind)) return std::nullopt;
  if (kind == v1::Operation::KIND_UNSPECIFIED) return std::nullopt;
  return kind;
}

absl::Status AddFilter(absl::string_view filter, Operations::Query* query) {
  ASSIGN_OR_RETURN(std::vector<FilterTerm> terms, ParseFilter(filter));
  for (const FilterTerm& term : terms) {
    if (term.op == '=' && term.field == "state") {
      RETURN_IF_ERROR(SetTerm(term, ToState(term.value),
                              "QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED",
                              &query->state));
    } else if (term.op == '=' && term.field == "kind") {
      RETURN_IF_ERROR(
          SetTerm(term, ToKind(term.value),
                  "CHECK_SOURCE, REPLAY_SOURCE, VERIFY_STORE, COMPACT_STORE, "
                  "CREATE_BACKUP, VERIFY_BACKUPS, IMPORT_SERIES or "
                  "SEARCH_CATALOGUE",
                  &query->kind));
    } else {
      return UnknownTerm(term, {"state=", "kind="});
    }
  }
  return absl::OkStatus();
}

// The operation that the field `name` of a request names.
absl::StatusOr<v1::Operation> FindOperation(const Parts& parts,
                                            absl::string_view name) {
  return WithReasons(parts.operations->Get(name), name);
}

}  // namespace

absl::StatusOr<v1::Operation> GetOperation(
    const Parts& parts, const Call&, const v1::GetOperationRequest& request) {
  return FindOperation(parts, request.name());
}

absl::StatusOr<v1::ListOperationsResponse> ListOperations(
    const Parts& parts, const Call&, const v1::ListOperationsRequest& request) {
  const std::string scope = absl::StrCat("ListOperations\n", request.filter());
  ASSIGN_OR_RETURN(const Page page,
                   ParsePage(request.page_size(), request.page_token(), scope));
  Operations::Query query;
  RETURN_IF_ERROR(AddFilter(request.filter(), &query));
  query.page_size = page.size;
  // The cursor is the number of the last one.
  if (!page.cursor.empty() && !absl::SimpleAtoi(page.cursor, &query.before)) {
    return messages::FieldError("page_token",
                                "is not one that ListOperations gave");
  }
  ASSIGN_OR_RETURN(Operations::Page found, parts.operations->List(query));
  v1::ListOperationsResponse response;
  for (v1::Operation& operation : found.operations) {
    *response.add_operations() = std::move(operation);
  }
  if (found.before.has_value()) {
    response.set_next_page_token(MakeToken(scope, absl::StrCat(*found.before)));
  }
  return response;
}

absl::StatusOr<v1::Operation> CancelOperation(
    const Parts& parts, const Call&,
    const v1::CancelOperationRequest& request) {
  return WithReasons(parts.operations->Cancel(request.name()), request.name());
}

absl::StatusOr<std::unique_ptr<StreamSource<v1::Operation>>> WatchOperation(
    const Parts& parts, const Caller&,
    const v1::WatchOperationRequest& request) {
  return std::make_unique<UntilEnded<v1::Operation>>(
      request.name(),
      [&parts, name = request.name()] { return FindOperation(parts, name); });
}

}  // namespace headway::service

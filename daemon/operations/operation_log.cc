#include "daemon/operations/operation_log.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"

namespace headway::operations {
namespace {

constexpr absl::string_view kCollection = "operations/";
constexpr absl::string_view kKeyPrefix = "operation/";

std::string KeyOf(int64_t number) {
  return absl::StrCat(kKeyPrefix, absl::Dec(number, absl::kZeroPad20));
}

store::Record RecordOf(int64_t number, std::optional<std::string> value) {
  return {store::RecordKind::kRuns, KeyOf(number), std::move(value)};
}

v1::Operation Damaged(absl::string_view name) {
  v1::Operation operation;
  operation.set_name(std::string(name));
  operation.set_state(v1::Operation::FAILED);
  *operation.mutable_error() = messages::ToProto(absl::DataLossError(
      absl::StrCat("the record of ", name,
                   " cannot be read; restore the store from a backup if you "
                   "need it")));
  return operation;
}

v1::Operation Parse(const std::string& name, const std::string& bytes) {
  v1::Operation operation;
  if (operation.ParseFromString(bytes) && operation.name() == name) {
    return operation;
  }
  return Damaged(name);
}

}  // namespace

std::string FormatOperationName(int64_t number) {
  return absl::StrCat(kCollection, number);
}

absl::StatusOr<int64_t> ParseOperationName(absl::string_view name) {
  absl::string_view digits = name;
  int64_t number = 0;
  if (absl::ConsumePrefix(&digits, kCollection) &&
      absl::SimpleAtoi(digits, &number) && number > 0 &&
      FormatOperationName(number) == name) {
    return number;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" is not operations/NUMBER"));
}

absl::Status OperationLog::Write(absl::Span<const v1::Operation> operations,
                                 absl::Span<const int64_t> dropped) {
  store::Batch batch;
  for (const v1::Operation& operation : operations) {
    ASSIGN_OR_RETURN(const int64_t number,
                     ParseOperationName(operation.name()));
    batch.records.push_back(RecordOf(number, operation.SerializeAsString()));
  }
  for (const int64_t number : dropped) {
    batch.records.push_back(RecordOf(number, std::nullopt));
  }
  return store_.Commit(batch).status();
}

absl::StatusOr<v1::Operation> OperationLog::Get(int64_t number) const {
  const std::string name = FormatOperationName(number);
  ASSIGN_OR_RETURN(
      const std::optional<std::string> bytes,
      NewReader()->FindRecord(store::RecordKind::kRuns, KeyOf(number)));
  if (!bytes.has_value()) {
    return absl::NotFoundError(absl::StrCat(
        "there is no ", name, "; list the operations for those that are kept"));
  }
  return Parse(name, *bytes);
}

absl::StatusOr<std::vector<v1::Operation>> OperationLog::ListBefore(
    const store::Reader& reader, int64_t before, size_t limit) const {
  ASSIGN_OR_RETURN(
      const auto records,
      reader.ScanRecords(store::RecordKind::kRuns, kKeyPrefix, KeyOf(before),
                         limit, store::Order::kDescending));
  std::vector<v1::Operation> operations;
  for (const auto& [key, bytes] : records) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(absl::StripPrefix(key, kKeyPrefix), &number)) {
      return absl::DataLossError(
          absl::StrCat("the store has a record of an operation \"", key,
                       "\"; restore it from a backup"));
    }
    operations.push_back(Parse(FormatOperationName(number), bytes));
  }
  return operations;
}

}  // namespace headway::operations

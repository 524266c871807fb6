#include "tools/headway/render/operation_rows.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "daemon/base/number_text.h"
#include "daemon/messages/operation.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/pipeline_rows.h"

namespace headway::cli {
namespace {

std::string Percent(double progress) {
  return absl::StrCat(std::lround(100 * progress), " %");
}

Cell OperationStateCell(const v1::Operation& operation) {
  const std::string word = messages::FormatOperationState(operation.state());
  Style style = Style::kPlain;
  if (operation.state() == v1::Operation::SUCCEEDED) style = Style::kGood;
  if (operation.state() == v1::Operation::FAILED) style = Style::kBad;
  return Cell(word, word, style);
}

}  // namespace

Table OperationTable(
    const google::protobuf::RepeatedPtrField<v1::Operation>& operations) {
  Table table({{.name = "operation"},
               {.name = "kind"},
               {.name = "subject", .shrinkable = true},
               {.name = "state"},
               {.name = "created"},
               {.name = "took", .align = Align::kRight},
               {.name = "progress", .align = Align::kRight},
               {.name = "message", .shrinkable = true},
               {.name = "error", .shrinkable = true}});
  for (const auto& operation : operations) {
    const double progress = operation.progress();
    table.AddRow({std::string(LastSegment(operation.name())),
                  messages::FormatOperationKind(operation.kind()),
                  operation.subject(), OperationStateCell(operation),
                  InstantCell(operation.create_time()),
                  Elapsed(operation.start_time(), operation.end_time()),
                  progress > 0 ? Cell(Percent(progress), FormatExact(progress))
                               : MissingCell(),
                  operation.message(), operation.error().message()});
  }
  return table;
}

std::string OperationLine(const v1::Operation& operation) {
  constexpr int kWidth = 20;
  std::string line = absl::StrCat(
      operation.name(), "  ", messages::FormatOperationKind(operation.kind()));
  if (!operation.subject().empty()) {
    absl::StrAppend(&line, " ", operation.subject());
  }
  absl::StrAppend(&line, "  ",
                  messages::FormatOperationState(operation.state()));
  if (operation.progress() > 0) {
    absl::StrAppend(&line, "  ", Bar(operation.progress(), kWidth), "  ",
                    Percent(operation.progress()));
  }
  if (!operation.message().empty()) {
    absl::StrAppend(&line, "  ", operation.message());
  }
  return line;
}

}  // namespace headway::cli

#include "plugins/sdk/cpp/csv.h"

#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/errors.h"

namespace headway::sdk {

CsvReader::CsvReader(absl::string_view text, std::string name, Options options)
    : records_(text, std::move(options)), name_(std::move(name)) {}

absl::Status CsvReader::ReadHeader() {
  ASSIGN_OR_RETURN(bool more, Next());
  if (!more) return Malformed(1, "is empty; a header is needed");
  for (absl::string_view cell : cells()) {
    std::string column(absl::StripAsciiWhitespace(cell));
    if (!columns_.emplace(column, header_.size()).second) {
      return Malformed(line(), absl::StrCat("the header names column \"",
                                            column, "\" twice"));
    }
    header_.push_back(std::move(column));
  }
  return absl::OkStatus();
}

std::optional<size_t> CsvReader::FindColumn(absl::string_view name) const {
  auto it = columns_.find(name);
  if (it == columns_.end()) return std::nullopt;
  return it->second;
}

absl::StatusOr<size_t> CsvReader::Column(absl::string_view name) const {
  if (auto column = FindColumn(name)) return *column;
  return Malformed(1,
                   absl::StrCat("there is no column \"", name, "\"; there are ",
                                absl::StrJoin(header_, ", ")));
}

absl::StatusOr<bool> CsvReader::Next() {
  absl::StatusOr<bool> more = records_.Next();
  if (!more.ok()) {
    return Malformed(records_.problem_line(), more.status().message());
  }
  if (*more && !header_.empty() && cells().size() != header_.size()) {
    return Malformed(line(),
                     absl::StrCat("the row has ", cells().size(),
                                  " cells, the header ", header_.size()));
  }
  return more;
}

absl::StatusOr<double> CsvReader::Number(size_t column) const {
  double value = 0;
  if (!absl::SimpleAtod(cell(column), &value) || !std::isfinite(value)) {
    return Malformed(line(), absl::StrCat("column ", column + 1, ": \"",
                                          cell(column).substr(0, 80),
                                          "\" is not a finite number"));
  }
  return value;
}

absl::Status CsvReader::Malformed(int64_t line,
                                  absl::string_view problem) const {
  return SystemError(absl::StrCat(name_, ":", line, ": ", problem));
}

}  // namespace headway::sdk

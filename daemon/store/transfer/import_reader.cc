#include "daemon/store/transfer/import_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::store {
namespace {

constexpr size_t kMaxTextBytes = 4096;

}  // namespace

std::unique_ptr<ImportReader> ImportReader::Create(TransferFormat format,
                                                   std::string name,
                                                   ImportSink* sink) {
  return format == TransferFormat::kCsv
             ? MakeCsvImportReader(std::move(name), sink)
             : MakeNdjsonImportReader(std::move(name), sink);
}

ImportReader::ImportReader(std::string name, LineRules rules, ImportSink* sink)
    : sink_(*sink), name_(std::move(name)), rules_(rules) {}

absl::Status ImportReader::Add(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t line_feed = bytes.find('\n');
    const bool found = line_feed != absl::string_view::npos;
    const absl::string_view part = bytes.substr(0, line_feed);
    bytes.remove_prefix(found ? line_feed + 1 : bytes.size());
    if (line_.size() + part.size() > rules_.max_bytes) {
      return At(line_number_, "",
                absl::InvalidArgumentError(absl::StrCat(
                    "the line is longer than ", rules_.max_bytes, " bytes",
                    rules_.quotes_hold_line_feeds
                        ? "; is a quote missing that closes a cell?"
                        : "")));
    }
    line_.append(part.data(), part.size());
    if (rules_.quotes_hold_line_feeds &&
        std::count(part.begin(), part.end(), '"') % 2 == 1) {
      in_quotes_ = !in_quotes_;
    }
    if (!found) return absl::OkStatus();
    ++line_feeds_;
    if (in_quotes_) {
      line_.push_back('\n');
      continue;
    }
    RETURN_IF_ERROR(AddLine(line_));
    line_.clear();
    line_number_ = line_feeds_ + 1;
  }
  return absl::OkStatus();
}

absl::Status ImportReader::Finish() {
  if (!line_.empty()) {
    return At(line_number_, "",
              absl::InvalidArgumentError(
                  in_quotes_ ? "a quoted cell is not closed; is the text cut "
                               "short?"
                             : "the last line does not end in a line feed; "
                               "the text may have been cut short: add one if "
                               "it is whole"));
  }
  return FinishLines();
}

absl::Status ImportReader::At(int64_t line, absl::string_view where,
                              const absl::Status& status) const {
  return Annotate(
      status, absl::StrCat(name_, ":", line, where.empty() ? "" : ": ", where));
}

absl::Status CheckText(absl::string_view text) {
  if (text.size() <= kMaxTextBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(text), " has ", text.size(), " bytes; at most ",
                   kMaxTextBytes, " are kept, shorten it"));
}

absl::Status CheckFollows(series::Frequency frequency,
                          std::optional<int32_t> before, int32_t ordinal) {
  if (!before || *before < ordinal) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(series::FormatPeriod({frequency, ordinal}), " comes after ",
                   series::FormatPeriod({frequency, *before}),
                   "; the periods of a vintage rise, each is there once"));
}

}  // namespace headway::store

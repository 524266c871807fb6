#include "plugins/sources/tables/http/decoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/tables/bytes.h"
#include "daemon/tables/records.h"
#include "plugins/sources/tables/formats/html.h"
#include "plugins/sources/tables/formats/json_rows.h"
#include "plugins/sources/tables/formats/json_stat.h"
#include "plugins/sources/tables/formats/sdmx_json.h"
#include "plugins/sources/tables/formats/xlsx.h"
#include "plugins/sources/tables/mapping/layout.h"

namespace headway::http {
namespace {

// "text/html; charset=big5" says big5.
std::string CharsetOf(absl::string_view content_type) {
  const std::string lower = absl::AsciiStrToLower(content_type);
  const size_t at = lower.find("charset=");
  if (at == std::string::npos) return "";
  absl::string_view charset = absl::string_view(lower).substr(at + 8);
  charset = charset.substr(0, charset.find_first_of("; ,"));
  absl::ConsumePrefix(&charset, "\"");
  absl::ConsumeSuffix(&charset, "\"");
  return std::string(charset);
}

// Whether a value at the option error_path tells of an error: services that
// have the field say with one of these that all is well.
bool SaysNothing(const formats::Json& value) {
  return value.is_null() || value == false || value == 0 ||
         (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         (!formats::IsScalar(value) && value.empty());
}

// "3: problem" of a table's text becomes "line 3: problem".
absl::Status AtLine(const absl::Status& status) {
  return absl::InvalidArgumentError(absl::StrCat("line ", status.message()));
}

}  // namespace

absl::StatusOr<Decoder> Decoder::Create(const sdk::Request& request,
                                        const Options& options) {
  Decoder decoder(options);
  ASSIGN_OR_RETURN(decoder.text_, mapping::ReadTextOptions(request));
  ASSIGN_OR_RETURN(decoder.columns_, mapping::NamedColumns(request));
  return decoder;
}

absl::StatusOr<Answer> Decoder::Decode(
    absl::string_view name, const sdk::HttpResponse& response) const {
  auto answer = DecodeAs(response);
  if (answer.ok()) return answer;
  return sdk::ConfigError(absl::StrCat(name, ": ", answer.status().message()));
}

absl::StatusOr<Answer> Decoder::DecodeAs(
    const sdk::HttpResponse& response) const {
  const absl::string_view body = response.body;
  Answer answer;
  if (absl::StripAsciiWhitespace(body).empty()) return answer;
  switch (options_->format) {
    case Format::kCsv:
    case Format::kSdmxCsv: {
      ASSIGN_OR_RETURN(answer.grid, DecodeText(body));
      break;
    }
    case Format::kJson:
    case Format::kJsonStat:
    case Format::kSdmxJson:
      RETURN_IF_ERROR(DecodeJson(body, &answer));
      break;
    case Format::kXlsx: {
      // A page that asks to sign in is named by its title.
      if (!absl::StartsWith(body, "PK")) {
        RETURN_IF_ERROR(tables::CheckIsTable(body));
      }
      ASSIGN_OR_RETURN(answer.grid, formats::XlsxRows(body, options_->sheet));
      break;
    }
    case Format::kHtml: {
      ASSIGN_OR_RETURN(
          answer.grid,
          formats::HtmlRows(body, options_->table,
                            CharsetOf(response.Header("content-type"))));
      break;
    }
  }
  answer.row_count = std::max<size_t>(answer.grid.rows.size(), 1) - 1;
  return answer;
}

absl::Status Decoder::DecodeJson(absl::string_view body, Answer* answer) const {
  ASSIGN_OR_RETURN(const formats::Json document, formats::ParseJson(body));
  if (options_->error) {
    const auto error = options_->error->FindIn(document);
    if (error && !SaysNothing(*error)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the publisher answers an error: ", formats::ShortText(*error)));
    }
  }
  if (options_->pages.next) {
    const auto next = options_->pages.next->FindIn(document);
    if (next && !SaysNothing(*next)) answer->next = formats::CellText(*next);
  }
  if (options_->pages.last) {
    const auto last = options_->pages.last->FindIn(document);
    int64_t number = 0;
    if (!last || !absl::SimpleAtoi(formats::CellText(*last), &number)) {
      return absl::InvalidArgumentError(
          absl::StrCat("option last_page: ", options_->pages.last->text(),
                       last ? " is no whole number" : " leads to nothing"));
    }
    answer->last_page = number;
  }
  absl::StatusOr<formats::Grid> grid;
  if (options_->format == Format::kJson) {
    grid = formats::JsonRows(document, {.rows = *options_->rows,
                                        .columns = columns_,
                                        .header_row = options_->header_row});
  } else if (options_->format == Format::kJsonStat) {
    grid = formats::JsonStatRows(document, columns_);
  } else {
    grid = formats::SdmxJsonRows(document, columns_);
  }
  if (!grid.ok()) return grid.status();
  answer->grid = *std::move(grid);
  return absl::OkStatus();
}

absl::StatusOr<formats::Grid> Decoder::DecodeText(
    absl::string_view body) const {
  const auto text = tables::DecodeTable(body, text_.encoding);
  if (!text.ok()) return AtLine(text.status());
  formats::Grid grid;
  tables::RecordReader reader(*text, text_.records);
  size_t cells = 0;
  while (true) {
    const auto more = reader.Next();
    if (!more.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", reader.problem_line(), ": ", more.status().message()));
    }
    if (!*more) break;
    std::vector<std::string> row(reader.cells().begin(), reader.cells().end());
    cells += row.size();
    RETURN_IF_ERROR(formats::CheckCellCount(cells));
    grid.Add(std::move(row), absl::StrCat("line ", reader.line()));
  }
  if (options_->format == Format::kSdmxCsv) {
    RETURN_IF_ERROR(formats::TidySdmxCsv(columns_, &grid));
  }
  return grid;
}

}  // namespace headway::http

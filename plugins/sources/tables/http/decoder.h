// From what a publisher answered to a table of text.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_DECODER_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_DECODER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/tables/formats/grid.h"
#include "plugins/sources/tables/formats/json.h"
#include "plugins/sources/tables/http/options.h"
#include "plugins/sources/tables/mapping/options.h"

namespace headway::http {

// One answer, taken apart.
struct Answer {
  formats::Grid grid;
  // The rows of the grid below its header, as far as the format has one.
  size_t row_count = 0;
  // In the formats that are JSON.
  std::string next;
  std::optional<int64_t> last_page;
};

class Decoder {
 public:
  // `options` must outlive it.
  static absl::StatusOr<Decoder> Create(const sdk::Request& request,
                                        const Options& options);

  // Errors begin with `name`, and are the operator's to mend.
  absl::StatusOr<Answer> Decode(absl::string_view name,
                                const sdk::HttpResponse& response) const;

 private:
  explicit Decoder(const Options& options) : options_(&options) {}

  absl::StatusOr<Answer> DecodeAs(const sdk::HttpResponse& response) const;
  absl::Status DecodeJson(absl::string_view body, Answer* answer) const;
  absl::StatusOr<formats::Grid> DecodeText(absl::string_view body) const;

  const Options* options_;
  mapping::TextOptions text_;
  // The columns that the options name.
  std::vector<std::string> columns_;
};

}  // namespace headway::http

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_DECODER_H_

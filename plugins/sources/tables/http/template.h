// Texts with placeholders, such as addresses:
//   https://…/{now:%Y}/data?from={from:%Y-%m}&hs={hs}
// {now} is the time of the read, {from} the time from which values are asked
// for, both with a format in the manner of strftime (%Y-%m-%d by default; %q is
// the quarter); others have the names and values that the caller gives. "{{" is
// a brace. Immutable value type.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_TEMPLATE_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_TEMPLATE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace headway::http {

struct Filling {
  absl::Time now;
  absl::Time from;
  std::map<std::string, std::string> values = {};
};

class Template {
 public:
  Template() = default;
  // A ConfigError names the option, the placeholder and the column.
  static absl::StatusOr<Template> Compile(absl::string_view option,
                                          absl::string_view text);

  // The names of its placeholders, each once.
  const std::vector<std::string>& names() const { return names_; }
  bool Has(absl::string_view name) const;
  // Every name but now and from must have a value.
  std::string Fill(const Filling& filling) const;

 private:
  struct Part {
    // A placeholder's name, or "" for `text` as it stands.
    std::string name;
    std::string text;
  };
  std::vector<Part> parts_;
  std::vector<std::string> names_;
};

}  // namespace headway::http

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_TEMPLATE_H_

// XML as a stream of elements, within bounds: nothing outside the text is
// loaded, and a document type, which could define entities, is refused.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_XML_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_XML_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::formats {

using XmlAttributes = std::map<std::string, std::string>;

// Names are local ones, without the prefix of a namespace.
struct XmlHandler {
  std::function<absl::Status(absl::string_view name,
                             const XmlAttributes& attributes)>
      on_start;
  std::function<absl::Status(absl::string_view name)> on_end;
  std::function<void(absl::string_view text)> on_text;
};

// Attributes keep their prefix: "r:id". `what` names the text in errors.
absl::Status ReadXml(absl::string_view text, absl::string_view what,
                     const XmlHandler& handler);

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_XML_H_

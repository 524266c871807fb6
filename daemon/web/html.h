// Text for HTML. Pure functions.
#ifndef HEADWAY_DAEMON_WEB_HTML_H_
#define HEADWAY_DAEMON_WEB_HTML_H_

#include <string>

#include "absl/strings/string_view.h"

namespace headway::web {

// `text` for HTML, in elements and in quoted attributes.
std::string Escape(absl::string_view text);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_HTML_H_

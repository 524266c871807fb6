// The pages for people: reads what they show over the API, and has pages.h lay
// it out. The parameter as_of, a date or an instant, shows what was known then.
// Thread-safe.
#ifndef HEADWAY_DAEMON_WEB_DASHBOARD_H_
#define HEADWAY_DAEMON_WEB_DASHBOARD_H_

#include "absl/strings/string_view.h"
#include "daemon/web/http/message.h"
#include "daemon/web/visit.h"

namespace headway::web {

// All indicators and pipelines.
Reply AnswerDashboard(Visit& visit);
// The indicator that the request names.
Reply AnswerIndicatorPage(Visit& visit);

// What the parameter reference stands for; with indicator instead, a citation
// of it as it is now, or as of the parameter as_of.
Reply AnswerCitationPage(Visit& visit);

// An error that a browser shows.
Reply HtmlError(int status, absl::string_view message);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_DASHBOARD_H_

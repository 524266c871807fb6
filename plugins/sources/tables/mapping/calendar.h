// Years that are not counted as those of the common era.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_CALENDAR_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_CALENDAR_H_

#include <string>

#include "absl/strings/string_view.h"

namespace headway::mapping {

enum class Calendar { kGregorian, kRoc };

// A period in years of the Republic of China in the notation of ISO 8601:
// "113年" is "2024", "113年8月", "113/08", "113.8" and "11308" are "2024-08",
// "113年8月5日", "113/08/05" and "1130805" are "2024-08-05". Any other text is
// left as it is, and reads as no period.
std::string FromRocYears(absl::string_view text);

}  // namespace headway::mapping

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_CALENDAR_H_

// Formats values, instants and labels for people and for programs.
//
// Pure functions, thread-safe. Widths are counted in code points: nothing that
// Headway prints is wider than one column a code point.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_FORMAT_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_FORMAT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "google/protobuf/map.h"
#include "google/protobuf/timestamp.pb.h"

namespace headway::cli {

// A number formatted by its unit: percentages have one decimal and the sign,
// "12.3 %"; other units are named in a column of their own.
std::string FormatValue(double value, absl::string_view unit);
// A signed difference of two values. For percentages it is in percentage
// points: "+0.4 pp".
std::string FormatChange(double change, absl::string_view unit);
// "2026-03-05 06:30 UTC", or "" for a zero timestamp: never set.
std::string FormatMinute(const google::protobuf::Timestamp& instant);
// RFC 3339 with as many fractional digits as needed, as --as-of accepts it.
std::string FormatExactInstant(const google::protobuf::Timestamp& instant);
// "0.4 s", "12 s", "3 min 20 s", "2 h 5 min".
std::string FormatElapsed(absl::Duration duration);

// An instant from "2025-04-03", which is the end of that day in UTC, so that
// what became known in its course counts, or from RFC 3339,
// "2025-04-03T12:30:00Z". False if it is neither.
bool ParseDateOrInstant(absl::string_view text,
                        google::protobuf::Timestamp* instant);

// The labels in the order of their names: a="CHN",flow="export".
using LabelMap = google::protobuf::Map<std::string, std::string>;
std::string LabelPairs(const LabelMap& labels);

// At most `width` block characters of eight heights. Longer input is averaged
// to fit, and NaN gives a blank.
std::string Sparkline(absl::Span<const double> values, int width);
// A bar of `width` columns, filled to `fraction` of it in steps of an eighth.
std::string Bar(double fraction, int width);

int DisplayWidth(absl::string_view text);
// `text` cut to `width` columns, with "…" at its end if it was cut.
std::string Truncate(absl::string_view text, int width);

// The part after the last "/": "gdp" of "indicators/gdp".
absl::string_view LastSegment(absl::string_view resource_name);
// "indicators/gdp" of "gdp" and of "indicators/gdp".
std::string ResourceName(absl::string_view collection, absl::string_view name);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_FORMAT_H_

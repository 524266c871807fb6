// Values, instants and labels as people read them, and as programs do.
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

// A number with what its unit asks for: percent has one digit, "12.3 %". Other
// units are named in a column of their own.
std::string FormatValue(double value, absl::string_view unit);
// A difference of two values: signed; that of percentages is in points, "+0.4
// pp".
std::string FormatChange(double change, absl::string_view unit);
// "2026-03-05 06:30 UTC", and "" for a timestamp of zero: never set.
std::string FormatInstant(const google::protobuf::Timestamp& instant);
// RFC 3339 with what digits are needed: what --as-of takes.
std::string FormatExactInstant(const google::protobuf::Timestamp& instant);
// "0.4 s", "12 s", "3 min 20 s", "2 h 5 min".
std::string FormatElapsed(absl::Duration duration);

// An instant from "2025-04-03", which is the end of that day in UTC, so that
// what became known in its course counts, or from RFC 3339,
// "2025-04-03T12:30:00Z". False if it is neither.
bool ParseInstant(absl::string_view text, google::protobuf::Timestamp* instant);

// The values of the labels in the order of their names, "CHN, export", and with
// their names, a="CHN",flow="export".
using LabelMap = google::protobuf::Map<std::string, std::string>;
std::string LabelValues(const LabelMap& labels);
std::string LabelPairs(const LabelMap& labels);

// Eight heights of blocks, at most `width` of them: longer input is averaged.
// NaN is a blank.
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

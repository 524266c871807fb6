// Notations of periods that can mean one thing only.
#ifndef HEADWAY_DAEMON_TABLES_PERIODS_NOTATION_H_
#define HEADWAY_DAEMON_TABLES_PERIODS_NOTATION_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/series/period.h"

namespace headway::tables {

// Reads the notation of series::ParsePeriod, and those of others that no two
// people read differently:
//
//   annual      2024-A1, 2024 [YR2024]
//   semiannual  2024-H1, 2024H1, 2024S1, 2024 H1, H1 2024, S1 2024, 1H2024
//   quarterly   2024Q1, 2024 Q1, 2024:Q1, Q1 2024, Q1-2024, 1Q2024
//   monthly     2024M03, 03/2024, 03.2024, Mar 2024, Mar-2024, March 2024,
//               2024-Mar, 2024Mar
//   weekly      2024W09, 2024-W9
//   daily       20240305, 2024/03/05, 5 Mar 2024, 05-Mar-2024, Mar 5, 2024,
//               2024-03-05T00:00:00Z (the day as written)
//
// and, where `frequency` says what is meant, 2024/03, Mar-24, Mar 24 and
// Mar'24 of months, Q1-24, Q1 24, Q1'24 and 1Q24 of quarters, H1-24, H1 24,
// H1'24 and 1H24 of half-years (00 to 68 are 2000 to 2068). INVALID_ARGUMENT
// names the text and the remedy: mostly the option period_format. A period of
// another frequency is an error too: a date is not taken for its month unless a
// format says so.
absl::StatusOr<series::Period> ReadPeriod(
    absl::string_view text,
    std::optional<series::Frequency> frequency = std::nullopt);

}  // namespace headway::tables

#endif  // HEADWAY_DAEMON_TABLES_PERIODS_NOTATION_H_

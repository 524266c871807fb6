// Whether what a source delivers looks like an accident at the publisher: a
// table that is empty or cut short, values in another magnitude. Such a pull is
// held back until somebody says that it is right.
//
// Rules, over the updates of one checkpoint against what the source had said as
// of their known_at:
//  - a complete stream that delivers nothing, where something stood;
//  - more than 40 % of the periods that stood, and five at least, are
//  withdrawn;
//  - of the periods given again, five at least, the median value is a tenth of
//    what it was, or less, or ten times that, or more;
//  - the first new period of a series is a hundredth, or the hundredfold, of
//    the last one, where no step between the twelve before was tenfold; of at
//    least half of the series that have new periods.
//
// Functions over a reader; errors are those of the store.
#ifndef HEADWAY_DAEMON_INGEST_PULL_SUSPICION_H_
#define HEADWAY_DAEMON_INGEST_PULL_SUSPICION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/ingest/pull/assembler.h"
#include "daemon/store/store.h"

namespace headway::ingest {

// What looks wrong, in words; empty if nothing does.
absl::StatusOr<std::vector<std::string>> FindSuspicions(
    const store::Batch& batch, const Delivery& delivery,
    const store::Reader& reader);

// The error of a pull that is held back.
absl::Status HeldBack(absl::string_view source,
                      const std::vector<std::string>& suspicions);

// The records of RecordKind::kState that say what is held back of a source, and
// that its next pull is accepted whatever it looks like.
store::Record HeldRecord(absl::string_view source,
                         std::optional<std::string> why);
store::Record AcceptanceRecord(absl::string_view source, bool accepted);

// Has the next pull of the source stored. NOT_FOUND if nothing of it is held
// back.
absl::Status Accept(absl::string_view source, store::Store* store);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PULL_SUSPICION_H_

// What a check of the conformance suite returns: what it saw, or an error that
// says what is wrong and how to mend it. Value types.
#ifndef HEADWAY_DAEMON_INGEST_TRIAL_FINDING_H_
#define HEADWAY_DAEMON_INGEST_TRIAL_FINDING_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::ingest {

struct Finding {
  // In a sentence, ...
  std::string text;
  // ... and line by line.
  std::vector<std::string> details;

  Finding(std::string sentence,  // NOLINT: checks read better so
          std::vector<std::string> lines = {})
      : text(std::move(sentence)), details(std::move(lines)) {}
  Finding(const char* sentence) : text(sentence) {}  // NOLINT
};

// UNIMPLEMENTED, which no operation returns, marks a check that cannot be made.
inline absl::Status SkippedCheck(absl::string_view why) {
  return absl::UnimplementedError(why);
}

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_TRIAL_FINDING_H_

// The conformance suite: does a plugin keep the protocol? What
// `headway plugin test ./my-plugin` runs.
//
// The plugin is run as the daemon would run it, and what it delivers is
// committed to a store in a temporary directory. Secrets are read from the
// environment. docs/plugins.md explains each check.
#ifndef HEADWAY_DAEMON_INGEST_TRIAL_CONFORMANCE_H_
#define HEADWAY_DAEMON_INGEST_TRIAL_CONFORMANCE_H_

#include <map>
#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/ingest/source/limits.h"

namespace headway::ingest {

struct CheckOutcome {
  enum class Result { kPassed, kFailed, kSkipped };

  // What the plugin must do, such as "an unknown verb fails".
  std::string name;
  Result result = Result::kPassed;
  // What was seen; with kFailed, what is wrong and how to mend it; with
  // kSkipped, why.
  std::string explanation;
  // What was seen, line by line.
  std::vector<std::string> details;
};

// Every check, in order, whether or not those before it passed; those that
// cannot be made are kSkipped. `config` holds the options of the source to
// test with; `isolation` may be null. Blocking; thread-safe.
std::vector<CheckOutcome> RunConformance(
    const std::string& path, const std::map<std::string, std::string>& config,
    const Limits& limits, const Isolation* isolation, Clock* clock);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_TRIAL_CONFORMANCE_H_

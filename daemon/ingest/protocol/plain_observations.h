// Reads the lines of JSON that most of what a plugin says consists of, fast.
//
// A line is plain if it is {"observations":{…}} with nothing escaped and no
// byte beyond ASCII in its texts, its periods texts and its values numbers.
// Spaces are free, as is the order of the members. The parser of Protocol
// Buffers reads every line, and takes many times as long for it: what is not
// plain, be it right or wrong, is left to that one. A plain line means the same
// to both, which tests/fuzz/framing_fuzzer.cc holds.
//
// Pure functions.
#ifndef HEADWAY_DAEMON_INGEST_PROTOCOL_PLAIN_OBSERVATIONS_H_
#define HEADWAY_DAEMON_INGEST_PROTOCOL_PLAIN_OBSERVATIONS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// False if the line is not plain; then `batch` holds anything. Else it gets the
// series, the periods, the values and whether it is a snapshot, and `others`
// the text of the members besides these, with commas between them.
bool ReadPlainObservations(absl::string_view line,
                           plugin::v1::ObservationBatch* batch,
                           std::string* others);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PROTOCOL_PLAIN_OBSERVATIONS_H_

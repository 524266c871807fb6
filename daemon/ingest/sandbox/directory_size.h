// How much a directory holds. Thread-safe; what is there may change meanwhile.
#ifndef HEADWAY_DAEMON_INGEST_SANDBOX_DIRECTORY_SIZE_H_
#define HEADWAY_DAEMON_INGEST_SANDBOX_DIRECTORY_SIZE_H_

#include <cstdint>
#include <string>

namespace headway::ingest {

// Whether the files in it, at any depth, take more than `bytes` on the disk, or
// are more than `files`. Follows no link. Stops counting once it is so.
bool HoldsMoreThan(const std::string& directory, int64_t bytes, int64_t files);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_DIRECTORY_SIZE_H_

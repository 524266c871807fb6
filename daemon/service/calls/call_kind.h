// What kind of work a method does. Each kind has threads and a queue of its
// own, so that a flood of one does not hold up the others.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_CALL_KIND_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_CALL_KIND_H_

namespace headway::service {

enum class CallKind {
  kRead,      // answers from the store within milliseconds
  kWrite,     // waits for the disk
  kCompute,   // fits models or scores: seconds
  kPlugin,    // asks plugins for their descriptions: they may hang
  kTransfer,  // exports and imports: as long as the client likes
  kWatch,     // tells watchers what changed
};

// For errors and metrics: "read".
inline const char* CallKindName(CallKind kind) {
  switch (kind) {
    case CallKind::kRead:
      return "read";
    case CallKind::kWrite:
      return "write";
    case CallKind::kCompute:
      return "compute";
    case CallKind::kPlugin:
      return "plugin";
    case CallKind::kTransfer:
      return "transfer";
    case CallKind::kWatch:
      return "watch";
  }
  return "unknown";
}

// How the server treats the calls of a method.
struct CallTraits {
  CallKind kind = CallKind::kRead;
  // The answer follows from the request, the store and the definitions alone,
  // and may be kept until one of the two changes.
  bool is_kept = false;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_CALL_KIND_H_

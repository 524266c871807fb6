// What a server stream sends: a watch, which goes on as things change, or an
// answer too long for one message.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_STREAM_SOURCE_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_STREAM_SOURCE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "google/protobuf/message_lite.h"

namespace headway::service {

// The topic that every commit to the store pokes. A change of a run or of an
// operation pokes its name.
inline constexpr char kCommitTopic[] = "commits";

// A source as the shell asks it. Implementations derive from StreamSource.
class AnyStreamSource {
 public:
  struct AnyStep {
    std::unique_ptr<google::protobuf::MessageLite> message;
    bool end = false;
  };

  virtual ~AnyStreamSource() = default;

  // What pokes the stream; empty if nothing needs to.
  virtual std::string topic() const = 0;
  virtual absl::StatusOr<AnyStep> NextAny() = 0;
};

// Asked on the pool, one call at a time.
template <typename Response>
class StreamSource : public AnyStreamSource {
 public:
  struct Step {
    // Absent: there is nothing to send until the next poke.
    std::optional<Response> message;
    // With no message: the stream is over, and all is well.
    bool end = false;
  };

  // What comes next. An error ends the stream.
  virtual absl::StatusOr<Step> Next() = 0;

 private:
  absl::StatusOr<AnyStep> NextAny() final {
    absl::StatusOr<Step> step = Next();
    if (!step.ok()) return step.status();
    AnyStep any{.message = nullptr, .end = step->end};
    if (step->message.has_value()) {
      any.message = std::make_unique<Response>(*std::move(step->message));
    }
    return any;
  }
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_STREAM_SOURCE_H_

// What a client stream brings: messages one after another, then one answer.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_UPLOAD_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_UPLOAD_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message_lite.h"

namespace headway::service {

// An upload as the shell feeds it. Implementations derive from Upload.
class AnyUpload {
 public:
  virtual ~AnyUpload() = default;

  virtual absl::Status AddAny(const google::protobuf::MessageLite& request) = 0;
  virtual absl::StatusOr<std::unique_ptr<google::protobuf::MessageLite>>
  FinishAny() = 0;
};

// Fed on the pool, one call at a time. An error ends the stream. Destroyed
// without Finish when the client went away.
template <typename Request, typename Response>
class Upload : public AnyUpload {
 public:
  virtual absl::Status Add(const Request& request) = 0;
  // After the last message; there may have been none.
  virtual absl::StatusOr<Response> Finish() = 0;

 private:
  absl::Status AddAny(const google::protobuf::MessageLite& request) final {
    return Add(static_cast<const Request&>(request));
  }

  absl::StatusOr<std::unique_ptr<google::protobuf::MessageLite>> FinishAny()
      final {
    absl::StatusOr<Response> response = Finish();
    if (!response.ok()) return response.status();
    return std::make_unique<Response>(*std::move(response));
  }
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_UPLOAD_H_

// OperationService.WatchOperation: the operation as it is, then again at every
// change, until it has ended. States that follow faster than the client takes
// them are shown as one.
#ifndef HEADWAY_DAEMON_SERVICE_OPERATION_WATCH_H_
#define HEADWAY_DAEMON_SERVICE_OPERATION_WATCH_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/service/calls/parts.h"
#include "daemon/service/calls/stream_source.h"
#include "headway/v1/operation.pb.h"

namespace headway::service {

class OperationWatch final : public StreamSource<v1::Operation> {
 public:
  // `parts` must outlive the watch.
  static absl::StatusOr<std::unique_ptr<StreamSource<v1::Operation>>> Create(
      const Parts& parts, const v1::WatchOperationRequest& request);

  // The operation's name.
  std::string topic() const override { return name_; }
  absl::StatusOr<Step> Next() override;

 private:
  OperationWatch(const Parts& parts, std::string name)
      : parts_(parts), name_(std::move(name)) {}

  const Parts& parts_;
  const std::string name_;
  // The last state sent, encoded; an operation has no map in it, so that equal
  // states have equal bytes.
  std::string sent_;
  bool ended_ = false;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_OPERATION_WATCH_H_

// A watch of something that comes to an end, such as a run: as it is, then
// again at every change, until it has ended. States that follow faster than the
// client takes them are shown as one.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_UNTIL_ENDED_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_UNTIL_ENDED_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/operation.h"
#include "daemon/messages/run.h"
#include "daemon/service/calls/stream_source.h"

namespace headway::service {

// Asked as StreamSource says. `T` has no map in it, so that equal states have
// equal bytes, and messages::HasEnded tells of it.
template <typename T>
class UntilEnded final : public StreamSource<T> {
 public:
  using Find = std::function<absl::StatusOr<T>()>;
  using Step = typename StreamSource<T>::Step;

  // A change of `name` pokes the watch.
  UntilEnded(std::string name, Find find)
      : name_(std::move(name)), find_(std::move(find)) {}

  std::string topic() const override { return name_; }

  absl::StatusOr<Step> Next() override {
    if (ended_) return Step{.message = std::nullopt, .end = true};
    ASSIGN_OR_RETURN(T state, find_());
    std::string bytes = state.SerializeAsString();
    if (bytes == sent_) return Step{};
    sent_ = std::move(bytes);
    ended_ = messages::HasEnded(state);
    return Step{.message = std::move(state), .end = false};
  }

 private:
  const std::string name_;
  const Find find_;
  // The last state sent, encoded.
  std::string sent_;
  bool ended_ = false;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_UNTIL_ENDED_H_

// IndicatorService.WatchIndicators.
//
// Works in sweeps. A sweep begins at a commit and sends, one after another, the
// indicators that commits since the last sweep touched; the first sweep of a
// watch without a token sends all that are watched. An indicator whose values
// came out as they were last sent is left out. One that is too large for a
// message is sent in several. The token holds the commit of the last whole
// sweep and stands for the definitions of then, so that a client that comes
// back in the middle of a sweep, or after the definitions changed, misses
// nothing.
//
// Watches share their evaluations: a commit that a thousand of them watch
// evaluates each indicator once.
#ifndef HEADWAY_DAEMON_SERVICE_INDICATOR_WATCH_H_
#define HEADWAY_DAEMON_SERVICE_INDICATOR_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/evaluations.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "daemon/service/calls/stream_source.h"
#include "daemon/store/store.h"
#include "headway/v1/indicator.pb.h"

namespace headway::service {

class IndicatorWatch final : public StreamSource<v1::WatchIndicatorsResponse> {
 public:
  // `parts` must outlive the watch. Errors name the field of the request.
  static absl::StatusOr<
      std::unique_ptr<StreamSource<v1::WatchIndicatorsResponse>>>
  Create(const Parts& parts, const Caller& caller,
         const v1::WatchIndicatorsRequest& request);

  std::string topic() const override { return kCommitTopic; }
  absl::StatusOr<Step> Next() override;

 private:
  IndicatorWatch(const Parts& parts, const Caller& caller)
      : parts_(parts), caller_(caller) {}

  // An indicator that is sent in several messages, and the place of the first
  // series that was not sent.
  struct Sending {
    v1::Indicator indicator;
    std::shared_ptr<const pipeline::Evaluation> evaluation;
    size_t place = 0;
  };

  absl::Status Resume(const std::string& token, store::CommitNumber newest);
  absl::Status BeginSweep();
  std::set<std::string> Watched() const;
  // What comes next, without its token; nothing if the sweep has no more.
  absl::StatusOr<std::optional<v1::WatchIndicatorsResponse>> NextChange();
  // Nothing if its values are as they were last sent.
  absl::StatusOr<std::optional<v1::WatchIndicatorsResponse>> Begin(
      const std::string& name);
  absl::StatusOr<v1::WatchIndicatorsResponse> GoOn();
  // The values, for the caller to see.
  absl::StatusOr<std::shared_ptr<const pipeline::Evaluation>> Evaluate(
      const std::string& name) const;
  std::string Token() const;

  const Parts& parts_;
  const Caller caller_;
  // Empty watches all.
  std::set<std::string> names_;
  std::string token_scope_;

  // Everything up to this commit was sent; absent before the first whole sweep
  // of a watch without a token.
  std::optional<store::CommitNumber> swept_;
  // The sweep under way: where it began, and what is left of it.
  store::CommitNumber target_ = 0;
  std::deque<std::string> pending_;
  std::optional<Sending> sending_;
  // The definitions of the sweep, and what stands for those that the client's
  // values came from. When they differ, all may have changed.
  std::shared_ptr<const pipeline::Definitions> definitions_;
  uint64_t known_definitions_ = 0;
  // What was last sent, as a hash of the values.
  std::map<std::string, uint64_t> sent_;
  // The client knows that it has everything up to swept_.
  bool caught_up_ = false;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_INDICATOR_WATCH_H_

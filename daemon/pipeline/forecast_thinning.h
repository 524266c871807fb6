// Thins out the issued forecasts of long ago, a few at a time, while nothing
// else is to do: of the issues that an indicator got in one week only the
// newest stays.
//
// An issue of which a period is over stays for good: it has been scored, or
// will be when the actual value comes. So do the issues of indicators that are
// no longer defined. What is read as of an instant may then be an issue of the
// week before.
//
// Not thread-safe: the scheduler calls it, one call at a time.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECAST_THINNING_H_
#define HEADWAY_DAEMON_PIPELINE_FORECAST_THINNING_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

class ForecastThinning {
 public:
  // Issues younger than `keep_all` stay; zero: all do. The pointers must
  // outlive this.
  ForecastThinning(
      absl::Duration keep_all, Clock* clock, store::Store* store,
      std::function<std::shared_ptr<const Definitions>()> definitions);

  // Does a part of the work, and returns when to be called next.
  absl::Time DoSome();

 private:
  // Looks at a few issues; false at the end of a round.
  absl::StatusOr<bool> ThinSome();
  // Looks at the issue of the indicator that comes after before_.
  absl::Status ThinNext(const store::Reader& reader);

  const absl::Duration keep_all_;
  Clock* const clock_;
  store::Store* const store_;
  const std::function<std::shared_ptr<const Definitions>()> definitions_;

  // Where the round under way has got to: the indicator, empty between two
  // rounds, and the instant of the issue that was looked at last.
  std::string indicator_;
  absl::Time before_;
  // In this round.
  int deleted_ = 0;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECAST_THINNING_H_

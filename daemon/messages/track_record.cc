#include "daemon/messages/track_record.h"

namespace headway::messages {

v1::TrackStratum ToProto(const scores::Stratum& stratum) {
  v1::TrackStratum proto;
  proto.set_outcomes(stratum.outcomes);
  proto.set_mean_absolute_error(stratum.mean_absolute_error);
  if (stratum.mean_scaled_error.has_value()) {
    proto.set_mean_scaled_error(*stratum.mean_scaled_error);
  }
  proto.set_mean_weighted_interval_score(stratum.mean_weighted_interval_score);
  if (stratum.mean_scaled_interval_score.has_value()) {
    proto.set_mean_scaled_interval_score(*stratum.mean_scaled_interval_score);
  }
  if (stratum.skill.has_value()) proto.set_skill(*stratum.skill);
  for (const scores::IntervalCoverage& interval : stratum.coverage) {
    v1::IntervalCoverage& to = *proto.add_coverage();
    to.set_level(interval.level);
    to.set_outcomes(interval.outcomes);
    to.set_share(interval.share);
    to.set_low(interval.band.low);
    to.set_high(interval.band.high);
  }
  proto.mutable_pit()->Add(stratum.pit.begin(), stratum.pit.end());
  return proto;
}

}  // namespace headway::messages

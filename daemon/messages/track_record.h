// Scores of strata of forecasts as messages. Pure functions.
#ifndef HEADWAY_DAEMON_MESSAGES_TRACK_RECORD_H_
#define HEADWAY_DAEMON_MESSAGES_TRACK_RECORD_H_

#include "daemon/scores/stratum.h"
#include "headway/v1/forecast.pb.h"

namespace headway::messages {

// Without what tells the stratum apart, and without the number of issues.
v1::TrackStratum ToProto(const scores::Stratum& stratum);

}  // namespace headway::messages

#endif  // HEADWAY_DAEMON_MESSAGES_TRACK_RECORD_H_

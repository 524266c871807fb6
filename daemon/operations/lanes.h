// How many operations of a kind run at once. Kinds that get into each other's
// way share a lane. Pure functions.
#ifndef HEADWAY_DAEMON_OPERATIONS_LANES_H_
#define HEADWAY_DAEMON_OPERATIONS_LANES_H_

#include "headway/v1/operation.pb.h"

namespace headway::operations {

struct Lane {
  int at_once = 1;
  // Whether another one waits for its turn; it is refused otherwise.
  bool waits = false;
};

// The lane of a kind, the same object each time.
const Lane& LaneOf(v1::Operation::Kind kind);

// As many as the lanes need together: a full one keeps no other waiting.
int ThreadsOfAllLanes();

}  // namespace headway::operations

#endif  // HEADWAY_DAEMON_OPERATIONS_LANES_H_

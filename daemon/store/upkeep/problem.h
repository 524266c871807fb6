// What a check found wrong.
#ifndef HEADWAY_DAEMON_STORE_UPKEEP_PROBLEM_H_
#define HEADWAY_DAEMON_STORE_UPKEEP_PROBLEM_H_

#include <functional>
#include <string>

namespace headway::store {

struct Problem {
  // "series 12", "backup 3", the path of a file.
  std::string thing;
  std::string what;
  std::string remedy;
};

// Called for each problem as it is found.
using ProblemSink = std::function<void(const Problem&)>;

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_UPKEEP_PROBLEM_H_

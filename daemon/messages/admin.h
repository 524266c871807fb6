// Converts the store's statistics, backups and problems to the messages of
// AdminService, for the daemon's handlers and for the command line when it
// works on the directory of a stopped daemon. Pure functions.
#ifndef HEADWAY_DAEMON_MESSAGES_ADMIN_H_
#define HEADWAY_DAEMON_MESSAGES_ADMIN_H_

#include "daemon/store/upkeep/backup.h"
#include "daemon/store/upkeep/problem.h"
#include "daemon/store/upkeep/stats.h"
#include "daemon/store/upkeep/verify.h"
#include "headway/v1/admin.pb.h"

namespace headway::messages {

v1::StoreStats ToProto(const store::StoreStats& stats);
v1::Backup ToProto(const store::Backup& backup);

// Adds the problem unless the response already has the most that it may hold.
template <typename Response>
void AddProblem(const store::Problem& problem, Response* response) {
  constexpr int kMostProblems = 1000;
  if (response->problems_size() >= kMostProblems) return;
  v1::StoreProblem* proto = response->add_problems();
  proto->set_thing(problem.thing);
  proto->set_what(problem.what);
  proto->set_remedy(problem.remedy);
}

void SetCounts(const store::VerifyCounts& counts,
               v1::VerifyStoreResponse* response);
void SetCounts(const store::BackupCounts& counts,
               v1::VerifyBackupsResponse* response);

}  // namespace headway::messages

#endif  // HEADWAY_DAEMON_MESSAGES_ADMIN_H_

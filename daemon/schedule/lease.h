// Leases: who may work on a thing, such as a run, with a token that commits
// check.
//
//   ASSIGN_OR_RETURN(Lease lease, Lease::Take(*reader, "run/7", "headwayd",
//                                             clock->Now(), absl::Hours(1),
//                                             first));
//   RETURN_IF_ERROR(store->Commit(first).status());
//   later.preconditions.push_back(lease.Holds());
//   RETURN_IF_ERROR(store->Commit(later).status());
//
// Each taking of a thing raises its token, a counter in the store. Whatever is
// committed under the lease carries the precondition that the token is still
// the one that was taken: a holder that was slow, asleep or thought dead cannot
// write over the work of its successor, whatever its clock says. Expiry only
// says when others may take the thing.
//
// Value types and pure functions: what they return takes effect by a commit.
#ifndef HEADWAY_DAEMON_SCHEDULE_LEASE_H_
#define HEADWAY_DAEMON_SCHEDULE_LEASE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/store/store.h"

namespace headway::schedule {

class Lease {
 public:
  // Adds the taking of `thing` to `batch`, whose commit fails with ABORTED if
  // somebody else took it since `reader`. Whoever holds it already takes it
  // anew, with another token. UNAVAILABLE while another holds it.
  static absl::StatusOr<Lease> Take(const store::Reader& reader,
                                    absl::string_view thing,
                                    absl::string_view holder, absl::Time now,
                                    absl::Duration length, store::Batch& batch);

  // What every commit made under the lease must carry.
  store::RecordPrecondition Holds() const;
  // Adds to `batch` that the lease runs until `length` after now.
  void Renew(absl::Time now, absl::Duration length, store::Batch& batch);
  // Adds to `batch` that nobody will take `thing` any more: a run that has
  // ended. Commits under an old token are refused as before.
  static void Forget(absl::string_view thing, store::Batch& batch);

  int64_t token() const { return token_; }
  absl::Time expiry() const { return expiry_; }

 private:
  Lease(std::string thing, std::string holder, int64_t token, absl::Time expiry)
      : thing_(std::move(thing)),
        holder_(std::move(holder)),
        token_(token),
        expiry_(expiry) {}
  store::Record HolderRecord() const;

  std::string thing_;
  std::string holder_;
  int64_t token_;
  absl::Time expiry_;
};

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_LEASE_H_

// Long work as something of its own: checks, replays, backups and the like go
// on whatever becomes of the call that started them, are kept in the store, and
// can be watched and cancelled.
//
//   operations.Start({.kind = v1::Operation::COMPACT_STORE},
//                    [store](Control& control, v1::Operation* done) {
//                      RETURN_IF_ERROR(Compact(store, control));
//                      done->mutable_compact_store()->set_...;
//                      return absl::OkStatus();
//                    });
//
// An operation is written to the store when it is accepted and when it has
// ended; how far it is in between is known to this process alone. Those that
// were under way when the daemon ended are FAILED from the next start on.
//
// Work runs on threads of its own, so many for each kind (lanes.h) that work
// which hangs holds up its own kind alone. Thread-safe.
//
// Errors: NOT_FOUND for an unknown operation; INVALID_ARGUMENT for a malformed
// name; ABORTED with ALREADY_UNDER_WAY where one of a kind is allowed;
// RESOURCE_EXHAUSTED if too many wait; UNAVAILABLE once it is stopped; those of
// the store.
#ifndef HEADWAY_DAEMON_OPERATIONS_OPERATIONS_H_
#define HEADWAY_DAEMON_OPERATIONS_OPERATIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/base/listeners.h"
#include "daemon/base/thread_pool.h"
#include "daemon/operations/lanes.h"
#include "daemon/operations/operation_log.h"
#include "daemon/store/store.h"
#include "headway/v1/operation.pb.h"

namespace headway::operations {

class Operations;
struct Entry;

// An operation as its work sees it. Thread-safe.
class Control {
 public:
  // Why the work should end, if it should. Asked between parts of the work,
  // several times a second if that can be.
  absl::Status CheckAlive() const;
  // How far the work is: absent if that is unknown, else 0 to 1; and in words.
  void Report(std::optional<double> progress, absl::string_view message);

 private:
  friend class Attended;
  friend class Operations;
  Control(Operations* owner, std::shared_ptr<Entry> entry)
      : owner_(owner), entry_(std::move(entry)) {}

  Operations* const owner_;
  const std::shared_ptr<Entry> entry_;
};

// Sets the result of `done`, of which nothing else is taken.
using Work = std::function<absl::Status(Control& control, v1::Operation* done)>;

// An operation whose work is done by whoever holds this, on threads of their
// own. Given up without an end it is CANCELLED. For one thread at a time.
class Attended {
 public:
  ~Attended();
  Attended(const Attended&) = delete;
  Attended& operator=(const Attended&) = delete;

  Control& control() { return control_; }
  // The first end counts. As of Work.
  void End(const absl::Status& status, const v1::Operation& done);

 private:
  friend class Operations;
  explicit Attended(Control control) : control_(std::move(control)) {}

  Control control_;
  bool ended_ = false;
};

class Operations {
 public:
  struct Options {
    // How many are kept; those under way always are.
    size_t keep = 1000;
    // How many may wait for their turn; more are refused.
    size_t max_waiting = 100;
  };

  // Ends what an earlier daemon left. Both must outlive it, and so must what
  // the work uses.
  static absl::StatusOr<std::unique_ptr<Operations>> Create(
      store::Store* store, Clock* clock, const Options& options);
  // Stops, and waits for the work that is left.
  ~Operations();

  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  struct Request {
    v1::Operation::Kind kind = v1::Operation::KIND_UNSPECIFIED;
    std::string subject;
    // At most 100 printable characters. If there is an operation with the same,
    // it is the answer. INVALID_ARGUMENT if that is of another kind or subject.
    // Empty: none.
    std::string request_id;
  };
  // Returns at once, with an operation that waits or runs.
  absl::StatusOr<v1::Operation> Start(const Request& request, Work work);
  // An operation that runs from now on.
  absl::StatusOr<std::unique_ptr<Attended>> Attend(const Request& request);

  absl::StatusOr<v1::Operation> Get(absl::string_view name) const;

  struct Query {
    std::optional<v1::Operation::State> state;
    std::optional<v1::Operation::Kind> kind;
    // A page ends with the one before whose size would bring it above
    // page_bytes, but has at least one.
    size_t page_size = 100;
    size_t page_bytes = size_t{3} << 20;
    // Those whose number is below this.
    int64_t before = INT64_MAX;
  };
  struct Page {
    std::vector<v1::Operation> operations;  // newest first
    // Where the next page begins; absent if there is none.
    std::optional<int64_t> before;
  };
  absl::StatusOr<Page> List(const Query& query) const;

  // Asks an operation to stop, and returns it: ended if it waited for its turn.
  // FAILED_PRECONDITION if it had ended.
  absl::StatusOr<v1::Operation> Cancel(absl::string_view name);

  // Refuses new ones, asks all to stop, and waits for their work, but not
  // longer than `grace` and not for those that are attended.
  // DEADLINE_EXCEEDED, naming those that still work.
  absl::Status Stop(absl::Duration grace);

  // Called with every new state of every operation; as Listeners says.
  using Subscription = Listeners<v1::Operation>::Subscription;
  [[nodiscard]] std::unique_ptr<Subscription> Subscribe(
      Listeners<v1::Operation>::Listener listener) {
    return listeners_.Add(std::move(listener));
  }

 private:
  friend class Attended;
  friend class Control;
  using EntryPtr = std::shared_ptr<Entry>;

  Operations(store::Store* store, Clock* clock, const Options& options);
  absl::Status Load();
  // Those that had not ended when the daemon before did.
  absl::Status EndThoseLeft(const std::vector<EntryPtr>& left)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // The operation that an earlier request with the same id started.
  absl::StatusOr<std::optional<v1::Operation>> FindRequest(
      const Request& request) const;
  absl::Status CheckLane(const Request& request) const;
  // Writes a new operation, without those that are too old then.
  absl::StatusOr<EntryPtr> Accept(const Request& request,
                                  v1::Operation::State state, Work work);
  std::vector<int64_t> TooOld() const;
  // Those whose end the store refused to hear of.
  std::vector<v1::Operation> EndedUnwritten() const;

  // Gives those their turn whose lane has room.
  void Dispatch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run(const EntryPtr& entry);
  // Writes the end, and lets the operation go.
  void End(const EntryPtr& entry, const absl::Status& status,
           const v1::Operation& done);
  v1::Operation Ended(const Entry& entry, const absl::Status& status,
                      const v1::Operation& done) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool NothingRuns() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  const Options options_;
  OperationLog log_;
  Listeners<v1::Operation> listeners_;

  // Held while one is accepted, so that two of a request make one operation.
  mutable absl::Mutex accepting_ ABSL_ACQUIRED_BEFORE(mutex_);
  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  // The request ids of those in the store, by number.
  std::map<int64_t, std::string> kept_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> by_request_ ABSL_GUARDED_BY(mutex_);
  // Those that have not ended, and those whose end could not be written.
  std::map<int64_t, EntryPtr> active_ ABSL_GUARDED_BY(mutex_);
  // In the order of their numbers.
  std::list<EntryPtr> waiting_ ABSL_GUARDED_BY(mutex_);
  std::map<const Lane*, int> running_ ABSL_GUARDED_BY(mutex_);
  // After what its threads use.
  ThreadPool pool_;
};

}  // namespace headway::operations

#endif  // HEADWAY_DAEMON_OPERATIONS_OPERATIONS_H_

// An ordered key-value engine: families of keys, atomic batches, snapshots,
// ranges. It knows nothing of series or time: the rooms above give the bytes
// their meaning (format/format.h). engine/rocks/ implements it over RocksDB.
//
// Writing. A batch is written whole or not at all, under its preconditions; it
// is seen by views made from then on, and durable when Sync has returned. To
// load in bulk, Append many batches and Sync once.
//
// Reading. A View reads one key, many keys at once, or a range through a
// Cursor, in either direction. An engine that is reached over a network answers
// each of these with one request, a range with one for each bounded page that
// its cursor reads ahead. So callers ask for many keys by GetMany and for
// neighbours by a cursor, never for one key after another in a loop. Values are
// lent where the engine has them, without a copy.
//
// Why cursors and not pages in the interface: an engine whose data are at hand
// would copy each page for nothing, or read beyond what the caller needs; one
// that pages does it behind the cursor. Only moving a cursor is a virtual call,
// which costs less than RocksDB's own calls for a step.
//
// Thread-safe, but for Cursor and PinnedValue, which belong to one thread.
// Errors name the engine's location and what an operator can do: UNAVAILABLE
// (locked by another process), PERMISSION_DENIED, NOT_FOUND (a file or folder
// is missing), RESOURCE_EXHAUSTED (disk full), DATA_LOSS (corrupt data),
// ABORTED (a precondition does not hold), INTERNAL.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_ENGINE_H_
#define HEADWAY_DAEMON_STORE_ENGINE_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/store/engine/family.h"
#include "daemon/store/engine/write_batch.h"

namespace headway::store {

class Maintenance;

// A value as the engine lends it. The memory of one is used again by the next
// read into it, which must be a read of the same engine.
struct PinnedValue {
  // Keeps the bytes where they are.
  class Pin {
   public:
    virtual ~Pin() = default;
  };

  // Good until the next read into this.
  absl::string_view bytes;
  std::unique_ptr<Pin> pin;
};

// The keys from `lower` on and before `upper`; an empty bound is none.
struct KeyRange {
  std::string lower;
  std::string upper;
  // From the greatest key to the least.
  bool descending = false;
};

// Walks a range in its order. Starts nowhere: call a Seek first. Must not
// outlive its view.
class Cursor {
 public:
  virtual ~Cursor() = default;

  // To the first entry of the range, in its order.
  virtual void SeekToFirst() = 0;
  // To the first entry at `key` or beyond it, in the order of the range.
  virtual void Seek(absl::string_view key) = 0;
  virtual void Next() = 0;

  // False behind the last entry and after an error; status() tells which.
  bool Valid() const { return valid_; }
  // Good until the cursor moves.
  absl::string_view key() const { return key_; }
  absl::string_view value() const { return value_; }
  virtual absl::Status status() const = 0;

 protected:
  // Set whenever the cursor moves.
  bool valid_ = false;
  absl::string_view key_;
  absl::string_view value_;
};

// A state of the engine that is kept for views now or later. Must not outlive
// the engine.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
};

// Reads the engine as of a snapshot, or as it is. May hold files and memory
// back, so keep a view no longer than a query. Must not outlive the engine.
class View {
 public:
  virtual ~View() = default;

  // False if there is no such key.
  virtual absl::StatusOr<bool> Get(Family family, absl::string_view key,
                                   PinnedValue* value) const = 0;
  // Empty if there is no such key.
  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 absl::string_view key) const;

  // Calls `sink` with the index and the value of each key, in their order; the
  // value is empty if there is no such key, and good until `sink` returns. The
  // first error, of the engine or of `sink`, ends it and is returned.
  virtual absl::Status GetMany(
      Family family, absl::Span<const std::string> keys,
      absl::FunctionRef<absl::Status(size_t, std::optional<absl::string_view>)>
          sink) const = 0;

  virtual std::unique_ptr<Cursor> NewCursor(Family family,
                                            KeyRange range = {}) const = 0;

  // As Engine::location.
  virtual const std::string& location() const = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Writes all of `batch` or none of it, and none if one of its preconditions
  // does not hold (ABORTED): nothing is written between the check and the
  // batch. ABORTED and, for want of space, RESOURCE_EXHAUSTED can be tried
  // again, unless final_error() says otherwise. May wait until the disk has
  // caught up with what is in memory.
  virtual absl::Status Append(const WriteBatch& batch) = 0;

  // Returns when all that was appended before is durable. Any error is final.
  virtual absl::Status Sync() = 0;

  // Not OK after an error that leaves in doubt what is on the disk: every write
  // fails from then on until the engine is opened anew, which shows whether
  // what was written last is there.
  virtual absl::Status final_error() const = 0;

  // Append and Sync.
  absl::Status Write(const WriteBatch& batch);

  // The present state.
  virtual std::shared_ptr<const Snapshot> NewSnapshot() const = 0;
  // Null: each read sees all that was appended before it.
  virtual std::unique_ptr<View> ViewOf(
      std::shared_ptr<const Snapshot> snapshot) const = 0;
  std::unique_ptr<View> NewView() const { return ViewOf(NewSnapshot()); }
  std::unique_ptr<View> LatestView() const { return ViewOf(nullptr); }

  // A number kept apart from the keys, 0 if it was never written, so that the
  // loss of a file that held the newest keys can be noticed. Written whole and
  // durably, or not at all.
  virtual absl::StatusOr<uint64_t> ReadMark() const = 0;
  virtual absl::Status WriteMark(uint64_t mark) const = 0;

  // Where the data are, as errors name it: a directory.
  virtual const std::string& location() const = 0;

  // What operators ask of the engine beside its keys.
  virtual Maintenance& maintenance() = 0;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_ENGINE_H_

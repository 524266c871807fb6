// Reading RocksDB: snapshots, views and cursors. As engine.h says.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_ROCKS_VIEW_H_
#define HEADWAY_DAEMON_STORE_ENGINE_ROCKS_VIEW_H_

#include <rocksdb/db.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/store/engine/engine.h"

namespace headway::store {

class RocksEngine;

class RocksSnapshot final : public Snapshot {
 public:
  explicit RocksSnapshot(rocksdb::DB* db);
  ~RocksSnapshot() override;
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;

  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB* const db_;
  const rocksdb::Snapshot* const snapshot_;
};

class RocksView final : public View {
 public:
  RocksView(const RocksEngine& engine,
            std::shared_ptr<const Snapshot> snapshot);
  ~RocksView() override;
  RocksView(const RocksView&) = delete;
  RocksView& operator=(const RocksView&) = delete;

  using View::Get;
  absl::StatusOr<bool> Get(Family family, absl::string_view key,
                           PinnedValue* value) const override;
  absl::Status GetMany(
      Family family, absl::Span<const std::string> keys,
      absl::FunctionRef<absl::Status(size_t, std::optional<absl::string_view>)>
          sink) const override;
  std::unique_ptr<Cursor> NewCursor(Family family,
                                    KeyRange range) const override;
  const std::string& location() const override;

 private:
  class RocksCursor;

  rocksdb::ReadOptions Options() const;
  // Iterators without bounds are used again, for making one costs more than
  // seeking with it.
  std::unique_ptr<rocksdb::Iterator> TakeIdle(Family family) const;
  void PutIdle(Family family, std::unique_ptr<rocksdb::Iterator> it) const;

  const RocksEngine& engine_;
  const std::shared_ptr<const Snapshot> snapshot_;
  // What RocksDB calls it; null without a snapshot.
  const rocksdb::Snapshot* const rocks_snapshot_;
  mutable absl::Mutex mutex_;
  mutable std::vector<std::pair<Family, std::unique_ptr<rocksdb::Iterator>>>
      idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_ROCKS_VIEW_H_

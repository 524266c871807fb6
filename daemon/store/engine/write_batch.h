// What an engine writes as one: puts and deletes of keys, and what must hold
// for them to be written.
//
// A plain container that no engine has a part in: it can be made without one,
// and be joined from parts that several threads made. Belongs to one thread.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_WRITE_BATCH_H_
#define HEADWAY_DAEMON_STORE_ENGINE_WRITE_BATCH_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "daemon/store/engine/family.h"

namespace headway::store {

// A put, or a delete, of one key. Views into what it was taken from.
struct KeyWrite {
  Family family = Family::kMeta;
  absl::string_view key;
  // Absent: the key is deleted.
  std::optional<absl::string_view> value;
};

// What must hold of one key just before a batch is written.
struct Precondition {
  Family family = Family::kMeta;
  std::string key;
  // The value that the key must have; absent: there must be no such key.
  std::optional<std::string> value;
};

class WriteBatch {
 public:
  // Of several writes of one key the last one holds.
  void Put(Family family, absl::string_view key, absl::string_view value);
  void Delete(Family family, absl::string_view key);

  // The engine writes the batch only if there is no such key ...
  void RequireAbsent(Family family, absl::string_view key);
  // ... or if it has this value. Of what was there before the batch.
  void RequireValue(Family family, absl::string_view key,
                    absl::string_view value);

  // What is added after a save point can be taken back, or kept by popping it.
  void SetSavePoint();
  void RollbackToSavePoint();
  void PopSavePoint();

  // Nothing was put or deleted.
  bool empty() const { return writes_.empty(); }
  // Of the keys and values.
  size_t bytes() const { return bytes_.size(); }

  // Adds all that `other` holds behind what is here.
  void Append(const WriteBatch& other);

  // Calls `write` with each put and delete, in order.
  void ForEach(absl::FunctionRef<void(const KeyWrite&)> write) const;
  const std::vector<Precondition>& preconditions() const {
    return preconditions_;
  }

 private:
  // Key and value lie behind one another in bytes_.
  struct Entry {
    Family family = Family::kMeta;
    bool is_put = false;
    size_t begin = 0;
    size_t key_size = 0;
    size_t value_size = 0;
  };
  struct SavePoint {
    size_t writes = 0;
    size_t bytes = 0;
    size_t preconditions = 0;
  };

  void Add(Family family, absl::string_view key,
           std::optional<absl::string_view> value);

  std::vector<Entry> writes_;
  std::string bytes_;
  std::vector<Precondition> preconditions_;
  std::vector<SavePoint> save_points_;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_WRITE_BATCH_H_

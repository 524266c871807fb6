// Writing a series that several sources write: each says what it says in a
// series of its own, and what is read is merged from those (merge.h).
//
// Belongs to the thread that commits. Errors: DATA_LOSS for a damaged block,
// and those of the engine.
#ifndef HEADWAY_DAEMON_STORE_COMMIT_CONTESTED_H_
#define HEADWAY_DAEMON_STORE_COMMIT_CONTESTED_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/series/series_info.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/write_batch.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/applied.h"
#include "daemon/store/types.h"

namespace headway::store {

// The source of the newest vintage of a series; "" if it has none.
absl::StatusOr<std::string> NewestSource(const View& view, SeriesId id);

// A series that is contested, or becomes so by what is written.
class ContestedSeries {
 public:
  // `stored` and `info` are those of the series that is read. `new_id` gives a
  // number to a new series. All must outlive this.
  ContestedSeries(const View& present, const CommitContext& context,
                  const series::SeriesInfo& info, StoredKey* stored,
                  std::function<SeriesId()> new_id)
      : present_(present),
        context_(context),
        info_(info),
        stored_(*stored),
        new_id_(std::move(new_id)) {}

  // What each source says now. Returns how many observations that changes of
  // what is read, and adds the sources' own series that change to `changed`.
  // Merges if one does, or if `merge` says so.
  using Sayings = std::map<std::string, std::vector<const VintageUpdate*>>;
  absl::StatusOr<int64_t> Apply(const Sayings& sayings, bool merge,
                                std::vector<SeriesId>* changed,
                                WriteBatch* out);
  // Merges again what the sources said before: a precedence is another.
  absl::StatusOr<int64_t> MergeAgain(WriteBatch* out);

 private:
  // Gives each source that wrote the series so far a series of its own.
  absl::Status Divide(WriteBatch* out);
  absl::Status CopyHistory(SeriesId to, WriteBatch* out) const;
  // Enters the own series of `source`, and returns its number.
  SeriesId AddOwn(absl::string_view source, const series::SeriesInfo& info,
                  WriteBatch* out) const;
  absl::StatusOr<int64_t> Say(const View& view, const std::string& source,
                              std::vector<const VintageUpdate*> updates,
                              std::vector<SeriesId>* changed,
                              WriteBatch* out) const;
  absl::StatusOr<int64_t> MergeFrom(const View& view, WriteBatch* out) const;

  const View& present_;
  const CommitContext& context_;
  const series::SeriesInfo& info_;
  StoredKey& stored_;
  const std::function<SeriesId()> new_id_;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_COMMIT_CONTESTED_H_

#include "daemon/store/history/timeline.h"

#include <algorithm>

#include "daemon/base/status_macros.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/append.h"
#include "daemon/store/history/head.h"
#include "daemon/store/history/insert.h"

namespace headway::store {

absl::StatusOr<Applied> ApplyUpdates(const View& view, SeriesId id,
                                     std::vector<const VintageUpdate*> updates,
                                     const CommitContext& context,
                                     WriteBatch* batch) {
  std::stable_sort(updates.begin(), updates.end(),
                   [](const VintageUpdate* a, const VintageUpdate* b) {
                     return a->known_at < b->known_at;
                   });
  PinnedValue bytes;
  PackedHead head;
  head.frequency = updates.front()->info.key.frequency;
  ASSIGN_OR_RETURN(bool is_there, GetHead(view, id, &bytes));
  if (!is_there) {
    return AppendInOrder(id, updates, context, &head, Applied().newest_known_at,
                         batch);
  }
  absl::Status status = UnpackHead(bytes.bytes, &head);
  if (!status.ok()) return DescribeDamage(view, id, status);
  ASSIGN_OR_RETURN(Micros newest, KnownAt(head));
  return KnownAt(*updates.front()) > newest
             ? AppendInOrder(id, updates, context, &head, newest, batch)
             : InsertBetween(view, id, updates, context, &head, batch);
}

}  // namespace headway::store

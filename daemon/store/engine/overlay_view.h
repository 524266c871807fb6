// A view as it will be when a batch has been written: what a batch is prepared
// from when one part of it depends on another.
//
// Belongs to one thread. `base` and `writes` must outlive it, and `writes` must
// not change meanwhile.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_OVERLAY_VIEW_H_
#define HEADWAY_DAEMON_STORE_ENGINE_OVERLAY_VIEW_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/family.h"
#include "daemon/store/engine/write_batch.h"

namespace headway::store {

class OverlayView final : public View {
 public:
  OverlayView(const View& base, const WriteBatch& writes);

  absl::StatusOr<bool> Get(Family family, absl::string_view key,
                           PinnedValue* value) const override;
  using View::Get;
  absl::Status GetMany(
      Family family, absl::Span<const std::string> keys,
      absl::FunctionRef<absl::Status(size_t, std::optional<absl::string_view>)>
          sink) const override;
  std::unique_ptr<Cursor> NewCursor(Family family,
                                    KeyRange range = {}) const override;
  const std::string& location() const override { return base_.location(); }

 private:
  class MergingCursor;
  // Views into the batch; an absent value is a deleted key.
  using Writes = std::map<absl::string_view, std::optional<absl::string_view>>;

  const View& base_;
  std::map<Family, Writes> writes_;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_OVERLAY_VIEW_H_

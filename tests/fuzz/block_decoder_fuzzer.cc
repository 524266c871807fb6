// Any bytes decode or are refused as DATA_LOSS; what decodes is sound, and
// encodes to what decodes to the same.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "absl/strings/string_view.h"
#include "daemon/store/format/format.h"
#include "tests/fuzz/require.h"

namespace {

using headway::store::Block;
using headway::store::Columns;
using headway::store::Head;

using headway::Require;

void RequireRising(const std::vector<int32_t>& ordinals) {
  for (size_t i = 1; i < ordinals.size(); ++i) {
    Require(ordinals[i - 1] < ordinals[i]);
  }
}

void RequireSound(const Columns& columns) {
  Require(columns.ordinals.size() == columns.values.size());
  RequireRising(columns.ordinals);
  RequireRising(columns.withdrawn);
  for (double value : columns.values) Require(std::isfinite(value));
}

template <typename T>
void RequireDataLoss(const absl::StatusOr<T>& decoded) {
  Require(decoded.ok() ||
          decoded.status().code() == absl::StatusCode::kDataLoss);
}

void RequireComesBack(const Block& block) {
  RequireSound(block.columns);
  RequireRising(block.said);
  const absl::StatusOr<Block> again =
      headway::store::DecodeBlock(headway::store::EncodeBlock(block));
  Require(again.ok() && again->columns == block.columns);
}

void RequireComesBack(const Head& head) {
  RequireSound(head.state);
  for (const auto& undo : head.recent) RequireSound(undo.stood);
  const absl::StatusOr<Head> again =
      headway::store::DecodeHead(headway::store::EncodeHead(head));
  Require(again.ok() && again->state == head.state &&
          again->recent.size() == head.recent.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace store = headway::store;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  RequireDataLoss(store::DecodeBlock(bytes));
  RequireDataLoss(store::DecodeVintageKey(bytes));
  RequireDataLoss(store::DecodeId(bytes));
  // A fuzzer does not find checksums, so give it a good one.
  const std::string checked = store::WithChecksum(bytes);
  const absl::StatusOr<Head> head = store::DecodeHead(checked);
  RequireDataLoss(head);
  if (head.ok()) RequireComesBack(*head);
  RequireDataLoss(store::DecodeCommit(checked));
  RequireDataLoss(store::DecodeSeriesInfo(checked));
  const absl::StatusOr<Block> block = store::DecodeBlock(checked);
  RequireDataLoss(block);
  if (block.ok()) RequireComesBack(*block);
  return 0;
}

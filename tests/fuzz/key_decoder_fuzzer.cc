// Any bytes decode as keys and as what the catalogue and the log hold, or are
// refused as DATA_LOSS. What decodes encodes to what decodes to the same; keys
// keep the order of what they stand for.
#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <tuple>

#include "absl/strings/string_view.h"
#include "daemon/store/format/format.h"
#include "tests/fuzz/require.h"

namespace {

namespace store = headway::store;
using headway::Require;
using headway::series::SeriesInfo;

// Decodes, and requires that it is refused in the right way if it is.
template <typename Decode>
auto DecodeOrDataLoss(Decode decode, absl::string_view bytes) {
  auto decoded = decode(bytes);
  Require(decoded.ok() ||
          decoded.status().code() == absl::StatusCode::kDataLoss);
  return decoded;
}

void CheckVintageKeys(absl::string_view bytes) {
  const absl::string_view rest =
      bytes.substr(std::min<size_t>(bytes.size(), 24));
  const auto a = DecodeOrDataLoss(store::DecodeVintageKey, bytes.substr(0, 24));
  const auto b = DecodeOrDataLoss(store::DecodeVintageKey, rest);
  if (!a.ok() || !b.ok()) return;
  Require(store::EncodeVintageKey(*a) == bytes.substr(0, 24));
  // By series, then the newest first.
  const auto order = [](const store::VintageKey& key) {
    return std::tuple(key.series, ~key.known_at, ~key.recorded_at);
  };
  Require((order(*a) < order(*b)) == (bytes.substr(0, 24) < rest));
}

void CheckId(absl::string_view bytes) {
  const auto id = DecodeOrDataLoss(store::DecodeId, bytes);
  if (id.ok()) Require(store::EncodeId(*id) == bytes);
}

// A fuzzer does not find checksums, so it is given good ones.
void CheckCommit(absl::string_view body) {
  const auto commit =
      DecodeOrDataLoss(store::DecodeCommit, store::WithChecksum(body));
  if (!commit.ok()) return;
  const auto again = store::DecodeCommit(store::EncodeCommit(*commit));
  Require(again.ok() && again->recorded_at == commit->recorded_at &&
          again->provenance == commit->provenance &&
          again->changed_series == commit->changed_series);
}

absl::StatusOr<SeriesInfo> CheckSeriesInfo(absl::string_view body) {
  absl::StatusOr<SeriesInfo> info =
      DecodeOrDataLoss(store::DecodeSeriesInfo, store::WithChecksum(body));
  if (!info.ok()) return info;
  const auto again = store::DecodeSeriesInfo(store::EncodeSeriesInfo(*info));
  Require(again.ok() && *again == *info);
  return info;
}

// The first byte says where the second series begins.
void CheckOrderedKeys(absl::string_view bytes) {
  if (bytes.empty()) return;
  const size_t first = static_cast<unsigned char>(bytes[0]);
  bytes.remove_prefix(1);
  const auto a = CheckSeriesInfo(bytes.substr(0, first));
  const auto b = CheckSeriesInfo(bytes.substr(std::min(first, bytes.size())));
  if (!a.ok() || !b.ok()) return;
  for (const SeriesInfo* info : {&*a, &*b}) {
    // Others are not let into the store.
    if (!headway::series::CheckMetric(info->key.metric).ok()) return;
  }
  const std::string key_a = store::EncodeOrderedKey(a->key);
  const std::string key_b = store::EncodeOrderedKey(b->key);
  Require((key_a < key_b) == (a->key < b->key));
  Require((key_a == key_b) == (a->key == b->key));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckVintageKeys(bytes);
  CheckId(bytes);
  CheckCommit(bytes);
  CheckOrderedKeys(bytes);
  return 0;
}

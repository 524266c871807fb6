#include "daemon/store/format/bit_packing.h"

#include <array>
#include <bit>
#include <utility>

namespace headway::store {
namespace {

static_assert(std::endian::native == std::endian::little);

using Unpacker = void (*)(const char*, size_t, uint64_t*);

template <int width>
void Unpack(const char* bytes, size_t groups, uint64_t* out) {
  for (; groups > 0; --groups, bytes += width, out += kGroup) {
    UnpackGroup<width>(bytes, out);
  }
}

template <int... widths>
constexpr std::array<Unpacker, sizeof...(widths)> MakeUnpackers(
    std::integer_sequence<int, widths...>) {
  return {Unpack<widths>...};
}

constexpr auto kUnpackers =
    MakeUnpackers(std::make_integer_sequence<int, kMaxPackedWidth + 1>());

}  // namespace

int WidthOf(uint64_t largest) {
  const int width = std::bit_width(largest);
  return width <= kMaxPackedWidth ? width : 64;
}

bool IsWidth(int width) {
  return (width >= 0 && width <= kMaxPackedWidth) || width == 64;
}

void AppendPacked(const uint64_t* numbers, size_t count, int width,
                  std::string* out) {
  const size_t start = out->size();
  // Words are written whole, the last one beyond the end.
  out->resize(start + PackedBytes(count, width) + sizeof(uint64_t));
  char* to = out->data() + start;
  uint64_t pending = 0;
  int bits = 0;
  for (size_t i = 0; i < count; ++i) {
    pending |= numbers[i] << bits;
    bits += width;
    if (bits >= 64) {
      std::memcpy(to, &pending, sizeof(pending));
      to += sizeof(pending);
      bits -= 64;
      pending = bits == 0 ? 0 : numbers[i] >> (width - bits);
    }
  }
  std::memcpy(to, &pending, sizeof(pending));
  out->resize(start + PackedBytes(count, width));
}

PackedBlock::PackedBlock(absl::string_view bytes, const char* readable_end,
                         size_t count, int width)
    : data_(bytes.data()) {
  const size_t groups = (count + kGroup - 1) / kGroup;
  const size_t needed = groups * static_cast<size_t>(width) + kPackedSlack;
  if (bytes.size() + static_cast<size_t>(readable_end - bytes.end()) >=
      needed) {
    return;
  }
  std::memset(padded_, 0, needed);
  if (!bytes.empty()) std::memcpy(padded_, bytes.data(), bytes.size());
  data_ = padded_;
}

void UnpackGroups(const char* bytes, size_t groups, int width, uint64_t* out) {
  const Unpacker unpack = width == 64 ? Unpack<64> : kUnpackers[width];
  unpack(bytes, groups, out);
}

}  // namespace headway::store

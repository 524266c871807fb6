#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "daemon/store/format/bit_packing.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/value_block.h"

namespace headway::store {
namespace {

size_t VarintBytes(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

size_t ZigzagBytes(int64_t value) {
  // One bit more than the number itself, for the sign.
  const uint64_t magnitude = static_cast<uint64_t>(value ^ (value >> 63));
  return (static_cast<size_t>(std::bit_width(magnitude)) + 7) / 7;
}

// The width and the numbers; nothing of a single one, which is the least.
size_t PackedFrameBytes(size_t count, int width) {
  return count < 2 ? 0 : 1 + PackedBytes(count, width);
}

void AppendPackedFrame(const uint64_t* offsets, size_t count, int width,
                       std::string* out) {
  if (count < 2) return;
  out->push_back(static_cast<char>(width));
  AppendPacked(offsets, count, width, out);
}

double FromWhole(double whole, int scale) {
  return scale >= kUnitScale ? whole / kPowersOfTen[scale - kUnitScale]
                             : whole * kPowersOfTen[kUnitScale - scale];
}

// whole[i] becomes the number that values[i] is at the scale, or is near to.
// Returns whether every value comes back from its number, provided that these
// are at most kMaxNumber.
bool Scale(const double* values, size_t count, int scale, double* whole) {
  uint64_t lost = 0;
  if (scale >= kUnitScale) {
    const double power = kPowersOfTen[scale - kUnitScale];
    for (size_t i = 0; i < count; ++i) {
      whole[i] = (values[i] * power + kRounder) - kRounder;
      lost |= Bits(whole[i] / power) ^ Bits(values[i]);
    }
  } else {
    const double power = kPowersOfTen[kUnitScale - scale];
    for (size_t i = 0; i < count; ++i) {
      whole[i] = (values[i] / power + kRounder) - kRounder;
      lost |= Bits(whole[i] * power) ^ Bits(values[i]);
    }
  }
  return lost == 0;
}

constexpr int kNoScale = kMaxScale + 1;
constexpr int64_t kLongNumber = 100'000'000'000'000;

// The least scale at which a value comes back; kNoScale if its number would be
// so long that its bits are as short.
int ScaleOf(double value) {
  if (Bits(value) == 0) return 0;
  // The largest scale that may do: whatever comes back at a lesser one does at
  // this one, too. From |value| < 2^(e + 1), and 77 / 256 for log10(2).
  const int e = static_cast<int>(Bits(value) >> 52 & 0x7FF) - 1023;
  int scale =
      kUnitScale + std::clamp((50 - e) * 77 >> 8, -kMaxPower, kMaxPower);
  double whole;
  if (!Scale(&value, 1, scale, &whole) || std::abs(whole) > kMaxNumber) {
    return kNoScale;
  }
  int64_t number = static_cast<int64_t>(whole);
  for (const auto& [zeros, power] :
       {std::pair(8, 100'000'000), {4, 10'000}, {2, 100}, {1, 10}}) {
    if (scale >= zeros && number % power == 0) {
      number /= power;
      scale -= zeros;
    }
  }
  return std::abs(number) < kLongNumber ? scale : kNoScale;
}

// One way to put a block.
struct Plan {
  int scale;
  int form;
  int width;
  size_t bytes;
  // Of the numbers or, in delta form, of their steps.
  int64_t least;
  // The numbers, unless scale is kBitsScale.
  std::array<double, kMaxBlock> whole;
};

void PlanBits(const double* values, size_t count, Plan* plan) {
  uint64_t least = Bits(values[0]), most = least;
  for (size_t i = 1; i < count; ++i) {
    least = std::min(least, Bits(values[i]));
    most = std::max(most, Bits(values[i]));
  }
  plan->scale = kBitsScale;
  plan->form = 0;
  plan->least = static_cast<int64_t>(least);
  plan->width = WidthOf(most - least);
  plan->bytes = 1 + 8 + PackedFrameBytes(count, plan->width);
}

// Fills in form, width, least and bytes by scale and numbers. False if a number
// is too large.
bool PlanFrame(size_t count, Plan* plan) {
  const auto& whole = plan->whole;
  double least = whole[0], most = whole[0];
  double least_step = std::numeric_limits<double>::max();
  double most_step = std::numeric_limits<double>::lowest();
  for (size_t i = 1; i < count; ++i) {
    const double step = whole[i] - whole[i - 1];
    least = least < whole[i] ? least : whole[i];
    most = most > whole[i] ? most : whole[i];
    least_step = least_step < step ? least_step : step;
    most_step = most_step > step ? most_step : step;
  }
  if (!(least >= -kMaxNumber && most <= kMaxNumber)) return false;
  plan->form = 0;
  plan->least = static_cast<int64_t>(least);
  plan->width = WidthOf(static_cast<uint64_t>(most - least));
  plan->bytes =
      1 + ZigzagBytes(plan->least) + PackedFrameBytes(count, plan->width);
  if (count < 2) return true;
  const int64_t step = static_cast<int64_t>(least_step);
  const int step_width = WidthOf(static_cast<uint64_t>(most_step - least_step));
  const size_t bytes = 1 + ZigzagBytes(static_cast<int64_t>(whole[0])) +
                       ZigzagBytes(step) +
                       PackedFrameBytes(count - 1, step_width);
  if (bytes < plan->bytes) {
    plan->form = kDeltaForm;
    plan->least = step;
    plan->width = step_width;
    plan->bytes = bytes;
  }
  return true;
}

// Calls sink(places after the one before, what to add to the bits) for each
// value that does not come back.
template <typename Sink>
void ForEachPatch(const double* values, size_t count, const Plan& plan,
                  Sink sink) {
  size_t before = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t off =
        Bits(values[i]) - Bits(FromWhole(plan.whole[i], plan.scale));
    if (off == 0) continue;
    sink(i - before, static_cast<int64_t>(off));
    before = i;
  }
}

// Completes a plan in which not every value comes back.
bool PlanPatches(const double* values, size_t count, Plan* plan) {
  double usable = 0;
  for (size_t i = 0; i < count; ++i) {
    double& whole = plan->whole[i];
    // A number out of reach, or of nothing near, shall not widen the frame.
    if (!(std::abs(whole) <= kMaxNumber)) whole = usable;
    usable = whole;
  }
  if (!PlanFrame(count, plan)) return false;
  size_t patches = 0;
  ForEachPatch(values, count, *plan, [&](size_t, int64_t off) {
    plan->bytes += 1 + ZigzagBytes(off);
    ++patches;
  });
  plan->form |= kPatchedForm;
  plan->bytes += VarintBytes(patches);
  return true;
}

// Trailing zeros that all numbers share go into the scale. Whether there were
// any.
bool StripCommonZeros(size_t count, Plan* plan) {
  const auto begin = plan->whole.begin(), end = begin + count;
  const auto ends_in_zero = [](double whole) {
    return static_cast<int64_t>(whole) % 10 == 0;
  };
  const auto is_zero = [](double whole) { return whole == 0; };
  const int scale = plan->scale;
  while (plan->scale > 0 && std::all_of(begin, end, ends_in_zero) &&
         !std::all_of(begin, end, is_zero)) {
    for (auto whole = begin; whole != end; ++whole) *whole /= 10;
    --plan->scale;
  }
  return plan->scale != scale;
}

// Every value comes back at the scale, and that is likely the best of plans.
bool PlanAtScale(const double* values, size_t count, int scale, Plan* plan) {
  plan->scale = scale;
  if (scale > kMaxScale || !Scale(values, count, scale, plan->whole.data()) ||
      !PlanFrame(count, plan)) {
    return false;
  }
  if (StripCommonZeros(count, plan)) PlanFrame(count, plan);
  // Long numbers may be shorter as bits.
  return plan->bytes <= 2 + 5 * count;
}

// Whether more than a stray value looks like a decimal: of a few, for blocks of
// none are common and the trial of scales takes its time.
bool HasDecimals(const double* values, size_t count) {
  const size_t stride = std::max<size_t>(1, count / 8);
  size_t decimals = 0, seen = 0;
  for (size_t i = 0; i < count; i += stride, ++seen) {
    decimals += ScaleOf(values[i]) != kNoScale;
  }
  return decimals * 4 >= seen;
}

// The best of every scale that some value needs, and of none.
void PlanByTrial(const double* values, size_t count, Plan* best) {
  PlanBits(values, count, best);
  if (!HasDecimals(values, count)) return;
  std::array<bool, kNoScale + 1> needed = {};
  for (size_t i = 0; i < count; ++i) {
    needed[static_cast<size_t>(ScaleOf(values[i]))] = true;
  }
  for (int scale = 0; scale <= kMaxScale; ++scale) {
    if (!needed[static_cast<size_t>(scale)]) continue;
    Plan plan;
    plan.scale = scale;
    const bool exact = Scale(values, count, scale, plan.whole.data());
    const bool fits =
        exact ? PlanFrame(count, &plan) : PlanPatches(values, count, &plan);
    if (fits && plan.bytes < best->bytes) *best = plan;
  }
}

// The greatest scale that some of a few values need.
int GuessScale(const double* values, size_t count) {
  int scale = ScaleOf(values[0]);
  if (count > 1) scale = std::max(scale, ScaleOf(values[count - 1]));
  if (count > 2) scale = std::max(scale, ScaleOf(values[count / 2]));
  return scale;
}

void AppendPatches(const double* values, size_t count, const Plan& plan,
                   std::string* out) {
  uint64_t patches = 0;
  ForEachPatch(values, count, plan, [&](size_t, int64_t) { ++patches; });
  AppendVarint(patches, out);
  ForEachPatch(values, count, plan, [&](size_t places, int64_t off) {
    out->push_back(static_cast<char>(places));
    AppendZigzag(off, out);
  });
}

void AppendBlock(const double* values, size_t count, const Plan& plan,
                 std::string* out) {
  out->push_back(static_cast<char>(plan.form << 6 | plan.scale));
  const uint64_t least = static_cast<uint64_t>(plan.least);
  uint64_t offsets[kMaxBlock];
  if (plan.scale == kBitsScale) {
    AppendFixed32(static_cast<uint32_t>(least), out);
    AppendFixed32(static_cast<uint32_t>(least >> 32), out);
    for (size_t i = 0; i < count; ++i) offsets[i] = Bits(values[i]) - least;
    AppendPackedFrame(offsets, count, plan.width, out);
    return;
  }
  // Numbers above those of kRounder, which is no matter to differences.
  auto number = [&](size_t i) { return Bits(plan.whole[i] + kRounder); };
  if ((plan.form & kDeltaForm) == 0) {
    AppendZigzag(plan.least, out);
    const uint64_t origin = Bits(kRounder) + least;
    for (size_t i = 0; i < count; ++i) offsets[i] = number(i) - origin;
    AppendPackedFrame(offsets, count, plan.width, out);
  } else {
    AppendZigzag(static_cast<int64_t>(plan.whole[0]), out);
    AppendZigzag(plan.least, out);
    for (size_t i = 1; i < count; ++i) {
      offsets[i - 1] = number(i) - number(i - 1) - least;
    }
    AppendPackedFrame(offsets, count - 1, plan.width, out);
  }
  if (plan.form & kPatchedForm) AppendPatches(values, count, plan, out);
}

}  // namespace

void AppendValues(absl::Span<const double> values, std::string* out) {
  Plan plan;
  int scale = kNoScale;
  for (size_t count; !values.empty(); values.remove_prefix(count)) {
    const double* block = values.data();
    count = BlockSize(values.size());
    // Mostly that of the block before.
    if (scale > kMaxScale) scale = GuessScale(block, count);
    if (!PlanAtScale(block, count, scale, &plan)) {
      PlanByTrial(block, count, &plan);
    }
    AppendBlock(block, count, plan, out);
    scale = plan.scale;
  }
}

}  // namespace headway::store

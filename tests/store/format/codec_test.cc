#include "daemon/store/format/codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "tests/support/random_seed.h"

namespace headway::store {
namespace {

std::vector<uint64_t> Bits(const std::vector<double>& values) {
  std::vector<uint64_t> bits;
  for (double value : values) bits.push_back(std::bit_cast<uint64_t>(value));
  return bits;
}

std::string EncodedValues(const std::vector<double>& values) {
  std::string bytes;
  AppendValues(values, &bytes);
  return bytes;
}

std::string EncodedOrdinals(const std::vector<int32_t>& ordinals) {
  std::string bytes;
  AppendOrdinals(ordinals, &bytes);
  return bytes;
}

std::vector<double> ReadValues(size_t count, ByteReader* reader) {
  std::vector<double> values;
  ReadValues(count, reader, &values);
  return values;
}

std::vector<int32_t> ReadOrdinals(ByteReader* reader) {
  std::vector<int32_t> ordinals;
  ReadOrdinals(reader, &ordinals);
  return ordinals;
}

// In memory of their own, so that a sanitizer sees a read beyond the end.
std::vector<char> Exactly(absl::string_view bytes) {
  return std::vector<char>(bytes.begin(), bytes.end());
}

// Compares bits, so that -0.0 and 0.0 differ.
void ExpectValuesRoundTrip(const std::vector<double>& values) {
  const std::vector<char> bytes = Exactly(EncodedValues(values));
  ByteReader reader(absl::string_view(bytes.data(), bytes.size()));
  EXPECT_EQ(Bits(ReadValues(values.size(), &reader)), Bits(values));
  EXPECT_TRUE(reader.AtEnd());
}

void ExpectOrdinalsRoundTrip(const std::vector<int32_t>& ordinals) {
  const std::vector<char> bytes = Exactly(EncodedOrdinals(ordinals));
  ByteReader reader(absl::string_view(bytes.data(), bytes.size()));
  EXPECT_EQ(ReadOrdinals(&reader), ordinals);
  EXPECT_TRUE(reader.AtEnd());
}

void ExpectRefusedValues(size_t count, absl::string_view bytes) {
  const std::vector<char> exact = Exactly(bytes);
  ByteReader reader(absl::string_view(exact.data(), exact.size()));
  EXPECT_TRUE(ReadValues(count, &reader).empty());
  EXPECT_FALSE(reader.ok());
}

void ExpectRefusedOrdinals(absl::string_view bytes) {
  const std::vector<char> exact = Exactly(bytes);
  ByteReader reader(absl::string_view(exact.data(), exact.size()));
  EXPECT_TRUE(ReadOrdinals(&reader).empty());
  EXPECT_FALSE(reader.ok());
}

constexpr double kMax = std::numeric_limits<double>::max();
constexpr double kTiny = std::numeric_limits<double>::denorm_min();

// The first bytes of what the grammar in codec.h says.
constexpr char kUnit = 22;
constexpr char kBits = 63;
constexpr char kPatched = static_cast<char>(2 << 6);

// A finite value of any size, with any bits.
double AnyValue(std::mt19937_64* random) {
  while (true) {
    const double value = std::bit_cast<double>((*random)());
    if (std::isfinite(value)) return value;
  }
}

// A decimal of up to 17 digits before or behind the point.
double AnyDecimal(int digits, int power, std::mt19937_64* random) {
  const double limit = std::pow(10.0, digits);
  std::uniform_real_distribution<double> number(-limit, limit);
  const std::string text = std::to_string(std::llround(number(*random))) + "e" +
                           std::to_string(power);
  return std::strtod(text.c_str(), nullptr);
}

TEST(CodecTest, ValuesComeBackBitForBit) {
  ExpectValuesRoundTrip({});
  ExpectValuesRoundTrip({0.0});
  ExpectValuesRoundTrip({-0.0});
  ExpectValuesRoundTrip({0.0, -0.0});
  ExpectValuesRoundTrip({0.1, 0.2, 0.1 + 0.2});
  ExpectValuesRoundTrip({1e6, 2e6, -3e6});
  ExpectValuesRoundTrip({kMax, -kMax, kTiny, -kTiny});
  ExpectValuesRoundTrip({kMax});
  ExpectValuesRoundTrip({kTiny});
  ExpectValuesRoundTrip({std::numeric_limits<double>::min()});
  ExpectValuesRoundTrip({9007199254740992.0, -9007199254740992.0});
  ExpectValuesRoundTrip({9007199254740993.0, 1.0 / 3});
  ExpectValuesRoundTrip({0x1p51 - 1, 1 - 0x1p51});
  ExpectValuesRoundTrip({0x1p51, -0x1p51, 0x1p52, 0x1p53 + 2, 0x1p62});
  ExpectValuesRoundTrip({123456789012345.6, 0.000000000000001});
  ExpectValuesRoundTrip({1e15, 1e-15});
  ExpectValuesRoundTrip({1e22, 1e23, 1e-22, 1e-23, 1e300});
  ExpectValuesRoundTrip({1.845e24, 3.87e25, 5.0000000000001e26, 6.6e21});
}

TEST(CodecTest, ColumnsOfEveryLengthComeBack) {
  std::mt19937_64 random(TestSeed());
  for (size_t count = 0; count <= 200; ++count) {
    std::vector<double> tenths, full;
    for (size_t i = 0; i < count; ++i) {
      tenths.push_back(AnyDecimal(5, -1, &random));
      full.push_back(1 + std::ldexp(static_cast<double>(random() >> 11), -53));
    }
    ExpectValuesRoundTrip(tenths);
    ExpectValuesRoundTrip(full);
  }
}

TEST(CodecTest, NumbersOfEveryWidthComeBack) {
  std::mt19937_64 random(TestSeed());
  for (int width = 0; width <= 63; ++width) {
    const uint64_t mask = (uint64_t{1} << width) - 1;
    std::vector<double> whole, bits;
    for (int i = 0; i < 77; ++i) {
      whole.push_back(static_cast<double>(random() & mask));
      bits.push_back(
          std::bit_cast<double>((random() & mask) % 0x7FF0000000000000));
    }
    ExpectValuesRoundTrip(whole);
    ExpectValuesRoundTrip(bits);
  }
}

TEST(CodecTest, DecimalsOfAnyPrecisionComeBack) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 5000; ++round) {
    const int digits = static_cast<int>(random() % 18);
    const int power = static_cast<int>(random() % 50) - 25;
    std::vector<double> values(random() % 150);
    for (double& value : values) value = AnyDecimal(digits, power, &random);
    ExpectValuesRoundTrip(values);
  }
}

TEST(CodecTest, ColumnsOfAllKindsOfValuesComeBack) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 5000; ++round) {
    const uint64_t odd_in = 1 + random() % 100;
    std::vector<double> values(random() % 150);
    for (double& value : values) {
      value = AnyDecimal(6, -2, &random);
      if (random() % odd_in != 0) continue;
      switch (random() % 5) {
        case 0:
          value = AnyValue(&random);
          break;
        case 1:
          value = std::nextafter(value, kMax);
          break;
        case 2:
          value = -0.0;
          break;
        case 3:
          value = AnyDecimal(15, -20, &random);
          break;
        default:
          value *= 1.1;
      }
    }
    ExpectValuesRoundTrip(values);
  }
}

TEST(CodecTest, AnyFiniteBitsComeBackBitForBit) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 2000; ++round) {
    std::vector<double> values(random() % 150);
    for (double& value : values) value = AnyValue(&random);
    ExpectValuesRoundTrip(values);
  }
}

TEST(CodecTest, AValueOfFewDigitsCostsFewBytes) {
  EXPECT_EQ(EncodedValues({0}).size(), 2);
  EXPECT_EQ(EncodedValues({-6.3}).size(), 2);
  EXPECT_EQ(EncodedValues({12075.7}).size(), 4);
  EXPECT_EQ(EncodedValues({1.845e24}).size(), 3);
}

TEST(CodecTest, AnyOtherValueCostsAByteMoreThanItsBits) {
  EXPECT_EQ(EncodedValues({1.0 / 3}).size(), 9);
}

TEST(CodecTest, DecimalsCostNoMoreBitsThanTheirDigitsNeed) {
  std::vector<double> values;
  for (int i = 0; i < 1024; ++i) values.push_back((i * 7919 % 1000) / 10.0);
  // 0 to 999 tenths: ten bits each, and up to 4 bytes a block of 64.
  EXPECT_LE(EncodedValues(values).size(), 1024 * 10 / 8 + 16 * 4);
}

TEST(CodecTest, SteadyGrowthCostsTheBitsOfItsSteps) {
  std::vector<double> values;
  for (int i = 0; i < 1024; ++i) values.push_back(1e9 + i * 1000 + i % 4);
  // Steps of 997 to 1001, and up to 9 bytes a block of 64.
  EXPECT_LE(EncodedValues(values).size(), 1024 * 3 / 8 + 16 * 9);
}

TEST(CodecTest, ZerosThatNumbersShareCostNothing) {
  std::vector<double> thousands, ones;
  for (int i = 0; i < 240; ++i) {
    ones.push_back(i * 7919 % 1000);
    thousands.push_back(ones.back() * 1000);
  }
  EXPECT_EQ(EncodedValues(thousands).size(), EncodedValues(ones).size());
}

TEST(CodecTest, FinerDecimalsFurtherOnDoNotWidenWhatIsBefore) {
  std::vector<double> values;
  for (int i = 0; i < 128; ++i) values.push_back((i * 7919 % 1000) / 10.0);
  const size_t coarse = EncodedValues(values).size();
  for (int i = 0; i < 64; ++i) values.push_back((i * 7919 % 1000) / 1e6);
  EXPECT_LE(EncodedValues(values).size(), coarse + 64 * 10 / 8 + 4);
}

TEST(CodecTest, ASumOfDecimalsAmongDecimalsCostsAPatch) {
  std::vector<double> values;
  for (int i = 0; i < 64; ++i) values.push_back(i / 10.0);
  const size_t decimals = EncodedValues(values).size();
  values[3] = 0.1 + 0.2;
  // How many there are, and two bytes: where, and how far off.
  EXPECT_EQ(EncodedValues(values).size(), decimals + 1 + 2);
}

TEST(CodecTest, RegularPeriodsCostTwoToFourBytes) {
  const auto run = [](int32_t first, size_t count) {
    std::vector<int32_t> ordinals(count);
    std::iota(ordinals.begin(), ordinals.end(), first);
    return EncodedOrdinals(ordinals).size();
  };
  // Months of 2025.
  EXPECT_EQ(run(660, 1), 2);
  EXPECT_EQ(run(660, 4), 2);
  EXPECT_EQ(run(660, 24), 3);
  EXPECT_EQ(run(420, 240), 4);
  EXPECT_EQ(run(420, 10000), 4);
}

TEST(CodecTest, NoOrdinalsCostAByte) {
  EXPECT_EQ(EncodedOrdinals({}).size(), 1);
}

TEST(CodecTest, AMissingPeriodCostsTwoBytes) {
  std::vector<int32_t> ordinals(240);
  std::iota(ordinals.begin(), ordinals.end(), 0);
  const size_t regular = EncodedOrdinals(ordinals).size();
  ordinals.erase(ordinals.begin() + 100);
  // A gap and a length; there are as many bytes for how many runs there are
  // as for how many ordinals.
  EXPECT_LE(EncodedOrdinals(ordinals).size(), regular + 3);
}

TEST(CodecTest, WorkdaysCostTwoBits) {
  std::vector<int32_t> ordinals;
  for (int32_t day = 0; day < 1400; ++day) {
    if (day % 7 < 5) ordinals.push_back(day);
  }
  EXPECT_LE(EncodedOrdinals(ordinals).size(), 1000 * 2 / 8 + 8);
}

TEST(CodecTest, OrdinalsComeBack) {
  ExpectOrdinalsRoundTrip({});
  ExpectOrdinalsRoundTrip({0});
  ExpectOrdinalsRoundTrip({INT32_MIN});
  ExpectOrdinalsRoundTrip({INT32_MIN, INT32_MAX});
  ExpectOrdinalsRoundTrip({INT32_MIN, -1, 0, 1, INT32_MAX});
  ExpectOrdinalsRoundTrip({INT32_MAX - 1, INT32_MAX});
  ExpectOrdinalsRoundTrip({-7, -5, 12, 13, 14, 400});
}

TEST(CodecTest, RandomOrdinalsComeBack) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 5000; ++round) {
    std::vector<int32_t> ordinals;
    int32_t ordinal = static_cast<int32_t>(random() % 1000) - 500;
    const uint64_t widest = 1 + random() % 300;
    const uint64_t gap_in = 1 + random() % 30;
    for (size_t i = random() % 200; i > 0; --i) {
      ordinals.push_back(ordinal);
      ordinal += random() % gap_in == 0
                     ? 1 + static_cast<int32_t>(random() % widest)
                     : 1;
    }
    ExpectOrdinalsRoundTrip(ordinals);
  }
}

TEST(CodecTest, TheLongestColumnComesBack) {
  std::vector<int32_t> ordinals(kMaxColumn);
  std::iota(ordinals.begin(), ordinals.end(), -7);
  ExpectOrdinalsRoundTrip(ordinals);
  ExpectValuesRoundTrip({ordinals.begin(), ordinals.end()});
}

TEST(CodecTest, NumbersComeBack) {
  for (int64_t number : {int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{-64},
                         int64_t{64}, INT64_MAX, INT64_MIN}) {
    std::string bytes;
    AppendZigzag(number, &bytes);
    ByteReader reader(bytes);
    EXPECT_EQ(reader.ReadZigzag(), number);
    EXPECT_TRUE(reader.AtEnd());
  }
}

TEST(CodecTest, RefusesColumnsThatClaimMoreThanTheirLimit) {
  const auto varint = [](uint64_t value) {
    std::string bytes;
    AppendVarint(value, &bytes);
    return bytes;
  };
  const std::string most(64, '\x7f');
  // A run, runs and gaps.
  ExpectRefusedOrdinals("\x05" + varint(kMaxColumn - 4));
  ExpectRefusedOrdinals("\x05" + varint(UINT64_MAX));
  ExpectRefusedOrdinals("\x06" + varint(0) + varint(kMaxColumn - 1) +
                        varint(0) + varint(0));
  ExpectRefusedOrdinals("\x06" + varint(0) + varint(UINT64_MAX) + most);
  ExpectRefusedOrdinals("\x06" + varint(UINT64_MAX) + most);
  ExpectRefusedOrdinals("\x07" + varint(kMaxColumn - 1) + std::string(2, '\0'));
  ExpectRefusedOrdinals("\x07" + varint(UINT64_MAX) + std::string(2, '\0'));
  // Blocks of three bytes each: the scale, the least number, no width.
  ExpectRefusedValues(kMaxColumn + 1, std::string(kMaxColumn, '\0'));
}

TEST(CodecTest, RefusesOrdinalsBeyondTheirRange) {
  std::string last;
  AppendVarint(Zigzag(INT32_MAX) << 3, &last);
  const auto with_kind = [&](char kind) {
    std::string bytes = last;
    bytes[0] = static_cast<char>(bytes[0] | kind);
    return bytes;
  };
  ExpectRefusedOrdinals(with_kind(2));
  ExpectRefusedOrdinals(with_kind(5) + std::string(1, '\0'));
  ExpectRefusedOrdinals(with_kind(6) + std::string(4, '\0'));
  ExpectRefusedOrdinals(with_kind(7) + std::string(2, '\0'));
  std::string beyond;
  AppendVarint(Zigzag(int64_t{INT32_MAX} + 1) << 3 | 1, &beyond);
  ExpectRefusedOrdinals(beyond);
}

TEST(CodecTest, RefusesValuesThatAreNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  const uint64_t bits = std::bit_cast<uint64_t>(infinity);
  std::string bytes(1, kBits);
  AppendFixed32(static_cast<uint32_t>(bits), &bytes);
  AppendFixed32(static_cast<uint32_t>(bits >> 32), &bytes);
  ExpectRefusedValues(1, bytes);

  std::string patched(1, static_cast<char>(kUnit | kPatched));
  AppendZigzag(0, &patched);
  AppendVarint(1, &patched);
  patched.push_back(0);
  AppendZigzag(static_cast<int64_t>(bits), &patched);
  ExpectRefusedValues(1, patched);
}

TEST(CodecTest, RefusesScalesAndWidthsAndPlacesThatAreNone) {
  // 10^23, and bits that are patched.
  ExpectRefusedValues(1, absl::string_view("\x2d\0", 2));
  ExpectRefusedValues(1, std::string(1, kBits | kPatched) + std::string(9, 0));
  // Two numbers of 58 bits, and of 200.
  ExpectRefusedValues(2, std::string(1, kBits) + std::string(8, '\0') +
                             std::string(1, 58) + std::string(15, '\0'));
  ExpectRefusedValues(2, std::string(1, kUnit) + std::string(1, '\0') +
                             std::string(1, static_cast<char>(200)) +
                             std::string(50, '\0'));
  // The second of one value.
  const char second[] = {static_cast<char>(kUnit | kPatched), 0, 1, 1, 0};
  ExpectRefusedValues(1, absl::string_view(second, sizeof(second)));
}

TEST(CodecTest, ReadingAppends) {
  const std::string bytes = EncodedOrdinals({4, 5, 9}) + EncodedValues({2.5});
  ByteReader reader(bytes);
  std::vector<int32_t> ordinals = {7};
  std::vector<double> values = {-1};
  ReadOrdinals(&reader, &ordinals);
  ReadValues(1, &reader, &values);
  EXPECT_EQ(ordinals, (std::vector<int32_t>{7, 4, 5, 9}));
  EXPECT_EQ(values, (std::vector<double>{-1, 2.5}));
}

TEST(CodecTest, LeavesTheOutputAsItWasWhenTheBytesAreCutShort) {
  const std::string ordinal_bytes = EncodedOrdinals({1, 2, 5, 9, 14, 20});
  const std::string value_bytes = EncodedValues({1.5, 2.25, -3.75, 1e6});
  std::vector<int32_t> ordinals = {7};
  std::vector<double> values = {-1};
  ByteReader ordinal_reader(
      absl::string_view(ordinal_bytes).substr(0, ordinal_bytes.size() - 1));
  ByteReader value_reader(
      absl::string_view(value_bytes).substr(0, value_bytes.size() - 1));
  ReadOrdinals(&ordinal_reader, &ordinals);
  ReadValues(4, &value_reader, &values);
  EXPECT_EQ(ordinals, std::vector<int32_t>{7});
  EXPECT_EQ(values, std::vector<double>{-1});
}

TEST(CodecTest, FailsOnEveryTruncationWithoutReadingBeyond) {
  std::vector<double> values = {1.5, 2.25, -3.75, 1e6, 0.125, 7};
  for (int i = 0; i < 70; ++i) values.push_back(i % 9 == 0 ? 1.0 / 3 : i / 4.0);
  const std::string bytes =
      EncodedOrdinals({1, 2, 5, 9, 14, 20}) + EncodedValues(values);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<char> cut =
        Exactly(absl::string_view(bytes).substr(0, size));
    ByteReader reader(absl::string_view(cut.data(), cut.size()));
    ReadOrdinals(&reader);
    ReadValues(values.size(), &reader);
    EXPECT_FALSE(reader.ok()) << size;
  }
}

TEST(CodecTest, AnyBytesAreRefusedOrReadAsFiniteValuesAndRisingOrdinals) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 50000; ++round) {
    std::vector<char> bytes(random() % 80);
    for (char& byte : bytes) byte = static_cast<char>(random());
    const absl::string_view view(bytes.data(), bytes.size());
    ByteReader value_reader(view), ordinal_reader(view);
    for (double value : ReadValues(random() % 150, &value_reader)) {
      ASSERT_TRUE(std::isfinite(value));
    }
    const std::vector<int32_t> ordinals = ReadOrdinals(&ordinal_reader);
    for (size_t i = 1; i < ordinals.size(); ++i) {
      ASSERT_LT(ordinals[i - 1], ordinals[i]);
    }
  }
}

TEST(CodecTest, ADamagedByteIsRefusedOrReadAsFiniteValues) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 20000; ++round) {
    std::vector<double> values(1 + random() % 100);
    for (double& value : values) value = AnyDecimal(5, -1, &random);
    values[random() % values.size()] *= 1.1;
    std::vector<char> bytes = Exactly(EncodedValues(values));
    bytes[random() % std::min<size_t>(bytes.size(), 12)] =
        static_cast<char>(random());
    ByteReader reader(absl::string_view(bytes.data(), bytes.size()));
    for (double value : ReadValues(values.size(), &reader)) {
      ASSERT_TRUE(std::isfinite(value));
    }
  }
}

}  // namespace
}  // namespace headway::store

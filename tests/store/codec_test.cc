#include "daemon/store/codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace headway::store {
namespace {

std::vector<uint64_t> Bits(const std::vector<double>& values) {
  std::vector<uint64_t> bits(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    std::memcpy(&bits[i], &values[i], sizeof(double));
  }
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

// Compares bits, so that -0.0 and 0.0 differ.
void ExpectValuesRoundTrip(const std::vector<double>& values) {
  const std::string bytes = EncodedValues(values);
  ByteReader reader(bytes);
  EXPECT_EQ(Bits(ReadValues(values.size(), &reader)), Bits(values));
  EXPECT_TRUE(reader.AtEnd());
}

void ExpectOrdinalsRoundTrip(const std::vector<int32_t>& ordinals) {
  const std::string bytes = EncodedOrdinals(ordinals);
  ByteReader reader(bytes);
  EXPECT_EQ(ReadOrdinals(&reader), ordinals);
  EXPECT_TRUE(reader.AtEnd());
}

constexpr double kMax = std::numeric_limits<double>::max();
constexpr double kTiny = std::numeric_limits<double>::denorm_min();

TEST(CodecTest, ValuesComeBackBitForBit) {
  ExpectValuesRoundTrip({});
  ExpectValuesRoundTrip({0.0});
  ExpectValuesRoundTrip({-0.0});
  ExpectValuesRoundTrip({0.0, -0.0});
  ExpectValuesRoundTrip({0.1, 0.2, 0.30000000000000004});
  ExpectValuesRoundTrip({1e6, 2e6, -3e6});
  ExpectValuesRoundTrip({kMax, -kMax, kTiny, -kTiny});
  ExpectValuesRoundTrip({9007199254740992.0, -9007199254740992.0});
  ExpectValuesRoundTrip({9007199254740993.0, 1.0 / 3});
  ExpectValuesRoundTrip({123456789012345.6, 0.000000000000001});
  ExpectValuesRoundTrip({1e15, 1e-15});
  ExpectValuesRoundTrip({1e22, 1e300});
}

TEST(CodecTest, RandomDecimalsComeBackBitForBit) {
  std::mt19937_64 random(20240301);
  for (int round = 0; round < 2000; ++round) {
    const int digits = static_cast<int>(random() % 12);
    const double scale = std::pow(10.0, digits);
    std::vector<double> values(random() % 50);
    for (double& value : values) {
      value = static_cast<double>(static_cast<int64_t>(random() >> 24) -
                                  (int64_t{1} << 39)) /
              scale;
    }
    ExpectValuesRoundTrip(values);
  }
}

TEST(CodecTest, AnyFiniteBitsComeBackBitForBit) {
  std::mt19937_64 random(20240302);
  for (int round = 0; round < 2000; ++round) {
    std::vector<double> values;
    for (size_t i = random() % 20; i > 0; --i) {
      const uint64_t bits = random();
      double value;
      std::memcpy(&value, &bits, sizeof(value));
      if (std::isfinite(value)) values.push_back(value);
    }
    ExpectValuesRoundTrip(values);
  }
}

TEST(CodecTest, RegularPeriodsCostTheSameHoweverMany) {
  std::vector<int32_t> few(100), many(100000);
  std::iota(few.begin(), few.end(), 240);
  std::iota(many.begin(), many.end(), 240);
  EXPECT_LE(EncodedOrdinals(many).size(), EncodedOrdinals(few).size() + 2);
}

TEST(CodecTest, DecimalsCostNoMoreBitsThanTheirDigitsNeed) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back((i * 7919 % 1000) / 10.0);
  // 0 to 999 tenths: ten bits each, and a head.
  EXPECT_LE(EncodedValues(values).size(), 1000 * 10 / 8 + 8);
}

TEST(CodecTest, SteadyGrowthCostsTheBitsOfItsSteps) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(1e9 + i * 1000 + i % 4);
  EXPECT_LE(EncodedValues(values).size(), 1000 * 3 / 8 + 24);
}

TEST(CodecTest, OrdinalsComeBack) {
  ExpectOrdinalsRoundTrip({});
  ExpectOrdinalsRoundTrip({0});
  ExpectOrdinalsRoundTrip({INT32_MIN, INT32_MAX});
  ExpectOrdinalsRoundTrip({INT32_MIN, -1, 0, 1, INT32_MAX});
  ExpectOrdinalsRoundTrip({-7, -5, 12, 13, 14, 400});
}

TEST(CodecTest, RandomOrdinalsComeBack) {
  std::mt19937_64 random(20240303);
  for (int round = 0; round < 2000; ++round) {
    std::vector<int32_t> ordinals;
    int32_t ordinal = static_cast<int32_t>(random() % 1000) - 500;
    const uint64_t widest = 1 + random() % 300;
    for (size_t i = random() % 200; i > 0; --i) {
      ordinals.push_back(ordinal);
      ordinal += 1 + static_cast<int32_t>(random() % widest);
    }
    ExpectOrdinalsRoundTrip(ordinals);
  }
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

TEST(CodecTest, RefusesAColumnThatClaimsMoreThanItsLimit) {
  std::string bytes;
  AppendVarint(kMaxColumn + 1, &bytes);
  AppendZigzag(0, &bytes);
  AppendVarint(0, &bytes);
  bytes.push_back(0);
  ByteReader reader(bytes);
  EXPECT_TRUE(ReadOrdinals(&reader).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(CodecTest, RefusesOrdinalsBeyondTheirRange) {
  std::string bytes;
  AppendVarint(2, &bytes);
  AppendZigzag(INT32_MAX, &bytes);
  AppendVarint(0, &bytes);
  bytes.push_back(0);
  ByteReader reader(bytes);
  EXPECT_TRUE(ReadOrdinals(&reader).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(CodecTest, RefusesValuesThatAreNotFinite) {
  std::string bytes(1, '\0');
  const double infinity = std::numeric_limits<double>::infinity();
  bytes.append(reinterpret_cast<const char*>(&infinity), sizeof(infinity));
  ByteReader reader(bytes);
  EXPECT_TRUE(ReadValues(1, &reader).empty());
  EXPECT_FALSE(reader.ok());
}

TEST(CodecTest, FailsOnEveryTruncationWithoutReadingBeyond) {
  const std::string bytes = EncodedOrdinals({1, 2, 5, 9, 14, 20}) +
                            EncodedValues({1.5, 2.25, -3.75, 1e6, 0.125, 7});
  for (size_t size = 0; size < bytes.size(); ++size) {
    // Copied, so that a sanitizer sees a read beyond its end.
    const std::vector<char> cut(bytes.begin(), bytes.begin() + size);
    ByteReader reader(absl::string_view(cut.data(), cut.size()));
    const std::vector<int32_t> ordinals = ReadOrdinals(&reader);
    ReadValues(6, &reader);
    EXPECT_FALSE(reader.ok()) << size;
  }
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

}  // namespace
}  // namespace headway::store

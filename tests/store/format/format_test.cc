#include "daemon/store/format/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using testing::HasSubstr;

Block SomeBlock() {
  Block block;
  block.full = true;
  block.snapshot = true;
  block.commit = 300;
  block.first_covered = -12;
  block.last_covered = 700;
  block.columns = {{10, 11, 12}, {1.5, -2.25, 1.0 / 3}, {13}};
  block.said = {11, 13};
  return block;
}

Head SomeHead() {
  Head head;
  head.frequency = series::Frequency::kDaily;
  head.base = Base{-5, 6, 7};
  head.state = {{1, 2, 9}, {0.5, 0.25, 4}, {3}};
  // A day, a second and a microsecond, so that each unit of time occurs.
  head.recent.push_back({86400000000,
                         1000000,
                         12,
                         true,
                         false,
                         Coverage{.first = -1, .last = 9},
                         {{1}, {0.75}, {2}},
                         {9}});
  head.recent.push_back(
      {-1, 3600000000, 11, false, true, std::nullopt, {}, {}});
  return head;
}

void ExpectSame(const Block& a, const Block& b) {
  EXPECT_EQ(a.full, b.full);
  EXPECT_EQ(a.snapshot, b.snapshot);
  EXPECT_EQ(a.commit, b.commit);
  EXPECT_EQ(a.first_covered, b.first_covered);
  EXPECT_EQ(a.last_covered, b.last_covered);
  EXPECT_EQ(a.columns, b.columns);
  EXPECT_EQ(a.said, b.said);
}

TEST(FormatTest, ABlockComesBack) {
  auto decoded = DecodeBlock(EncodeBlock(SomeBlock()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ExpectSame(*decoded, SomeBlock());
}

TEST(FormatTest, AFullBlockThatSaysAllComesBack) {
  Block block = SomeBlock();
  block.said = {10, 11, 12, 13};
  auto decoded = DecodeBlock(EncodeBlock(block));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ExpectSame(*decoded, block);
}

TEST(FormatTest, ABlockThatIsNotFullComesBack) {
  Block block = SomeBlock();
  block.full = false;
  block.said.clear();
  auto decoded = DecodeBlock(EncodeBlock(block));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ExpectSame(*decoded, block);
}

TEST(FormatTest, AHeadComesBack) {
  const Head head = SomeHead();
  auto decoded = DecodeHead(EncodeHead(head));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->frequency, head.frequency);
  EXPECT_EQ(decoded->base->known_at, head.base->known_at);
  EXPECT_EQ(decoded->base->recorded_at, head.base->recorded_at);
  EXPECT_EQ(decoded->base->vintages_since_full, head.base->vintages_since_full);
  EXPECT_EQ(decoded->state, head.state);
  ASSERT_EQ(decoded->recent.size(), head.recent.size());
  for (size_t i = 0; i < head.recent.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(decoded->recent[i].known_at, head.recent[i].known_at);
    EXPECT_EQ(decoded->recent[i].recorded_at, head.recent[i].recorded_at);
    EXPECT_EQ(decoded->recent[i].commit, head.recent[i].commit);
    EXPECT_EQ(decoded->recent[i].snapshot, head.recent[i].snapshot);
    EXPECT_EQ(decoded->recent[i].first, head.recent[i].first);
    EXPECT_EQ(decoded->recent[i].covers, head.recent[i].covers);
    EXPECT_EQ(decoded->recent[i].stood, head.recent[i].stood);
    EXPECT_EQ(decoded->recent[i].fresh, head.recent[i].fresh);
  }
}

TEST(FormatTest, StatusesComeBackFromABlockAHeadAndWhatAHeadTakesBack) {
  using enum series::ObservationStatus;
  Block block = SomeBlock();
  block.columns.statuses.assign(block.columns.values.size(), kFinal);
  block.columns.statuses.back() = kBreak;
  EXPECT_EQ(DecodeBlock(EncodeBlock(block))->columns, block.columns);
  Head head = SomeHead();
  head.state.statuses = {kPartial, kPartial, kFinal};
  head.recent.front().stood.statuses = {kEstimated};
  const auto decoded = DecodeHead(EncodeHead(head));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->state, head.state);
  EXPECT_EQ(decoded->recent.front().stood, head.recent.front().stood);
}

// What is not in its plain form could differ from itself.
TEST(FormatTest, StatusesThatAreAllFinalAreRefused) {
  Block block = SomeBlock();
  block.columns.statuses.assign(block.columns.values.size(),
                                series::ObservationStatus::kFinal);
  EXPECT_EQ(DecodeBlock(EncodeBlock(block)).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(FormatTest, AStatusThatIsNotKnownIsRefused) {
  Block block = SomeBlock();
  block.columns.statuses.assign(block.columns.values.size(),
                                static_cast<series::ObservationStatus>(
                                    series::kLastObservationStatus + 1));
  EXPECT_EQ(DecodeBlock(EncodeBlock(block)).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(FormatTest, EveryFlippedBitOfAHeadIsNoticed) {
  const std::string bytes = EncodeHead(SomeHead());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_EQ(DecodeHead(flipped).status().code(), absl::StatusCode::kDataLoss)
        << "bit " << bit;
  }
}

TEST(FormatTest, APeriodThatHasAValueAndIsWithdrawnIsRefused) {
  Block block = SomeBlock();
  block.columns.withdrawn = {12};
  EXPECT_EQ(DecodeBlock(EncodeBlock(block)).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(FormatTest, EveryFlippedBitOfABlockIsNoticed) {
  const std::string bytes = EncodeBlock(SomeBlock());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_EQ(DecodeBlock(flipped).status().code(), absl::StatusCode::kDataLoss)
        << "bit " << bit;
  }
}

TEST(FormatTest, EveryTruncationOfABlockIsNoticed) {
  const std::string bytes = EncodeBlock(SomeBlock());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeBlock(bytes.substr(0, size)).ok()) << size;
  }
}

TEST(FormatTest, LaterVintagesAndLaterRecordingsSortFirst) {
  const std::vector<VintageKey> in_order = {
      {1, INT64_MAX, 0}, {1, 5, 9},          {1, 5, 8},         {1, 0, 7},
      {1, -1, 7},        {1, -1, INT64_MIN}, {1, INT64_MIN, 0}, {2, 5, 5},
  };
  for (size_t i = 1; i < in_order.size(); ++i) {
    EXPECT_LT(EncodeVintageKey(in_order[i - 1]), EncodeVintageKey(in_order[i]))
        << i;
  }
}

TEST(FormatTest, AVintageKeyComesBack) {
  auto key = DecodeVintageKey(EncodeVintageKey({7, -123456789, 987654321}));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->series, 7u);
  EXPECT_EQ(key->known_at, -123456789);
  EXPECT_EQ(key->recorded_at, 987654321);
}

TEST(FormatTest, AKeyOfTheWrongLengthIsRefused) {
  EXPECT_EQ(DecodeVintageKey(std::string(23, 'x')).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeId("1234567").status().code(), absl::StatusCode::kDataLoss);
}

TEST(FormatTest, OrderedKeysSortAsSeriesKeysDo) {
  std::vector<series::SeriesKey> keys = {
      MonthlySeries("a").key,
      MonthlySeries("a", {{"x", "1"}}).key,
      MonthlySeries("a", {{"x", "1"}, {"y", "1"}}).key,
      MonthlySeries("a", {{"x", "10"}}).key,
      MonthlySeries("a", {{"x", "\xC3\xA9"}}).key,
      MonthlySeries("a", {{"xx", "1"}}).key,
      MonthlySeries("aa").key,
      MonthlySeries("b").key,
  };
  series::SeriesKey daily = keys[2];
  daily.frequency = series::Frequency::kDaily;
  keys.insert(keys.begin() + 3, daily);
  for (size_t i = 1; i < keys.size(); ++i) {
    ASSERT_LT(keys[i - 1], keys[i]) << i;
    EXPECT_LT(EncodeOrderedKey(keys[i - 1]), EncodeOrderedKey(keys[i])) << i;
  }
}

TEST(FormatTest, ADescriptionComesBackWhole) {
  series::SeriesInfo info =
      MonthlySeries("price", {{"country", "C\xC3\xB4te"}, {"hs", "8542"}});
  info.unit = series::Unit::Parse("USD/FLOP").value();
  info.title = "Price of compute";
  info.description = "Two\nlines";
  info.vintage_kind = series::VintageKind::kAssumed;
  info.release_lag = absl::Hours(24 * 45);
  info.source_name = "https://example.org/?a=b";
  auto decoded = DecodeSeriesInfo(EncodeSeriesInfo(info));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, info);
}

TEST(FormatTest, ACommitComesBack) {
  const StoredCommit commit = {
      42, {"census", "census", "1.0", "abc", "run-7"}, {1, 5, 1000000}};
  auto decoded = DecodeCommit(EncodeCommit(commit));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->recorded_at, commit.recorded_at);
  EXPECT_EQ(decoded->provenance, commit.provenance);
  EXPECT_EQ(decoded->changed_series, commit.changed_series);
}

TEST(FormatTest, ThePrefixEndIsBeyondAllThatStartsWithIt) {
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd("a\xFF"), "b");
  EXPECT_EQ(PrefixEnd("\xFF\xFF"), "");
  EXPECT_EQ(PrefixEnd(""), "");
}

// Bytes with a good checksum and anything behind it: what no disk error makes,
// but an attacker or a bug can.
TEST(FormatTest, DecodersSurviveAnyBytesBehindAGoodChecksum) {
  std::mt19937_64 random(20240304);
  const std::vector<std::string> seeds = {
      EncodeBlock(SomeBlock()),
      EncodeHead(SomeHead()),
      EncodeCommit({42, {"a", "b", "c", "d", "e"}, {1, 2, 3}}),
      EncodeSeriesInfo(MonthlySeries("m", {{"a", "b"}})),
  };
  for (int round = 0; round < 20000; ++round) {
    std::string body = seeds[random() % seeds.size()].substr(4);
    for (int i = 1 + random() % 3; i > 0 && !body.empty(); --i) {
      switch (random() % 3) {
        case 0:
          body[random() % body.size()] = static_cast<char>(random());
          break;
        case 1:
          body.resize(random() % body.size());
          break;
        case 2:
          body.insert(random() % body.size(), 1, static_cast<char>(random()));
          break;
      }
    }
    const std::string bytes = WithChecksum(body);
    if (auto block = DecodeBlock(bytes); block.ok()) {
      EXPECT_TRUE(DecodeBlock(EncodeBlock(*block)).ok());
    }
    if (auto head = DecodeHead(bytes); head.ok()) {
      EXPECT_TRUE(DecodeHead(EncodeHead(*head)).ok());
    }
    DecodeCommit(bytes).status().IgnoreError();
    DecodeSeriesInfo(bytes).status().IgnoreError();
  }
}

}  // namespace
}  // namespace headway::store

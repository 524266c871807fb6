#include "daemon/ingest/protocol/framing.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace headway::ingest {
namespace {

using plugin::v1::PluginMessage;
using ::testing::HasSubstr;

absl::StatusOr<std::vector<PluginMessage>> Decode(
    absl::string_view output, size_t chunk = SIZE_MAX,
    size_t max_message_bytes = size_t{1} << 20) {
  std::vector<PluginMessage> messages;
  const auto sink = [&](const PluginMessage& message) {
    messages.push_back(message);
    return absl::OkStatus();
  };
  MessageDecoder decoder(max_message_bytes);
  for (size_t i = 0; i < output.size(); i += std::min(chunk, output.size())) {
    absl::Status status = decoder.Feed(output.substr(i, chunk), sink);
    if (!status.ok()) return status;
  }
  absl::Status status = decoder.Finish(sink);
  if (!status.ok()) return status;
  EXPECT_EQ(decoder.message_count(), static_cast<int64_t>(messages.size()));
  return messages;
}

std::string Error(absl::string_view output) {
  absl::StatusOr<std::vector<PluginMessage>> messages = Decode(output);
  EXPECT_EQ(messages.status().code(), absl::StatusCode::kInternal)
      << messages.status();
  return std::string(messages.status().message());
}

PluginMessage Checkpoint(absl::string_view state) {
  PluginMessage message;
  message.mutable_checkpoint()->set_state(std::string(state));
  return message;
}

std::string Binary(const std::vector<PluginMessage>& messages) {
  std::ostringstream out;
  out << kBinaryMagic;
  for (const PluginMessage& message : messages) {
    google::protobuf::util::SerializeDelimitedToOstream(message, &out);
  }
  return out.str();
}

std::vector<std::string> States(const std::vector<PluginMessage>& messages) {
  std::vector<std::string> states;
  for (const PluginMessage& message : messages) {
    states.push_back(message.checkpoint().state());
  }
  return states;
}

const char kTwoLines[] =
    "{\"checkpoint\":{\"state\":\"a\"}}\n"
    "{\"checkpoint\":{\"state\":\"b\"}}\n";

TEST(FramingTest, DecodesJsonLines) {
  auto messages = Decode(kTwoLines);
  ASSERT_TRUE(messages.ok()) << messages.status();
  EXPECT_THAT(States(*messages), ::testing::ElementsAre("a", "b"));
}

TEST(FramingTest, DecodesBinary) {
  auto messages = Decode(Binary({Checkpoint("a"), Checkpoint("b")}));
  ASSERT_TRUE(messages.ok()) << messages.status();
  EXPECT_THAT(States(*messages), ::testing::ElementsAre("a", "b"));
}

TEST(FramingTest, DecodesHoweverTheBytesAreCut) {
  const std::string binary =
      Binary({Checkpoint("a"), Checkpoint(std::string(300, 'x'))});
  for (size_t chunk = 1; chunk < 20; ++chunk) {
    auto lines = Decode(kTwoLines, chunk);
    ASSERT_TRUE(lines.ok()) << lines.status();
    EXPECT_THAT(States(*lines), ::testing::ElementsAre("a", "b"));
    auto messages = Decode(binary, chunk);
    ASSERT_TRUE(messages.ok()) << messages.status();
    EXPECT_EQ(messages->size(), 2u);
  }
}

TEST(FramingTest, SaysThatAValueIsNull) {
  EXPECT_THAT(
      Error(R"({"observations":{"series":"a","periods":["2024-01","2024-02"],)"
            R"("values":[5, null]}})"),
      HasSubstr("line 1 has null among its periods or values"));
  // A text may hold the word, and a member may be null.
  EXPECT_TRUE(
      Decode(R"({"observations":{"series":"[null,\"[null","periods":[],)"
             R"("values":[],"knownAt":null}})")
          .ok());
}

TEST(FramingTest, AcceptsBothSpellingsOfAFieldName) {
  auto messages = Decode(
      "{\"checkpoint\":{\"known_at\":\"2024-01-01T00:00:00Z\"}}\n"
      "{\"checkpoint\":{\"knownAt\":\"2024-01-01T00:00:00Z\"}}\n");
  ASSERT_TRUE(messages.ok()) << messages.status();
  EXPECT_EQ((*messages)[0].checkpoint().known_at().seconds(),
            (*messages)[1].checkpoint().known_at().seconds());
}

TEST(FramingTest, AcceptsALastLineWithoutNewlineAndSkipsBlankOnes) {
  auto messages = Decode("\n  \r\n{\"checkpoint\":{\"state\":\"a\"}}");
  ASSERT_TRUE(messages.ok()) << messages.status();
  EXPECT_THAT(States(*messages), ::testing::ElementsAre("a"));
}

TEST(FramingTest, NamesTheLineThatIsNoMessage) {
  EXPECT_THAT(Error("{\"checkpoint\":{}}\n\nhello world\n"),
              ::testing::AllOf(HasSubstr("line 3"), HasSubstr("hello world")));
}

TEST(FramingTest, RefusesAnUnknownFieldInJson) {
  EXPECT_THAT(Error("{\"checkpoint\":{\"stat\":\"a\"}}\n"),
              ::testing::AllOf(HasSubstr("line 1"), HasSubstr("stat")));
}

TEST(FramingTest, RefusesAnUnknownFieldInBinary) {
  PluginMessage message = Checkpoint("a");
  message.GetReflection()
      ->MutableUnknownFields(message.mutable_checkpoint())
      ->AddVarint(17, 1);
  EXPECT_THAT(
      Error(Binary({message})),
      ::testing::AllOf(HasSubstr("message 1"), HasSubstr("checkpoint.17")));
}

TEST(FramingTest, RefusesAnEmptyMessage) {
  EXPECT_THAT(Error("{}\n"), HasSubstr("says nothing"));
  EXPECT_THAT(Error(Binary({PluginMessage()})), HasSubstr("says nothing"));
}

TEST(FramingTest, RefusesTwoMessagesInOne) {
  EXPECT_THAT(Error("{\"checkpoint\":{},\"progress\":{}}\n"),
              HasSubstr("line 1"));
}

TEST(FramingTest, RefusesJsonThatIsNotUtf8) {
  EXPECT_THAT(Error("{\"checkpoint\":{\"state\":\"\xff\xfe\"}}\n"),
              HasSubstr("line 1"));
}

TEST(FramingTest, NamesTheMessageThatIsCutShort) {
  const std::string binary = Binary({Checkpoint("a"), Checkpoint("bcdef")});
  EXPECT_THAT(Error(binary.substr(0, binary.size() - 2)),
              ::testing::AllOf(HasSubstr("message 2"), HasSubstr("cut short")));
}

TEST(FramingTest, RefusesHalfALineAtTheEnd) {
  EXPECT_THAT(Error("{\"checkpoint\":{\"state\":"), HasSubstr("line 1"));
}

TEST(FramingTest, RefusesABrokenMagic) {
  EXPECT_THAT(Error("HEADWAY2xxxx\n"), HasSubstr("HEADWAY2"));
  EXPECT_THAT(Error("HEAD"), HasSubstr("HEAD"));
}

TEST(FramingTest, RefusesALengthThatDoesNotEnd) {
  EXPECT_THAT(Error(absl::StrCat(kBinaryMagic, std::string(10, '\xff'))),
              HasSubstr("message 1 is longer"));
}

TEST(FramingTest, RefusesAMessageBeyondTheLimitBeforeItIsThere) {
  auto line = Decode(std::string(200, 'x'), 10, 100);
  EXPECT_THAT(std::string(line.status().message()),
              HasSubstr("line 1 is longer than 100 bytes"));
  auto message = Decode(absl::StrCat(kBinaryMagic, "\xc8\x01"), 10, 100);
  EXPECT_THAT(std::string(message.status().message()),
              HasSubstr("message 1 is longer than 100 bytes"));
}

TEST(FramingTest, PutsThePlaceBeforeAnErrorOfTheSink) {
  MessageDecoder decoder;
  int seen = 0;
  absl::Status status = decoder.Feed(kTwoLines, [&](const PluginMessage&) {
    return ++seen == 2 ? absl::InternalError("bad") : absl::OkStatus();
  });
  EXPECT_EQ(status.message(), "line 2: bad");
}

// Whatever a plugin writes ends in messages or in an INTERNAL error.
void ExpectMessagesOrError(const std::string& output, size_t chunk) {
  auto messages = Decode(output, chunk);
  if (!messages.ok()) {
    EXPECT_EQ(messages.status().code(), absl::StatusCode::kInternal);
    return;
  }
  for (const PluginMessage& message : *messages) {
    EXPECT_NE(message.message_case(), PluginMessage::MESSAGE_NOT_SET);
  }
}

TEST(FramingPropertyTest, RandomBytesNeverCrash) {
  google::protobuf::LogSilencer silence;
  std::mt19937 random(20250615);
  for (int round = 0; round < 2000; ++round) {
    std::string output(random() % 200, '\0');
    for (char& c : output) c = static_cast<char>(random());
    if (round % 2 == 0) output.insert(0, kBinaryMagic.data(), 8);
    ExpectMessagesOrError(output, 1 + random() % 64);
  }
}

TEST(FramingPropertyTest, MutatedMessagesNeverCrash) {
  google::protobuf::LogSilencer silence;
  std::mt19937 random(15062025);
  PluginMessage batch;
  batch.mutable_observations()->set_series("s");
  batch.mutable_observations()->add_periods("2024-01");
  batch.mutable_observations()->add_values(1.5);
  const std::vector<std::string> seeds = {
      Binary({Checkpoint("state"), batch}),
      "{\"observations\":{\"series\":\"s\",\"periods\":[\"2024-01\"],"
      "\"values\":[1.5]}}\n{\"checkpoint\":{\"state\":\"a\"}}\n"};
  for (int round = 0; round < 4000; ++round) {
    std::string output = seeds[static_cast<size_t>(round) % seeds.size()];
    for (int change = 0; change < 1 + round % 4; ++change) {
      const size_t at = random() % output.size();
      switch (random() % 3) {
        case 0:
          output[at] = static_cast<char>(random());
          break;
        case 1:
          output.erase(at, 1 + random() % 4);
          break;
        default:
          output.insert(at, output, random() % output.size(), random() % 9);
      }
      if (output.empty()) output = "x";
    }
    ExpectMessagesOrError(output, 1 + random() % 64);
  }
}

}  // namespace
}  // namespace headway::ingest

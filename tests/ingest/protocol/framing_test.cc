#include "daemon/ingest/protocol/framing.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <google/protobuf/util/json_util.h>
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

// The one message of the line, as the general parser has it.
PluginMessage Parsed(const std::string& line) {
  PluginMessage message;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &message).ok());
  return message;
}

void ExpectAsParsed(const std::string& line) {
  auto messages = Decode(line);
  ASSERT_TRUE(messages.ok()) << messages.status();
  ASSERT_EQ(messages->size(), 1u);
  EXPECT_EQ((*messages)[0].SerializeAsString(),
            Parsed(line).SerializeAsString())
      << line;
}

TEST(FramingTest, ReadsObservationsAsTheGeneralParserDoes) {
  for (const char* number :
       {"0", "-0", "0.0", "-0.0", "7", "-7", "1.5", "0.1", "1e5", "1E+5",
        "-2.5e-7", "123456789012345", "1234567890123456", "9007199254740993.0",
        "1e308", "4.9e-324", "1.7976931348623157e308"}) {
    ExpectAsParsed(absl::StrCat(
        R"({"observations":{"series":"s","periods":["2024"],"values":[)",
        number, "]}}"));
  }
}

TEST(FramingTest, ReadsEveryMemberOfObservationsInAnyOrder) {
  ExpectAsParsed(
      R"( { "observations" : { "values" : [ 1, 2 ], "knownAt": )"
      R"("2024-01-01T00:00:00Z", "snapshot": true, "statuses": ["FINAL", 2], )"
      R"("withdrawnPeriods": ["2022"], "periods": ["2024", "2023"], )"
      R"("series": "s" } } )");
}

TEST(FramingTest, ReadsTextsOfObservationsThatAreNotPlain) {
  ExpectAsParsed(
      R"({"observations":{"series":"caf\u00e9 \"x\"","periods":["2024"],)"
      R"("values":["1.5"]}})");
  ExpectAsParsed("{\"observations\":{\"series\":\"caf\xc3\xa9\"}}");
}

TEST(FramingTest, RefusesObservationsThatAreNotJson) {
  for (const char* members :
       {R"("values":[01])", R"("values":[.5])", R"("values":[+1])",
        R"("values":[1e])", R"("values":[1e999])", R"("values":[0x10])",
        R"("values":[1 2])", R"("values":[1)", R"("periods":[2024"])",
        R"("snapshot":tru)", R"("serie":"s")"}) {
    const auto messages =
        Decode(absl::StrCat(R"({"observations":{)", members, "}}"));
    EXPECT_EQ(messages.status().code(), absl::StatusCode::kInternal) << members;
  }
}

TEST(FramingTest, LeavesNothingOfOneMessageInTheNext) {
  const PluginMessage full = Parsed(
      R"({"observations":{"series":"a","periods":["2024"],"values":[1],)"
      R"("snapshot":true,"statuses":[1],"knownAt":"2024-01-01T00:00:00Z"}})");
  const PluginMessage bare = Parsed(R"({"observations":{"series":"b"}})");
  auto binary = Decode(Binary({full, bare}));
  ASSERT_TRUE(binary.ok()) << binary.status();
  EXPECT_EQ((*binary)[1].SerializeAsString(), bare.SerializeAsString());
  auto lines = Decode(
      R"({"observations":{"series":"a","periods":["2024"],"values":[1],)"
      R"("snapshot":true,"statuses":[1],"knownAt":"2024-01-01T00:00:00Z"}})"
      "\n"
      R"({"observations":{"series":"b"}})");
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_EQ((*lines)[1].SerializeAsString(), bare.SerializeAsString());
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

// Citations over a real channel: what they give stays the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/service/indicator/reference.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using IndicatorStub = v1::IndicatorService::Stub;

class CitationTest : public ServerTest {
 protected:
  void SetUp() override {
    Write("cargo_tonnes", "A", {{"2025-01", 1}, {"2025-02", 2}});
  }

  v1::Citation Cite(const v1::CiteRequest& request) {
    v1::Citation citation;
    const grpc::Status status =
        Ask(*indicators_, &IndicatorStub::Cite, request, &citation);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return citation;
  }
  std::string CiteIndicator() {
    v1::CiteRequest request;
    request.set_indicator("indicators/cargo");
    return Cite(request).reference();
  }
  std::string CiteExpression(const std::string& expression) {
    v1::CiteRequest request;
    request.set_expression(expression);
    return Cite(request).reference();
  }

  grpc::Status Read(const std::string& reference,
                    v1::ReadCitationResponse* response) {
    v1::ReadCitationRequest request;
    request.set_reference(reference);
    return Ask(*indicators_, &IndicatorStub::ReadCitation, request, response);
  }
  // "2025-01=1 2025-02=2" of the one series.
  std::string Values(const std::string& reference) {
    v1::ReadCitationResponse response;
    const grpc::Status status = Read(reference, &response);
    if (!status.ok()) return status.error_message();
    std::string text;
    for (const auto& observation : response.series(0).observations()) {
      absl::StrAppend(&text, text.empty() ? "" : " ", observation.period(), "=",
                      observation.value());
    }
    return text;
  }
};

TEST_F(CitationTest, AnIndicatorAnswersAsItDid) {
  const std::string reference = CiteIndicator();
  EXPECT_THAT(reference, StartsWith("headway:indicators/cargo?store="));
  clock_.Advance(absl::Hours(1));
  Write("cargo_tonnes", "A", {{"2025-01", 10}, {"2025-03", 3}});
  EXPECT_EQ(Values(reference), "2025-01=1 2025-02=2");
}

TEST_F(CitationTest, ABackfillChangesNothing) {
  const std::string reference = CiteIndicator();
  clock_.Advance(absl::Hours(1));
  Write("cargo_tonnes", "A", {{"2024-12", 7}}, "2025-02-01");
  EXPECT_EQ(Values(reference), "2025-01=1 2025-02=2");
}

TEST_F(CitationTest, ALaterDefinitionChangesNothing) {
  const std::string reference = CiteIndicator();
  clock_.Advance(absl::Hours(1));
  Redefine("sum by (port) (cargo_tonnes)", "10 * sum(cargo_tonnes)");
  EXPECT_EQ(Values(reference), "2025-01=1 2025-02=2");
}

TEST_F(CitationTest, AnIndicatorThatIsGoneStillAnswers) {
  const std::string reference = CiteIndicator();
  clock_.Advance(absl::Hours(1));
  Redefine("name: \"cargo\"", "name: \"freight\"");
  EXPECT_EQ(Values(reference), "2025-01=1 2025-02=2");
}

TEST_F(CitationTest, AnExpressionAnswersAsItDid) {
  const std::string reference = CiteExpression("2 * cargo_tonnes{port=\"A\"}");
  clock_.Advance(absl::Hours(1));
  Write("cargo_tonnes", "A", {{"2025-01", 10}});
  EXPECT_EQ(Values(reference), "2025-01=2 2025-02=4");
}

TEST_F(CitationTest, TheTextNamesWhatTheAnswerRestsOn) {
  v1::CiteRequest request;
  request.set_indicator("indicators/cargo");
  const v1::Citation citation = Cite(request);
  EXPECT_THAT(
      citation.text(),
      StartsWith(
          "Cargo by port (definition 1), as known at 2025-06-15T12:00:"));
  EXPECT_THAT(citation.text(), HasSubstr(citation.reference()));
}

TEST_F(CitationTest, AnotherStoresReferenceIsRefused) {
  Reference reference = ParseReference(CiteIndicator()).value();
  reference.store = "0123";
  EXPECT_THAT(Values(FormatReference(reference)),
              HasSubstr("the reference is to store 0123"));
}

TEST_F(CitationTest, AnotherHistoryIsRefused) {
  Reference reference = ParseReference(CiteIndicator()).value();
  reference.recorded_at += absl::Seconds(1);
  EXPECT_THAT(Values(FormatReference(reference)),
              HasSubstr("is not in the history of this store"));
}

TEST_F(CitationTest, AnAnswerThatIsNotWhatItWasIsAnError) {
  Reference reference = ParseReference(CiteIndicator()).value();
  reference.digest = "0000000000000000";
  EXPECT_THAT(Values(FormatReference(reference)),
              HasSubstr("the answer is not what it was"));
}

TEST_F(CitationTest, OneSubjectIsNeeded) {
  v1::Citation citation;
  EXPECT_THAT(ViolationOf(Ask(*indicators_, &IndicatorStub::Cite,
                              v1::CiteRequest(), &citation)),
              StartsWith("indicator: or expression is needed"));
}

TEST(ReferenceTest, IsParsedBack) {
  Reference reference;
  reference.expression = "a{b=\"c&d=?\"} / 2";
  reference.store = "abcd";
  reference.commit = 17;
  reference.recorded_at = absl::FromUnixMicros(1700000000000001);
  reference.as_of = absl::FromUnixMicros(1700000000000002);
  reference.digest = "0123456789abcdef";
  EXPECT_EQ(ParseReference(FormatReference(reference)).value(), reference);
}

TEST(ReferenceTest, NamesWhatIsWrong) {
  const auto error = [](absl::string_view text) {
    return std::string(ParseReference(text).status().message());
  };
  const std::string good =
      "headway:indicators/x?store=ab&version=1&commit=2&"
      "recorded_at=2025-01-01T00:00:00Z&as_of=2025-01-01T00:00:00Z&digest=00";
  ASSERT_TRUE(ParseReference(good).ok());
  EXPECT_THAT(error("indicators/x"), HasSubstr("does not begin with"));
  EXPECT_THAT(error("headway:indicators/x"), HasSubstr("there is no \"?\""));
  EXPECT_THAT(error("headway:x?store=ab"), HasSubstr("names neither"));
  for (const auto& [from, to, message] :
       {std::tuple("store=ab&", "", "there is no store"),
        std::tuple("version=1", "version=0", "version is not a number"),
        std::tuple("commit=2", "commit=x", "commit is not a number"),
        std::tuple("2025-01-01T00:00:00Z&as_of", "2025&as_of", "recorded_at: "),
        std::tuple("&digest=00", "&digest=00&x=1", "\"x\" is not known"),
        std::tuple("&digest=00", "&digest=00&digest=1", "digest is there")}) {
    EXPECT_THAT(error(absl::StrReplaceAll(good, {{from, to}})),
                HasSubstr(message));
  }
}

}  // namespace
}  // namespace headway::service

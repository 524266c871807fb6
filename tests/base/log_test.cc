#include "daemon/base/log.h"

#include <gtest/gtest.h>

#include <string>

namespace headway {
namespace {

std::string Line(absl::string_view message,
                 std::initializer_list<LogField> fields = {}) {
  return FormatLogLine(absl::FromUnixMicros(1709620200123456),
                       LogLevel::kWarning, message, fields);
}

TEST(LogTest, IsOneLineOfFields) {
  EXPECT_EQ(Line("plugin parked", {{"plugin", "census"}, {"crashes", "5"}}),
            "2024-03-05T06:30:00.123456Z warning msg=\"plugin parked\" "
            "plugin=census crashes=5");
}

TEST(LogTest, QuotesWhatWouldBreakTheLine) {
  EXPECT_EQ(Line("m", {{"a", ""},
                       {"b", "x y"},
                       {"c", "say \"hi\""},
                       {"d", "1=2"},
                       {"e", "back\\slash"}}),
            "2024-03-05T06:30:00.123456Z warning msg=m a=\"\" b=\"x y\" "
            "c=\"say \\\"hi\\\"\" d=\"1=2\" e=\"back\\\\slash\"");
}

TEST(LogTest, AFieldCannotForgeALine) {
  const std::string line =
      Line("m", {{"a", "x\n2024 error msg=forged\r\x1b["}});
  EXPECT_EQ(line.find_first_of("\n\r\x1b"), std::string::npos) << line;
}

TEST(LogTest, KeepsUtf8) {
  EXPECT_NE(Line("m", {{"a", "caf\xC3\xA9"}}).find("caf\xC3\xA9"),
            std::string::npos);
}

}  // namespace
}  // namespace headway

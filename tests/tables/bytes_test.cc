#include "daemon/tables/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headway::tables {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string DecodeRefusal(absl::string_view bytes,
                          std::optional<Encoding> encoding = std::nullopt) {
  const auto text = DecodeTable(bytes, encoding);
  EXPECT_FALSE(text.ok());
  return std::string(text.status().message());
}

std::string Utf16(absl::string_view ascii, bool big_endian) {
  std::string bytes;
  for (const char c : ascii) {
    if (big_endian) bytes += '\0';
    bytes += c;
    if (!big_endian) bytes += '\0';
  }
  return bytes;
}

TEST(BytesTest, DropsAByteOrderMark) {
  EXPECT_EQ(*DecodeTable("\xEF\xBB\xBF"
                         "a,b\n"),
            "a,b\n");
}

TEST(BytesTest, KnowsUtf16ByItsByteOrderMark) {
  EXPECT_EQ(*DecodeTable("\xFF\xFE" + Utf16("a,b\n", false)), "a,b\n");
  EXPECT_EQ(*DecodeTable("\xFE\xFF" + Utf16("a,b\n", true)), "a,b\n");
}

TEST(BytesTest, ReadsPairsOfUtf16) {
  // U+1F30D and U+20AC.
  EXPECT_EQ(*DecodeTable(absl::string_view("\x3C\xD8\x0D\xDF\xAC\x20", 6),
                         Encoding::kUtf16Le),
            "\U0001F30D\u20AC");
  EXPECT_THAT(
      DecodeRefusal(absl::string_view("\x3C\xD8", 2), Encoding::kUtf16Le),
      HasSubstr("not UTF-16"));
}

TEST(BytesTest, ReadsOneByteEncodingsWhenTold) {
  EXPECT_EQ(*DecodeTable("caf\xE9", Encoding::kLatin1), "caf\u00E9");
  EXPECT_EQ(*DecodeTable("\x80", Encoding::kWindows1252), "\u20AC");
  EXPECT_THAT(DecodeRefusal("\x81", Encoding::kWindows1252),
              HasSubstr("no letter"));
}

TEST(BytesTest, NamesTheLineThatIsNotUtf8) {
  EXPECT_THAT(DecodeRefusal("a\nb\ncaf\xE9\n"),
              StartsWith("3: the text is not UTF-8"));
}

TEST(BytesTest, SuspectsUtf16BehindZeroBytes) {
  EXPECT_THAT(DecodeRefusal(Utf16("a,b\n", false)), HasSubstr("utf-16"));
}

TEST(BytesTest, NamesWhatIsNoTable) {
  EXPECT_THAT(DecodeRefusal("\x1F\x8B\x08"), HasSubstr("gzip"));
  EXPECT_THAT(DecodeRefusal("PK\x03\x04..."),
              HasSubstr("Excel workbook (.xlsx)"));
  EXPECT_THAT(DecodeRefusal("\xD0\xCF\x11\xE0..."), HasSubstr("(.xls)"));
  EXPECT_THAT(DecodeRefusal("%PDF-1.7"), HasSubstr("PDF"));
  EXPECT_THAT(DecodeRefusal("\n <!DOCTYPE html><html>"), HasSubstr("HTML"));
  EXPECT_THAT(DecodeRefusal("<?xml version=\"1.0\"?>"), HasSubstr("XML"));
  EXPECT_THAT(DecodeRefusal("{\"a\": 1}"), HasSubstr("JSON"));
}

TEST(BytesTest, KnowsEncodingsByName) {
  EXPECT_EQ(*ParseEncoding("UTF-16"), Encoding::kUtf16Le);
  EXPECT_EQ(*ParseEncoding("iso-8859-1"), Encoding::kLatin1);
  EXPECT_THAT(ParseEncoding("ebcdic").status().message(),
              HasSubstr("write utf-8, utf-16"));
}

}  // namespace
}  // namespace headway::tables

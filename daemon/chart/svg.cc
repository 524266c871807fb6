#include "daemon/chart/svg.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "daemon/base/utf8.h"

namespace headway::chart {
namespace {

// Of text of 12 pixels in common sans-serif fonts. A convention.
constexpr double kCharacterWidth = 6.7;

// Lines have colours of Okabe and Ito, which the colour-blind tell apart. They
// are written out, since not every program that shows SVG knows variables.
constexpr absl::string_view kStyle = R"(
.hc{font:12px system-ui,sans-serif}
.hc-bg{fill:#fff}
.hc-title{fill:#1b1b1b;font-size:15px;font-weight:600}
.hc-name{fill:#1b1b1b}
.hc-tick{fill:#5a5a5a}
.hc-grid{stroke:#e2e2e2;fill:none}
.hc-axis{stroke:#5a5a5a;fill:none}
.hc-mark{stroke:#5a5a5a;stroke-dasharray:3 3;fill:none}
.hc-line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
.hc-dashed{stroke-dasharray:6 4}
.hc-faint{stroke-width:1;opacity:.35}
.hc-band{stroke:none;opacity:.2}
.hc-s1{stroke:#1b1b1b}.hc-s2{stroke:#0072b2}.hc-s3{stroke:#b34700}
.hc-s4{stroke:#007a5a}.hc-s5{stroke:#9c4f83}
.hc-f1{fill:#1b1b1b}.hc-f2{fill:#0072b2}.hc-f3{fill:#b34700}
.hc-f4{fill:#007a5a}.hc-f5{fill:#9c4f83}
@media (prefers-color-scheme:dark){
.hc-bg{fill:#16181c}
.hc-title,.hc-name{fill:#eee}
.hc-tick{fill:#b4b4b4}
.hc-grid{stroke:#34373d}
.hc-axis,.hc-mark{stroke:#b4b4b4}
.hc-s1{stroke:#eee}.hc-s2{stroke:#56b4e9}.hc-s3{stroke:#f0954a}
.hc-s4{stroke:#3cc8a0}.hc-s5{stroke:#dc9cc8}
.hc-f1{fill:#eee}.hc-f2{fill:#56b4e9}.hc-f3{fill:#f0954a}
.hc-f4{fill:#3cc8a0}.hc-f5{fill:#dc9cc8}
}
)";

bool IsAllowed(absl::string_view character) {
  const unsigned char first = character[0];
  return first >= 0x20 || first == '\t' || first == '\n';
}

void AppendEscaped(absl::string_view character, std::string* out) {
  if (character == "&") {
    *out += "&amp;";
  } else if (character == "<") {
    *out += "&lt;";
  } else if (character == ">") {
    *out += "&gt;";
  } else if (character == "\"") {
    *out += "&quot;";
  } else if (character == "'") {
    *out += "&#39;";
  } else {
    absl::StrAppend(out, IsAllowed(character) ? character : "?");
  }
}

// The characters of `text`; a byte that is no UTF-8 is one by itself.
std::vector<absl::string_view> Characters(absl::string_view text) {
  std::vector<absl::string_view> characters;
  while (!text.empty()) {
    const size_t length = std::max<size_t>(Utf8Length(text), 1);
    characters.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return characters;
}

absl::string_view AnchorName(Anchor anchor) {
  switch (anchor) {
    case Anchor::kStart:
      return "start";
    case Anchor::kMiddle:
      return "middle";
    case Anchor::kEnd:
      return "end";
  }
  return "start";
}

}  // namespace

std::string EscapeText(absl::string_view text) {
  std::string escaped;
  for (const absl::string_view character : Characters(text)) {
    if (Utf8Length(character) == 0) {
      escaped += '?';
    } else {
      AppendEscaped(character, &escaped);
    }
  }
  return escaped;
}

std::string Coordinate(double pixels) {
  std::string text = absl::StrFormat("%.1f", pixels);
  if (absl::string_view(text).substr(text.size() - 2) == ".0") {
    text.resize(text.size() - 2);
  }
  return text == "-0" ? "0" : text;
}

double TextWidth(absl::string_view text) {
  return kCharacterWidth * static_cast<double>(Characters(text).size());
}

std::string Shortened(absl::string_view text, double width) {
  if (TextWidth(text) <= width) return std::string(text);
  std::string cut;
  double used = kCharacterWidth;
  for (const absl::string_view character : Characters(text)) {
    used += kCharacterWidth;
    if (used > width) break;
    absl::StrAppend(&cut, character);
  }
  return absl::StrCat(absl::StripTrailingAsciiWhitespace(cut), "…");
}

std::string TextAt(double x, double y, Anchor anchor, absl::string_view name,
                   absl::string_view text) {
  return absl::StrCat("<text class=\"hc-", name, "\" x=\"", Coordinate(x),
                      "\" y=\"", Coordinate(y), "\" text-anchor=\"",
                      AnchorName(anchor), "\">", EscapeText(text), "</text>\n");
}

std::string PathOf(absl::string_view data, absl::string_view classes) {
  return absl::StrCat("<path class=\"", classes, "\" d=\"", data, "\"/>\n");
}

std::vector<std::string> Wrapped(absl::string_view text, double width) {
  std::vector<std::string> lines(1);
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    std::string longer =
        absl::StrCat(lines.back(), lines.back().empty() ? "" : " ", word);
    if (TextWidth(longer) <= width || lines.back().empty()) {
      lines.back() = Shortened(longer, width);
    } else {
      lines.push_back(Shortened(word, width));
    }
  }
  return lines;
}

std::string DocumentOf(const Document& document, absl::string_view body) {
  const std::string size =
      absl::StrCat(Coordinate(document.width), "\" height=\"",
                   Coordinate(document.height), "\"");
  return absl::StrCat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"hc\" role=\"img\" "
      "aria-labelledby=\"hc-title hc-desc\" viewBox=\"0 0 ",
      Coordinate(document.width), " ", Coordinate(document.height),
      "\" width=\"", size, ">\n<title id=\"hc-title\">",
      EscapeText(document.title), "</title>\n<desc id=\"hc-desc\">",
      EscapeText(document.description), "</desc>\n<style>", kStyle,
      "</style>\n<rect class=\"hc-bg\" width=\"", size, "/>\n", body,
      "</svg>\n");
}

}  // namespace headway::chart

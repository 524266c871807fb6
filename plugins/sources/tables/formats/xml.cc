#include "plugins/sources/tables/formats/xml.h"

#include <libxml/xmlerror.h>
#include <libxml/xmlreader.h>

#include <climits>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::formats {
namespace {

std::string Text(const xmlChar* text) {
  return text == nullptr ? std::string()
                         : std::string(reinterpret_cast<const char*>(text));
}

// libxml2 says what is wrong to this, and not to standard error.
void Collect(void* user, const char* message, xmlParserSeverities,
             xmlTextReaderLocatorPtr locator) {
  auto* problem = static_cast<std::string*>(user);
  if (!problem->empty()) return;
  *problem = absl::StrCat("line ", xmlTextReaderLocatorLineNumber(locator),
                          ": ", absl::StripAsciiWhitespace(message));
}

class Reader {
 public:
  Reader(xmlTextReaderPtr reader, const XmlHandler& handler)
      : reader_(reader), handler_(handler) {}

  // Handles the node at which the reader stands.
  absl::Status Handle() {
    switch (xmlTextReaderNodeType(reader_)) {
      case XML_READER_TYPE_DOCUMENT_TYPE:
        return absl::InvalidArgumentError(
            "it has a document type (DOCTYPE), which data have no need of");
      case XML_READER_TYPE_ELEMENT:
        return Start();
      case XML_READER_TYPE_END_ELEMENT:
        return handler_.on_end(Name());
      case XML_READER_TYPE_TEXT:
      case XML_READER_TYPE_CDATA:
      case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        handler_.on_text(Text(xmlTextReaderConstValue(reader_)));
        return absl::OkStatus();
      default:
        return absl::OkStatus();
    }
  }

 private:
  std::string Name() const {
    return Text(xmlTextReaderConstLocalName(reader_));
  }

  absl::Status Start() {
    const std::string name = Name();
    const bool is_empty = xmlTextReaderIsEmptyElement(reader_) == 1;
    XmlAttributes attributes;
    while (xmlTextReaderMoveToNextAttribute(reader_) == 1) {
      attributes[Text(xmlTextReaderConstName(reader_))] =
          Text(xmlTextReaderConstValue(reader_));
    }
    RETURN_IF_ERROR(handler_.on_start(name, attributes));
    return is_empty ? handler_.on_end(name) : absl::OkStatus();
  }

  xmlTextReaderPtr reader_;
  const XmlHandler& handler_;
};

}  // namespace

absl::Status ReadXml(absl::string_view text, absl::string_view what,
                     const XmlHandler& handler) {
  const auto fail = [&](absl::string_view problem) {
    return absl::InvalidArgumentError(absl::StrCat(what, ": ", problem));
  };
  if (text.size() > INT_MAX) return fail("it is too long");
  // Without XML_PARSE_HUGE libxml2 bounds depth and lengths itself.
  const std::unique_ptr<xmlTextReader, void (*)(xmlTextReaderPtr)> reader(
      xmlReaderForMemory(text.data(), static_cast<int>(text.size()), nullptr,
                         nullptr, XML_PARSE_NONET),
      &xmlFreeTextReader);
  if (reader == nullptr) return fail("no memory");
  std::string problem;
  xmlTextReaderSetErrorHandler(reader.get(), &Collect, &problem);
  Reader nodes(reader.get(), handler);
  int more = 0;
  while ((more = xmlTextReaderRead(reader.get())) == 1) {
    if (absl::Status status = nodes.Handle(); !status.ok()) {
      return fail(status.message());
    }
  }
  if (more == 0 && problem.empty()) return absl::OkStatus();
  return fail(absl::StrCat("it is no well-formed XML: ", problem));
}

}  // namespace headway::formats

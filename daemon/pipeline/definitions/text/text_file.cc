#include "daemon/pipeline/definitions/text/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/suggest.h"
#include "daemon/base/utf8.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "headway/config/v1/config.pb.h"
#include "re2/re2.h"

namespace headway::pipeline {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;

// Of the enumerations within a message.
void AddValues(const Descriptor& message,
               std::vector<std::string>& candidates) {
  for (int i = 0; i < message.enum_type_count(); ++i) {
    for (int j = 0; j < message.enum_type(i)->value_count(); ++j) {
      candidates.push_back(message.enum_type(i)->value(j)->name());
    }
  }
}

// The parser says which field it does not know, not which ones it does.
std::string Suggestion(const std::string& message) {
  static const RE2* const kUnknownField =
      new RE2(R"re(Message type "([^"]+)" has no field named "([^"]+)")re");
  static const RE2* const kUnknownValue = new RE2(
      R"re(Unknown enumeration value of "([^"]+)" for field "([^"]+)")re");
  std::vector<std::string> candidates;
  std::string type, name, field_name;
  const DescriptorPool* pool = DescriptorPool::generated_pool();
  if (RE2::PartialMatch(message, *kUnknownField, &type, &name)) {
    const Descriptor* descriptor = pool->FindMessageTypeByName(type);
    for (int i = 0; descriptor && i < descriptor->field_count(); ++i) {
      candidates.push_back(descriptor->field(i)->name());
    }
  } else if (RE2::PartialMatch(message, *kUnknownValue, &name, &field_name)) {
    // The message's type is not said; enumerations are few and their values
    // carry their names.
    const auto* file = config::v1::PipelineFile::descriptor()->file();
    for (int i = 0; i < file->enum_type_count(); ++i) {
      for (int j = 0; j < file->enum_type(i)->value_count(); ++j) {
        candidates.push_back(file->enum_type(i)->value(j)->name());
      }
    }
    for (int i = 0; i < file->message_type_count(); ++i) {
      AddValues(*file->message_type(i), candidates);
    }
  }
  return DidYouMean(name, candidates);
}

// What stands at the front of `text`, which is no ASCII, and what to do.
std::string Describe(absl::string_view text) {
  std::string known = DescribeTypography(text);
  if (!known.empty()) return known;
  const size_t length = Utf8Length(text);
  if (length == 0) return "a byte is not UTF-8; save the file in that encoding";
  return absl::StrCat("\"", text.substr(0, length),
                      "\" stands outside of quotes; put the text in quotes");
}

// Names and numbers are ASCII: the parser says of anything else that it is a
// code point. Strings and comments may hold it.
std::optional<TextFileError> FindForeignCharacter(absl::string_view text) {
  Place place{1, 1};
  char quote = '\0';
  bool comment = false;
  for (size_t i = 0; i < text.size(); ++i, ++place.column) {
    const char c = text[i];
    if (c == '\n') {
      ++place.line;
      place.column = 0;
      // A string ends on its line, or the parser says so.
      quote = '\0';
      comment = false;
    } else if (comment) {
      continue;
    } else if (quote != '\0') {
      if (c == '\\') {
        ++i;
        ++place.column;
      } else if (c == quote) {
        quote = '\0';
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      comment = true;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return TextFileError{place, Describe(text.substr(i))};
    }
  }
  return std::nullopt;
}

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(std::optional<TextFileError>& error) : error_(error) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (error_.has_value()) return;
    std::string text = message;
    const std::string suggestion = Suggestion(message);
    if (!suggestion.empty() && text.back() == '.') text.pop_back();
    error_ = {Place{line + 1, column + 1}, text + suggestion};
  }

 private:
  std::optional<TextFileError>& error_;
};

}  // namespace

Place Locator::PlaceOf(const FieldDescriptor* field, int index) const {
  if (tree_ == nullptr) return self_;
  const TextFormat::ParseLocation location =
      tree_->GetLocation(field, field->is_repeated() ? index : -1);
  if (location.line < 0) return self_;
  return {location.line + 1, location.column + 1};
}

Place Locator::PlaceOfEntry(const FieldDescriptor* map,
                            const std::string& key) const {
  // By reflection, for a map's entries keep the order of the text only there.
  const google::protobuf::Reflection* reflection = message_->GetReflection();
  for (int i = reflection->FieldSize(*message_, map) - 1; i >= 0; --i) {
    const google::protobuf::Message& entry =
        reflection->GetRepeatedMessage(*message_, map, i);
    if (entry.GetReflection()->GetString(
            entry, entry.GetDescriptor()->map_key()) == key) {
      return PlaceOf(map, i);
    }
  }
  return self_;
}

Place Locator::Find(const FieldPath& path) const {
  Locator at = *this;
  for (size_t i = 0; i < path.size(); ++i) {
    const FieldDescriptor* field =
        at.message_->GetDescriptor()->FindFieldByName(path[i]);
    if (field->is_map() && i + 1 < path.size()) {
      return at.PlaceOfEntry(field, path[i + 1]);
    }
    if (i + 1 == path.size()) return at.PlaceOf(field, 0);
    at = at.Nested(path[i]);
  }
  return at.self_;
}

Locator Locator::Nested(const std::string& field, int index) const {
  const FieldDescriptor* descriptor =
      message_->GetDescriptor()->FindFieldByName(field);
  const google::protobuf::Reflection* reflection = message_->GetReflection();
  const bool repeated = descriptor->is_repeated();
  const google::protobuf::Message& nested =
      repeated ? reflection->GetRepeatedMessage(*message_, descriptor, index)
               : reflection->GetMessage(*message_, descriptor);
  const TextFormat::ParseInfoTree* tree = nullptr;
  if (tree_ != nullptr) {
    tree = tree_->GetTreeForNested(descriptor, repeated ? index : -1);
  }
  return Locator(&nested, tree, PlaceOf(descriptor, index));
}

std::optional<TextFileError> ReadTextFile(const std::string& path,
                                          google::protobuf::Message* message,
                                          TextFormat::ParseInfoTree* tree) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream.is_open() || stream.bad()) {
    return TextFileError{
        Place{}, absl::StrCat("cannot be read: ", std::strerror(errno))};
  }
  const std::string whole = text.str();
  absl::string_view content = whole;
  absl::ConsumePrefix(&content, "\xEF\xBB\xBF");
  std::optional<TextFileError> error = FindForeignCharacter(content);
  if (error.has_value()) return error;
  FirstError collector(error);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(tree);
  if (!parser.ParseFromString(std::string(content), message) &&
      !error.has_value()) {
    error = {Place{}, "is not protobuf text format"};
  }
  return error;
}

}  // namespace headway::pipeline

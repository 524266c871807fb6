#include "daemon/pipeline/definitions/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/suggest.h"
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
  }
  return DidYouMean(name, candidates);
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

Place Locator::Find(const std::string& field, int index) const {
  const FieldDescriptor* descriptor = descriptor_->FindFieldByName(field);
  if (tree_ == nullptr || descriptor == nullptr) return self_;
  const TextFormat::ParseLocation location =
      tree_->GetLocation(descriptor, descriptor->is_repeated() ? index : -1);
  if (location.line < 0) return self_;
  return {location.line + 1, location.column + 1};
}

Locator Locator::Nested(const std::string& field, int index) const {
  const FieldDescriptor* descriptor = descriptor_->FindFieldByName(field);
  const TextFormat::ParseInfoTree* tree = nullptr;
  if (tree_ != nullptr) {
    tree = tree_->GetTreeForNested(descriptor,
                                   descriptor->is_repeated() ? index : -1);
  }
  return Locator(descriptor->message_type(), tree, Find(field, index));
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
  std::optional<TextFileError> error;
  FirstError collector(error);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(tree);
  if (!parser.ParseFromString(text.str(), message) && !error.has_value()) {
    error = {Place{}, "is not protobuf text format"};
  }
  return error;
}

}  // namespace headway::pipeline

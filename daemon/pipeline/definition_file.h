// One definition file in text format: its message, and where in the text each
// field stands.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITION_FILE_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITION_FILE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {

// Counted from 1; 0 is unknown.
struct Place {
  int line = 0;
  int column = 0;
};

// Where the fields of one message stand. Must not outlive its DefinitionFile.
class Locator {
 public:
  Locator(const google::protobuf::Descriptor* descriptor,
          const google::protobuf::TextFormat::ParseInfoTree* tree, Place self)
      : descriptor_(descriptor), tree_(tree), self_(self) {}

  // The place of a field's `index`th element, or of the message itself if the
  // text does not have it.
  Place Find(const std::string& field, int index = 0) const;
  // The message in that field.
  Locator Nested(const std::string& field, int index = 0) const;
  Place self() const { return self_; }

 private:
  const google::protobuf::Descriptor* descriptor_;
  const google::protobuf::TextFormat::ParseInfoTree* tree_;
  Place self_;
};

class DefinitionFile {
 public:
  struct Error {
    Place place;
    std::string message;
  };

  // Reads and parses. The parser stops at the first error of the syntax.
  explicit DefinitionFile(std::string path);

  const std::string& path() const { return path_; }
  // Why there is no message.
  const std::optional<Error>& error() const { return error_; }
  const config::v1::PipelineFile& message() const { return message_; }
  Locator locator() const;

 private:
  void Parse(const std::string& text);

  const std::string path_;
  std::optional<Error> error_;
  config::v1::PipelineFile message_;
  google::protobuf::TextFormat::ParseInfoTree tree_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITION_FILE_H_

// Files in protobuf text format: the message in one, and where in the text each
// field stands.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_FILE_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_FILE_H_

#include <optional>
#include <string>

#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

namespace headway::pipeline {

// Counted from 1; 0 is unknown.
struct Place {
  int line = 0;
  int column = 0;
};

// Where the fields of one message stand. Must not outlive the tree.
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

struct TextFileError {
  Place place;
  std::string message;
};

// Reads and parses a file; `tree` learns where the fields stand. Nothing if all
// is well; the parser stops at the first error of the syntax.
std::optional<TextFileError> ReadTextFile(
    const std::string& path, google::protobuf::Message* message,
    google::protobuf::TextFormat::ParseInfoTree* tree);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_FILE_H_

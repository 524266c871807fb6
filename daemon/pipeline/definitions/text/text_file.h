// Reads files in protobuf text format, and tells where in the text the fields
// of their messages stand.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_TEXT_FILE_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_TEXT_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

namespace headway::pipeline {

// A place in a text. Lines and columns count from 1; 0 is unknown.
struct Place {
  int line = 0;
  int column = 0;
};

// The way from a message to what it holds: the names of fields from the outer
// one to the inner one, {"limits", "cpu_time"}. After a map of texts stands the
// key of an entry: {"config", "url"}.
using FieldPath = std::vector<std::string>;

// What is wrong with a message, and which field of it.
struct FieldError {
  FieldPath path;
  std::string message;
};

// Where the fields of one message stand in the text. Must outlive neither the
// message nor the tree.
class Locator {
 public:
  Locator(const google::protobuf::Message* message,
          const google::protobuf::TextFormat::ParseInfoTree* tree, Place self)
      : message_(message), tree_(tree), self_(self) {}

  // Where the field stands at the end of `path`. What the text does not have
  // stands where the innermost message does that the text has.
  Place Find(const FieldPath& path) const;
  // The message that is the `index`th element of a field.
  Locator Nested(const std::string& field, int index = 0) const;
  Place self() const { return self_; }

 private:
  // The place of a field's `index`th element, or self().
  Place PlaceOf(const google::protobuf::FieldDescriptor* field,
                int index) const;
  // The place of the entry of `key` that counts, the last, or self().
  Place PlaceOfEntry(const google::protobuf::FieldDescriptor* map,
                     const std::string& key) const;

  const google::protobuf::Message* message_;
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

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_TEXT_FILE_H_

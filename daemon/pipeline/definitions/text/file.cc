#include "daemon/pipeline/definitions/text/file.h"

#include <utility>

namespace headway::pipeline {

DefinitionFile::DefinitionFile(std::string path)
    : path_(std::move(path)), error_(ReadTextFile(path_, &message_, &tree_)) {
  // The parser leaves what it read before the error.
  if (error_.has_value()) message_.Clear();
}

Locator DefinitionFile::locator() const {
  // What the parser saw before an error says nothing of another message.
  return Locator(&message_, error_.has_value() ? nullptr : &tree_, Place{});
}

void DefinitionFile::Replace(config::v1::PipelineFile message) {
  message_ = std::move(message);
}

}  // namespace headway::pipeline

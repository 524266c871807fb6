#include "daemon/pipeline/definitions/file.h"

#include <utility>

namespace headway::pipeline {

DefinitionFile::DefinitionFile(std::string path)
    : path_(std::move(path)), error_(ReadTextFile(path_, &message_, &tree_)) {}

Locator DefinitionFile::locator() const {
  return Locator(config::v1::PipelineFile::descriptor(), &tree_, Place{});
}

}  // namespace headway::pipeline

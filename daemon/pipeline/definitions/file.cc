#include "daemon/pipeline/definitions/file.h"

#include <utility>

namespace headway::pipeline {

DefinitionFile::DefinitionFile(std::string path)
    : path_(std::move(path)), error_(ReadTextFile(path_, &message_, &tree_)) {}

Locator DefinitionFile::locator() const {
  return Locator(&message_, &tree_, Place{});
}

}  // namespace headway::pipeline

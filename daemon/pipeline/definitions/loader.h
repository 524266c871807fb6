// From parsed files to definitions: checks everything in them.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_LOADER_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_LOADER_H_

#include <memory>
#include <vector>

#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/definitions/text/file.h"

namespace headway::pipeline {

using DefinitionFiles = std::vector<std::unique_ptr<DefinitionFile>>;

// What the files define, with all that is wrong in `errors`; pipelines and
// indicators do not have theirs yet. Does not look at what was last valid. Pure
// but for what the options name.
Definitions LoadParsed(const DefinitionFiles& files,
                       const LoadOptions& options);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_LOADER_H_

// `headway plugin new`: a working plugin to start from.
#ifndef HEADWAY_TOOLS_HEADWAY_PLUGIN_NEW_PLUGIN_NEW_H_
#define HEADWAY_TOOLS_HEADWAY_PLUGIN_NEW_PLUGIN_NEW_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::cli {

// What the plugin is to do.
enum class PluginKind { kSource, kModel };

// Writes a plugin called `name` below `directory`, which is made if it is not
// there, in one of the languages
//   cpp     NAME/main.cc and NAME/CMakeLists.txt, which finds the installed SDK
//   python  NAME, executable, and beside it headway_plugin.py, the SDK
//   sh      NAME, executable
// A model is written in Python only.
// A name is lower-case letters, digits and hyphens. INVALID_ARGUMENT names what
// is wrong with an argument; ALREADY_EXISTS names a file that would be
// overwritten, and then nothing is written.
absl::Status WriteNewPlugin(absl::string_view name, PluginKind kind,
                            absl::string_view language,
                            absl::string_view directory);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_PLUGIN_NEW_PLUGIN_NEW_H_

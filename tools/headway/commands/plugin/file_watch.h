// Waits until a program or something beside it is saved.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_FILE_WATCH_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_FILE_WATCH_H_

#include <functional>
#include <string>
#include <vector>

namespace headway::cli {

class FileWatch {
 public:
  // Of these files, and of those that lie beside the first of them and cannot
  // be executed: its modules. Hidden ones count for nothing.
  explicit FileWatch(std::vector<std::string> files);

  // Returns at the first change since the last call, or since the beginning;
  // false if `ended` comes true before.
  bool Wait(const std::function<bool()>& ended);

 private:
  // Of all of them: their names, sizes and times.
  std::string Signature() const;

  const std::vector<std::string> files_;
  std::string seen_;
};

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_PLUGIN_FILE_WATCH_H_

// Formats the progress of a pipeline run: the text to print for each state.
//
// On a terminal, finished steps scroll by and those that run have a bar each at
// the bottom, drawn anew at every update. Elsewhere a plain line is written for
// every step that ends, and for every pull that starts, for that may take long.
// A pull that waits for its next try gets a line on both, which says until
// when. Not thread-safe.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_RUN_PROGRESS_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_RUN_PROGRESS_H_

#include <string>
#include <vector>

#include "headway/v1/pipeline.pb.h"

namespace headway::cli {

class RunProgress {
 public:
  struct Options {
    bool terminal = false;
    bool colour = false;
    int width = 120;  // in columns
  };

  explicit RunProgress(Options options) : options_(options) {}

  // What to write for this state of the run.
  std::string Update(const v1::Run& run);

 private:
  // A line for each step whose state is worth one since the last update.
  std::string ChangedSteps(const v1::Run& run);
  std::string LiveSteps(const v1::Run& run);

  const Options options_;
  // The state of each step at the last update, by its position in the run.
  std::vector<v1::RunStep::State> shown_;
  // Lines at the bottom that the next update draws over.
  int live_lines_ = 0;
};

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_RUN_PROGRESS_H_

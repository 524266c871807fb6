// paths_bench: the speed of expressions over paths, and what the dependence
// within paths is worth. docs/forecasting.md says how to read it.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tools/bench/paths/runs.h"
#include "tools/bench/report.h"

int main(int argc, char** argv) {
  CLI::App app("Measures sample paths and expressions over them.");
  bool quick = false;
  app.add_flag("--quick", quick, "Fewer series and repetitions");
  CLI11_PARSE(app, argc, argv);
  headway::bench::Report report(&std::cout);
  absl::Status status = headway::bench::MeasureExpressions(quick, report);
  status.Update(headway::bench::MeasureEnergy(quick, report));
  if (status.ok()) return 0;
  std::cerr << status << "\n";
  return 1;
}

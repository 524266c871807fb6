// headway impact --method sc and sdid.
#include "tools/headway/commands/evidence/impact_method.h"

namespace headway::cli {

std::vector<ImpactMethod> AddSyntheticMethods(CLI::App&) { return {}; }

}  // namespace headway::cli

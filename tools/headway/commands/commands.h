// The commands of the program. Each function adds a group of them to the
// parser; a command leaves what it is to do in Context::action.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_COMMANDS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_COMMANDS_H_

#include "tools/headway/base/context.h"

namespace CLI {
class App;
}

namespace headway::cli {

// status
void AddStatusCommand(CLI::App& app, Context& context);
// indicators, show
void AddIndicatorCommands(CLI::App& app, Context& context);
// forecast
void AddForecastCommand(CLI::App& app, Context& context);
// track-record, adjust
void AddTrackRecordCommands(CLI::App& app, Context& context);
// watch
void AddWatchCommand(CLI::App& app, Context& context);
// series, series revisions, query
void AddSeriesCommands(CLI::App& app, Context& context);
// series correct, series corrections: of the command `series`
void AddCorrectionCommands(CLI::App& series, Context& context);
// pipelines, pause, resume
void AddPipelineCommands(CLI::App& app, Context& context);
// run, runs, cancel
void AddRunCommands(CLI::App& app, Context& context);
// operations, operation watch, operation cancel
void AddOperationCommands(CLI::App& app, Context& context);
// source check, source accept, source documents, source document, source replay
void AddSourceCommands(CLI::App& app, Context& context);
// source list, source enable, source disable: of the command `source`
void AddSourceSwitches(CLI::App& source, Context& context);
// catalogue
void AddCatalogueCommand(CLI::App& app, Context& context);
// cite
void AddCiteCommand(CLI::App& app, Context& context);
// claims, claim, events
void AddClaimCommands(CLI::App& app, Context& context);
// check
void AddCheckCommand(CLI::App& app, Context& context);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_COMMANDS_H_

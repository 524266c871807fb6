// The texts of small source plugins, whose behaviour a test gives as a script.
#ifndef HEADWAY_TESTS_SUPPORT_PLUGIN_SCRIPTS_H_
#define HEADWAY_TESTS_SUPPORT_PLUGIN_SCRIPTS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace headway {

// A shell plugin that describes itself as `name`, and runs `body` for every
// other verb. `more` is appended to the fields of the description.
inline std::string ShellPlugin(absl::string_view name, absl::string_view body,
                               absl::string_view more = "") {
  return absl::StrCat("#!/bin/sh\nif [ \"$1\" = describe ]; then echo '",
                      R"({"description":{"name":")", name,
                      R"(","version":"1.2","protocol_version":1)", more,
                      "}}'; exit 0; fi\n", body, "\n");
}

// The same in Python, where `say(message)` writes a message, `request` holds
// the request and `verb` the verb.
inline std::string PythonPlugin(absl::string_view name, absl::string_view body,
                                absl::string_view more = "") {
  return absl::StrCat(R"(#!/usr/bin/python3
import json, os, signal, sys, time
verb = sys.argv[1]
def say(message):
    print(json.dumps(message), flush=True)
if verb == 'describe':
    print('{"description":{"name":")",
                      name, R"(","version":"1.2","protocol_version":1)", more,
                      R"(}}')
    sys.exit(0)
request = json.load(sys.stdin)
def define(**more):
    say({'series': {'id': 's', 'metric': 'm', 'frequency': 'MONTHLY',
                    'unit': 'USD', **more}})
def observe(points, **more):
    say({'observations': {'series': 's', 'periods': list(points),
                          'values': list(points.values()), **more}})
def checkpoint(state='', **more):
    say({'checkpoint': {'state': state, **more}})
)",
                      body, "\n");
}

// Commands of a shell plugin: define a monthly series, observe one value of it,
// and mark a checkpoint.
inline const char kSeries[] =
    R"(echo '{"series":{"id":"s","metric":"m","frequency":"MONTHLY","unit":"USD"}}')";
inline const char kOnePoint[] =
    R"(echo '{"observations":{"series":"s","periods":["2024-01"],"values":[1]}}')";
inline const char kCheckpoint[] = R"(echo '{"checkpoint":{}}')";

}  // namespace headway

#endif  // HEADWAY_TESTS_SUPPORT_PLUGIN_SCRIPTS_H_

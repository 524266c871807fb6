// What the launcher is told and what it says. It is the last program before the
// plugin: bubblewrap starts it in the plugin's namespaces, it does there what
// bubblewrap cannot, and becomes the plugin.
//
//   headway-launcher --report=FD [--listener=FD] [--processes=N] [--user=ID]
//     PROGRAM ARGUMENTS…
#ifndef HEADWAY_DAEMON_INGEST_SANDBOX_LAUNCHER_REPORT_H_
#define HEADWAY_DAEMON_INGEST_SANDBOX_LAUNCHER_REPORT_H_

namespace headway::ingest {

inline constexpr char kLauncherName[] = "headway-launcher";

// Where a plugin finds the daemon's proxy, in a network namespace in which
// nothing else listens.
inline constexpr int kProxyPort = 3128;

// Written to the report's descriptor, which exec closes.
struct LaunchReport {
  enum Stage { kPrepare = 0, kExec = 1, kReady = 2 };

  // kReady: all is prepared, and exec comes next; the others: what failed.
  Stage stage;
  // errno
  int error;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_LAUNCHER_REPORT_H_

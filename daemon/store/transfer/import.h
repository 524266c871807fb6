// Brings series into the store that were taken out of it (export.h), or that
// somebody wrote in one of the formats of text.h.
//
// Every line is checked. Vintages are committed whole, in batches, those of a
// series in the order of their known_at: so an import that fails or is
// interrupted leaves nothing half valid, and can be run again. Importing what
// is there already changes nothing.
//
// What comes back: values bit for bit, known_at, withdrawals, what each vintage
// covers, provenance and the description of the series, so that every as_of
// read has the answer that it had, also after further vintages are inserted.
// recorded_at is given by this store: when it learned of it.
//
//   Importer importer(store, TransferFormat::kCsv, options);
//   RETURN_IF_ERROR(importer.Add(bytes));  // in pieces of any size
//   ASSIGN_OR_RETURN(ImportResult result, importer.Finish());
//
// Errors: INVALID_ARGUMENT names the line, the column, the value and the
// remedy; RESOURCE_EXHAUSTED when imports together hold too much; else those of
// Commit. Each says what is stored by then. Memory is bounded by the batch, the
// longest line and 16 bytes a series. Not thread-safe; the store may be used by
// others meanwhile.
#ifndef HEADWAY_DAEMON_STORE_TRANSFER_IMPORT_H_
#define HEADWAY_DAEMON_STORE_TRANSFER_IMPORT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/memory_budget.h"
#include "daemon/store/store.h"
#include "daemon/store/transfer/text.h"

namespace headway::store {

struct ImportOptions {
  // Stands for the text in errors.
  std::string name = "input";
  // Nothing can have been known later, and no period lies far ahead of it.
  absl::Time now = absl::InfiniteFuture();
  // A batch is committed when it holds this many, or takes this much memory:
  // where each vintage has one observation, its description is the most of it.
  size_t batch_observations = 100000;
  int64_t batch_bytes = int64_t{8} << 20;
  // Of all imports at once; not bounded if null. Must outlive the import.
  MemoryBudget* budget = nullptr;
};

struct ImportResult {
  // What the text holds.
  int64_t series = 0;
  int64_t vintages = 0;
  int64_t observations = 0;
  // How many of them changed something in the store.
  int64_t changed_observations = 0;
  int64_t commits = 0;
};

class Importer {
 public:
  // The store must outlive the importer.
  Importer(Store* store, TransferFormat format, ImportOptions options);
  ~Importer();

  // After an error the same error again.
  absl::Status Add(absl::string_view bytes);
  absl::StatusOr<ImportResult> Finish();

 private:
  class Intake;

  absl::Status Keep(absl::Status status);

  std::unique_ptr<Intake> intake_;
  absl::Status status_;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_TRANSFER_IMPORT_H_

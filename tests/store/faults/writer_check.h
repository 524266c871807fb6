// Checks that a store holds what the writers of store_writer.h committed.
#ifndef HEADWAY_TESTS_STORE_FAULTS_WRITER_CHECK_H_
#define HEADWAY_TESTS_STORE_FAULTS_WRITER_CHECK_H_

#include <cstdint>
#include <vector>

#include "daemon/store/store.h"

namespace headway::store {

class WriterCheck {
 public:
  explicit WriterCheck(int writers) : last_(writers), checked_(writers) {}

  // That the view holds the batches 1 to some n of each writer, of all of them
  // each part, and nothing else. What was there at the last check must still be
  // there; looks at the series that were written to since then. To be called
  // within ASSERT_NO_FATAL_FAILURE.
  void Check(const Reader& reader);

  // That n.
  int64_t last(int writer) const { return last_[writer]; }

 private:
  void CheckLog(const Reader& reader);
  void CheckBesideSeries(const Reader& reader, int writer);
  void CheckSeries(const Reader& reader, int writer, int64_t era, int index);

  CommitNumber commits_ = 0;
  std::vector<int64_t> last_;
  std::vector<int64_t> checked_;
};

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_FAULTS_WRITER_CHECK_H_

// What a series holds, in the plainest way that could be right: whole vintages,
// laid over one another from the first on at every read. The rules are those of
// timeline.h; nothing of recorded_at is known here.
#ifndef HEADWAY_TESTS_STORE_MODEL_NAIVE_MODEL_H_
#define HEADWAY_TESTS_STORE_MODEL_NAIVE_MODEL_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/series/observations.h"
#include "daemon/store/store.h"

namespace headway::store {

// What a vintage says of one period.
struct Word {
  enum Kind : uint8_t { kSilent, kWithdrawn, kValue };
  Kind kind = kSilent;
  double value = 0;
  series::ObservationStatus status = series::ObservationStatus::kFinal;

  // Bit for bit.
  friend bool operator==(const Word& a, const Word& b);
};

// One for each period that the series may have.
using Words = std::vector<Word>;

class NaiveSeries {
 public:
  struct Vintage {
    Words said;
    // That made it.
    CommitNumber commit = 0;
    // Indexes into the periods.
    int first_covered = 0;
    int last_covered = 0;
    bool snapshot = false;
  };

  // `periods` rise; updates speak of no other.
  explicit NaiveSeries(std::vector<int32_t> periods);

  // Those of one commit in the order of their known_at. Returns the number of
  // observations that changed.
  int64_t Apply(const VintageUpdate& update, CommitNumber commit);

  // With as_of, first and last of `options`.
  series::Observations Read(series::Frequency frequency,
                            const ReadOptions& options) const;

  Words StateAsOf(absl::Time as_of) const;

  const std::vector<int32_t>& periods() const { return periods_; }
  const std::map<absl::Time, Vintage>& vintages() const { return vintages_; }

 private:
  Words WordsOf(const VintageUpdate& update) const;
  void Say(Vintage* vintage, absl::Time known_at, size_t period, Word word,
           Word stood);

  const std::vector<int32_t> periods_;
  std::map<absl::Time, Vintage> vintages_;
};

// What differs between the two, or nothing.
std::string Difference(const series::Observations& got,
                       const series::Observations& expected);

// What differs between the vintages and those of the model, or nothing.
std::string Difference(const std::vector<Vintage>& got,
                       const NaiveSeries& expected);

// For people.
std::string Describe(const VintageUpdate& update);
std::string Describe(const series::Observations& column);

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_MODEL_NAIVE_MODEL_H_

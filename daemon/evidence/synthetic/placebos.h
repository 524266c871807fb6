// How much a synthetic control's effect is to be believed: the same analysis
// where nothing happened.
#ifndef HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_PLACEBOS_H_
#define HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_PLACEBOS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/thread_pool.h"
#include "daemon/evidence/synthetic/control.h"

namespace headway::evidence {

// Whether a placebo's donors hold the treated units, as in Abadie, Diamond,
// Hainmueller 2010, or not, so that the effect cannot reach them.
enum class PlaceboPool { kWithTreated, kWithoutTreated };

struct SpaceOptions {
  // Placebos whose mean squared gap before the treatment is above this many
  // times the treated unit's are not counted; 0 counts all.
  double drop_poor_fit = 0;
  // The same of those whose gap is below the treated unit's divided by this:
  // where the fit is nearly perfect any gap after makes a great ratio.
  double drop_good_fit = 0;
};

// Who works besides the caller.
struct Workers {
  ThreadPool* pool = nullptr;
  int threads = 1;
};

// One unit in the test: the treated one, or a donor as if it were.
struct Placebo {
  int unit = 0;
  double pre_mspe = 0;
  double post_mspe = 0;
  double ratio = 0;
  double effect = 0;
  // From 1 by ratio, the greatest first; 0 if it was dropped. Equal ratios have
  // the worse rank.
  int rank = 0;
  Eigen::VectorXd gaps;
};

struct SpaceTest {
  // By rank, then the dropped ones.
  std::vector<Placebo> placebos;
  // Of the treated unit, among those counted.
  int rank = 0;
  int counted = 0;
  // rank / counted: the chance of a ratio as great if every unit had been as
  // likely to be treated. Not below 1 / counted, which it is said with.
  double p = 1;
  double least_p = 1;
  // Of |effect| instead of the ratio.
  double p_effect = 1;
  // Units whose fit failed, and why.
  std::vector<std::string> failures;
};

// The fits of all donors as if treated, each against the others. In order of
// `donors`; the errors of some do not stop the others.
std::vector<absl::StatusOr<ControlFit>> FitPlacebos(
    const ControlData& data, const std::vector<int>& treated,
    const std::vector<int>& donors, const ControlOptions& options,
    PlaceboPool pool, const Workers& workers);

// The rank of `fit`, a treated unit's, among placebos. FAILED_PRECONDITION if
// no placebo is left: there is nothing to compare with.
absl::StatusOr<SpaceTest> TestInSpace(
    const ControlData& data, const ControlFit& fit,
    const std::vector<absl::StatusOr<ControlFit>>& placebos,
    const SpaceOptions& options);

// The mean over several treated units, against means over as many placebos
// (Cavallo, Galiani, Noy, Pantano 2013, "Catastrophic Natural Disasters and
// Economic Growth", Review of Economics and Statistics 95): `draws` random
// groups of different donors by `seed`, all of them where there are fewer.
struct GroupTest {
  double effect = 0;
  double ratio = 0;
  int groups = 0;
  bool is_exhaustive = false;
  // (1 + groups with a ratio as great) / (1 + groups), and its floor.
  double p = 1;
  double least_p = 1;
};
absl::StatusOr<GroupTest> TestGroup(
    const ControlData& data, const std::vector<ControlFit>& fits,
    const std::vector<absl::StatusOr<ControlFit>>& placebos, int draws,
    uint64_t seed);

// The same fit as if the treatment had begun at `before`, an earlier period:
// predictors and fit periods lose what comes from then on. For a placebo in
// time, and for how well the fit holds where it was not made.
struct EarlierFit {
  int before = 0;
  ControlFit fit = {};
  // Over [before, the true treatment).
  double mspe = 0;
  double effect = 0;
  // Predictors that lost periods.
  std::vector<std::string> shortened = {};
};
absl::StatusOr<EarlierFit> FitEarlier(const ControlData& data, int treated,
                                      const std::vector<int>& donors,
                                      const ControlOptions& options,
                                      int before);

// The fit without one donor.
struct LeftOut {
  int donor = 0;
  ControlFit fit;
};
// For each donor with a weight above 1e-4. Empty where there is one donor.
absl::StatusOr<std::vector<LeftOut>> LeaveOneOut(const ControlData& data,
                                                 const ControlFit& fit,
                                                 const ControlOptions& options,
                                                 const Workers& workers);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_PLACEBOS_H_

// The weights of the models of a pool, from what each lost at the same origins.
//
// They are exponential in the losses: exp(-eta n (r - 1)) with r the model's
// mean loss over that of the best and n the number of origins (Vovk 1990,
// "Aggregating strategies", COLT; with the ranked probability score as the
// loss: Berrisch, Ziel 2023, "CRPS learning", Journal of Econometrics 237). At
// the start they are equal. Eta is a convention, 0.25: a model that loses a
// tenth more has 0.6 of the best one's weight after 20 origins, one that loses
// twice as much 0.007. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_MODELS_WEIGHTS_H_
#define HEADWAY_DAEMON_PIPELINE_MODELS_WEIGHTS_H_

#include <vector>

namespace headway::pipeline {

struct WeightedRecord {
  double weight = 0;
  // The mean of the losses; meaningless without origins.
  double score = 0;
  int origins = 0;
};

// `losses` is [model][origin]; NaN where the model had no forecast, which
// counts as twice the greatest loss that another had there. An origin at which
// none had one is left out. The weights add up to 1; without an origin they are
// equal.
std::vector<WeightedRecord> Weigh(
    const std::vector<std::vector<double>>& losses);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_MODELS_WEIGHTS_H_

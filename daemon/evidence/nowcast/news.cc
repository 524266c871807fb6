#include "daemon/evidence/nowcast/news.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::evidence {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

absl::Status CheckQuestion(const NowcastModel& model,
                           const Eigen::MatrixXd& table,
                           const NowcastQuestion& question) {
  RETURN_IF_ERROR(CheckStateSpace(model.state_space));
  const Eigen::Index series = model.state_space.series();
  if (model.mean.size() != series || model.deviation.size() != series ||
      !model.mean.allFinite() || !(model.deviation.minCoeff() > 0) ||
      !model.deviation.allFinite()) {
    return absl::InvalidArgumentError(
        "means and deviations: give one of each for every series, deviations "
        "above 0");
  }
  if (table.cols() != series) {
    return absl::InvalidArgumentError(
        absl::StrCat("the table has ", table.cols(), " series, the model ",
                     series, "; give the same"));
  }
  if (question.series < 0 || question.series >= series || question.period < 0 ||
      question.period >= table.rows()) {
    return absl::InvalidArgumentError(
        "the series and period of the nowcast are not in the table");
  }
  return absl::OkStatus();
}

Eigen::MatrixXd Standardise(const NowcastModel& model,
                            const Eigen::MatrixXd& table) {
  return (table.rowwise() - model.mean.transpose()).array().rowwise() /
         model.deviation.transpose().array();
}

// What the smoothed states say of a series in a period, in its units.
double ValueOf(const NowcastModel& model, const Smoothed& smoothed, int series,
               int period) {
  return model.mean[series] +
         model.deviation[series] * model.state_space.design.row(series).dot(
                                       smoothed.states.col(period));
}

absl::StatusOr<Smoothed> SmoothTable(const NowcastModel& model,
                                     const Eigen::MatrixXd& table) {
  return Smooth(model.state_space, Standardise(model, table),
                {.covariances = false});
}

// By how much the nowcast moves for a unit of each release: the smoother is
// linear, so that its answer to a lone one is the weight.
absl::StatusOr<double> WeightOf(const NowcastModel& model,
                                const Eigen::MatrixXd& table,
                                const NowcastQuestion& question,
                                const Release& release) {
  StateSpace linear = model.state_space;
  linear.state0.setZero();
  linear.intercept.resize(0);
  Eigen::MatrixXd impulse = table.unaryExpr(
      [](double value) { return std::isnan(value) ? kMissing : 0.0; });
  impulse(release.period, release.series) = 1;
  ASSIGN_OR_RETURN(const Smoothed smoothed,
                   Smooth(linear, impulse, {.covariances = false}));
  return linear.design.row(question.series)
             .dot(smoothed.states.col(question.period)) *
         model.deviation[question.series] / model.deviation[release.series];
}

class Decomposition {
 public:
  Decomposition(const NowcastModel& model, const Eigen::MatrixXd& old_table,
                const Eigen::MatrixXd& new_table,
                const NowcastQuestion& question)
      : model_(model),
        old_(old_table),
        new_(new_table),
        question_(question),
        revised_(old_table) {}

  absl::StatusOr<NewsBreakdown> Run() {
    ASSIGN_OR_RETURN(result_.old_nowcast, MakeNowcast(model_, old_, question_));
    RETURN_IF_ERROR(Revise());
    RETURN_IF_ERROR(TakeReleases());
    return result_;
  }

 private:
  // Series by series, so that each has its part and they add up.
  absl::Status Revise() {
    double before = result_.old_nowcast.value;
    for (int j = 0; j < old_.cols(); ++j) {
      SeriesRevision revision{.series = j};
      for (Eigen::Index t = 0; t < old_.rows(); ++t) {
        if (std::isnan(old_(t, j))) continue;
        if (std::isnan(new_(t, j))) ++revision.withdrawn;
        if (old_(t, j) != new_(t, j)) revised_(t, j) = new_(t, j);
        if (std::abs(old_(t, j) - new_(t, j)) > 0) ++revision.revised;
      }
      if (revision.revised + revision.withdrawn == 0) continue;
      ASSIGN_OR_RETURN(const Smoothed smoothed, SmoothTable(model_, revised_));
      const double after =
          ValueOf(model_, smoothed, question_.series, question_.period);
      revision.impact = after - before;
      before = after;
      result_.by_revision.push_back(revision);
      result_.revisions += revision.impact;
    }
    return absl::OkStatus();
  }

  absl::Status TakeReleases() {
    ASSIGN_OR_RETURN(const Smoothed expected, SmoothTable(model_, revised_));
    for (int t = 0; t < new_.rows(); ++t) {
      for (int j = 0; j < new_.cols(); ++j) {
        if (std::isnan(new_(t, j)) || !std::isnan(old_(t, j))) continue;
        Release release{.series = j,
                        .period = t,
                        .forecast = ValueOf(model_, expected, j, t),
                        .observed = new_(t, j)};
        release.news = release.observed - release.forecast;
        ASSIGN_OR_RETURN(release.weight,
                         WeightOf(model_, new_, question_, release));
        release.impact = release.weight * release.news;
        result_.news += release.impact;
        result_.releases.push_back(release);
      }
    }
    return absl::OkStatus();
  }

  const NowcastModel& model_;
  const Eigen::MatrixXd& old_;
  const Eigen::MatrixXd& new_;
  const NowcastQuestion question_;
  Eigen::MatrixXd revised_;
  NewsBreakdown result_;
};

}  // namespace

absl::StatusOr<Nowcast> MakeNowcast(const NowcastModel& model,
                                    const Eigen::MatrixXd& table,
                                    const NowcastQuestion& question) {
  RETURN_IF_ERROR(CheckQuestion(model, table, question));
  ASSIGN_OR_RETURN(const Smoothed smoothed,
                   Smooth(model.state_space, Standardise(model, table)));
  const auto z = model.state_space.design.row(question.series);
  const double variance =
      (z * smoothed.covariances[question.period]).dot(z) +
      model.state_space.observation_variance[question.series];
  return Nowcast{
      ValueOf(model, smoothed, question.series, question.period),
      model.deviation[question.series] * std::sqrt(std::max(0.0, variance))};
}

absl::StatusOr<NewsBreakdown> DecomposeNews(
    const NowcastModel& model, const Eigen::MatrixXd& old_table,
    const Eigen::MatrixXd& new_table, const NowcastQuestion& question,
    const std::optional<NowcastModel>& reestimated) {
  if (old_table.rows() != new_table.rows() ||
      old_table.cols() != new_table.cols()) {
    return absl::InvalidArgumentError(
        "the two tables differ in shape; give them the same periods");
  }
  ASSIGN_OR_RETURN(NewsBreakdown result,
                   Decomposition(model, old_table, new_table, question).Run());
  ASSIGN_OR_RETURN(result.new_nowcast, MakeNowcast(model, new_table, question));
  if (reestimated.has_value()) {
    const double before = result.new_nowcast.value;
    ASSIGN_OR_RETURN(result.new_nowcast,
                     MakeNowcast(*reestimated, new_table, question));
    result.reestimation = result.new_nowcast.value - before;
  }
  result.remainder = result.old_nowcast.value + result.revisions + result.news +
                     result.reestimation - result.new_nowcast.value;
  const double scale = std::max({1.0, std::abs(result.new_nowcast.value),
                                 model.deviation[question.series]});
  if (!(std::abs(result.remainder) <= 1e-9 * scale)) {
    return absl::InternalError(
        absl::StrCat("the parts of the change of the nowcast miss it by ",
                     result.remainder));
  }
  return result;
}

}  // namespace headway::evidence

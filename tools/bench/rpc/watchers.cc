#include "tools/bench/rpc/watchers.h"

#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/client_callback.h"
#include "tools/bench/rpc/caller.h"

namespace headway::bench {

// Its public fields belong to the crowd's mutex.
class Watchers::Watcher final
    : public grpc::ClientReadReactor<v1::WatchIndicatorsResponse> {
 public:
  Watcher(Watchers* crowd, size_t index) : index(index), crowd_(crowd) {}

  void Start(v1::IndicatorService::Stub& stub) {
    stub.async()->WatchIndicators(&context_, &crowd_->request_, this);
    StartRead(&response_);
    StartCall();
  }

  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    crowd_->OnResponse(this, response_);
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override {
    crowd_->OnEnd(this, status);
  }

  const size_t index;
  bool caught_up = false;
  bool told = false;
  // Not started, or at its end.
  bool ended = true;
  // It was up to date when the expected value was about to be pushed; how long
  // it takes to open a watch is another figure.
  bool timed = false;
  double known = std::numeric_limits<double>::lowest();

 private:
  Watchers* const crowd_;
  grpc::ClientContext context_;
  v1::WatchIndicatorsResponse response_;
};

Watchers::Watchers(const std::string& address, const std::string& indicator,
                   int count, int channels) {
  request_.add_names(absl::StrCat("indicators/", indicator));
  for (const auto& channel : Connect(address, channels)) {
    stubs_.push_back(v1::IndicatorService::NewStub(channel));
  }
  {
    absl::MutexLock lock(&mutex_);
    for (int i = 0; i < count; ++i) {
      watchers_.push_back(std::make_unique<Watcher>(this, i));
    }
  }
  Renew();
}

Watchers::~Watchers() {
  absl::MutexLock lock(&mutex_);
  closing_ = true;
  for (const auto& watcher : watchers_) {
    if (!watcher->ended) watcher->Cancel();
  }
  mutex_.Await(absl::Condition(this, &Watchers::AllEnded));
}

void Watchers::Renew() {
  std::vector<Watcher*> fresh;
  {
    absl::MutexLock lock(&mutex_);
    for (std::unique_ptr<Watcher>& watcher : watchers_) {
      if (!watcher->ended) continue;
      watcher = std::make_unique<Watcher>(this, watcher->index);
      watcher->ended = false;
      ++living_;
      fresh.push_back(watcher.get());
    }
  }
  for (Watcher* watcher : fresh) {
    watcher->Start(*stubs_[watcher->index % stubs_.size()]);
  }
}

void Watchers::OnResponse(Watcher* watcher,
                          const v1::WatchIndicatorsResponse& response) {
  absl::MutexLock lock(&mutex_);
  if (response.caught_up() && !watcher->caught_up) {
    watcher->caught_up = true;
    ++caught_up_;
  }
  for (const v1::LabelledSeries& series : response.series()) {
    if (series.observations().empty()) continue;
    watcher->known = series.observations().rbegin()->value();
  }
  if (watcher->told || watcher->known < expected_) return;
  watcher->told = true;
  ++told_;
  if (!watcher->timed) return;
  latencies_.push_back(absl::ToDoubleSeconds(absl::Now() - expected_since_));
}

void Watchers::OnEnd(Watcher* watcher, const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  watcher->ended = true;
  --living_;
  if (watcher->caught_up) --caught_up_;
  if (watcher->told) --told_;
  if (closing_) return;
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  ++ends_[absl::StrCat(absl::StatusCodeToString(code), ": ",
                       status.error_message())];
}

bool Watchers::AllCaughtUp() const { return caught_up_ == living_; }
bool Watchers::AllTold() const { return told_ == living_; }
bool Watchers::AllEnded() const { return living_ == 0; }

bool Watchers::AwaitCaughtUp(absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(this, &Watchers::AllCaughtUp),
                                 patience);
}

void Watchers::Expect(double value) {
  absl::MutexLock lock(&mutex_);
  expected_ = value;
  expected_since_ = absl::Now();
  latencies_.clear();
  told_ = 0;
  for (const auto& watcher : watchers_) {
    watcher->told = false;
    watcher->timed = watcher->caught_up && !watcher->ended;
  }
}

bool Watchers::AwaitTold(absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(this, &Watchers::AllTold),
                                 patience);
}

std::vector<double> Watchers::Latencies() const {
  absl::MutexLock lock(&mutex_);
  return latencies_;
}

int Watchers::Living() const {
  absl::MutexLock lock(&mutex_);
  return living_;
}

std::map<std::string, int64_t> Watchers::Ends() const {
  absl::MutexLock lock(&mutex_);
  return ends_;
}

}  // namespace headway::bench

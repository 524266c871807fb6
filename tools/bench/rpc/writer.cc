#include "tools/bench/rpc/writer.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "grpcpp/client_context.h"
#include "tools/bench/rpc/caller.h"

namespace headway::bench {
namespace {

constexpr int kFirstYear = 2015;
constexpr int kMonths = 120;
constexpr std::chrono::seconds kWriteDeadline(60);

}  // namespace

std::string Month(int index) {
  return absl::StrFormat("%d-%02d", kFirstYear + index / 12, index % 12 + 1);
}

v1::WriteObservationsRequest::Batch MonthlyBatch(const std::string& metric,
                                                 const std::string& part,
                                                 int first_month, int months,
                                                 double value) {
  v1::WriteObservationsRequest::Batch batch;
  batch.set_metric(metric);
  (*batch.mutable_labels())["part"] = part;
  batch.set_frequency(v1::MONTHLY);
  batch.set_unit("1");
  for (int i = first_month; i < first_month + months; ++i) {
    v1::Observation* observation = batch.add_observations();
    observation->set_period(Month(i));
    // Neither constant nor a straight line.
    observation->set_value(value + i + 0.37 * ((i * 7919) % 13));
  }
  return batch;
}

Pusher::Pusher(const std::string& address)
    : stub_(v1::SeriesService::NewStub(Connect(address, 1)[0])) {}

absl::Status Pusher::Push(const v1::WriteObservationsRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kWriteDeadline);
  v1::WriteObservationsResponse response;
  return ToStatus(stub_->WriteObservations(&context, request, &response),
                  "WriteObservations");
}

absl::Status Pusher::PushLast(const std::string& metric, double value) {
  v1::WriteObservationsRequest request;
  request.set_source("bench");
  v1::WriteObservationsRequest::Batch batch =
      MonthlyBatch(metric, "a", kMonths - 1, 1, 0);
  batch.mutable_observations(0)->set_value(value);
  *request.add_batches() = std::move(batch);
  return Push(request);
}

SteadyWriter::SteadyWriter(const std::string& address, std::string metric,
                           absl::Duration interval)
    : pusher_(address),
      metric_(std::move(metric)),
      interval_(interval),
      thread_([this] { Loop(); }) {}

SteadyWriter::~SteadyWriter() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void SteadyWriter::Resume() {
  absl::MutexLock lock(&mutex_);
  writing_ = true;
}

void SteadyWriter::Pause() {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  mutex_.Await(absl::Condition(
      +[](bool* pushing) { return !*pushing; }, &pushing_));
}

void SteadyWriter::Loop() {
  absl::Time next = absl::Now();
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      pushing_ = false;
      const auto wanted = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return writing_ || stopping_;
      };
      mutex_.Await(absl::Condition(&wanted));
      if (stopping_) return;
      pushing_ = true;
    }
    const double value = 1000 + static_cast<double>(pushes_ + failures_);
    ++(pusher_.PushLast(metric_, value).ok() ? pushes_ : failures_);
    // A push that took longer than the interval is not made up for.
    next = std::max(next + interval_, absl::Now());
    absl::SleepFor(next - absl::Now());
  }
}

}  // namespace headway::bench

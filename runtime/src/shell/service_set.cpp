// SPDX-License-Identifier: Apache-2.0
#include "shell/service_set.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace weft::shell {
namespace {

namespace asio = boost::asio;

constexpr Duration watch_every = std::chrono::seconds{1};
constexpr int watches_to_hear_again = 3;
// What a service that is configured no longer has to let go, once its last job has ended.
constexpr Duration retire_limit = std::chrono::seconds{10};

}  // namespace

ServiceSet::ServiceSet(asio::io_context& io, const Environment& environment, ServiceMaker maker,
                       OnChange changed)
    : io_(io),
      environment_(environment),
      maker_(std::move(maker)),
      changed_(std::move(changed)),
      watch_(environment.config),
      watch_timer_(io) {}

// An instance waits for its workers, whose jobs may end meanwhile: all else must still be there.
ServiceSet::~ServiceSet() {
  std::unordered_map<AttemptRef, std::shared_ptr<ServiceMember>, AttemptHash> served;
  {
    const std::lock_guard lock(mutex_);
    served.swap(serving_);
  }
  renewal_.reset();
  hearing_.clear();
  retiring_.clear();
  offering_.reset();
}

// ---------------------------------------------------------------- who does what

std::shared_ptr<const Offering> ServiceSet::offering() const {
  const std::lock_guard lock(mutex_);
  return offering_;
}

std::variant<plugin::Instance*, std::string> ServiceSet::begin(std::string_view service,
                                                               AttemptRef attempt, bool attaching) {
  const std::lock_guard lock(mutex_);
  const auto index = offering_->table->find(service);
  if (!index) return "it is not configured";
  const auto& member = offering_->members[*index];
  if (!member->instance) return offering_->table->services[*index].unavailable;
  const auto [place, is_new] = serving_.try_emplace(attempt, member);
  // Its run was lost, and is ours again: the job has gone on all the while.
  if (attaching && !is_new) return nullptr;
  place->second = member;
  return member->instance.get();
}

void ServiceSet::ended(AttemptRef attempt) {
  const std::lock_guard lock(mutex_);
  serving_.erase(attempt);
  if (something_retires_) asio::post(io_, [this] { retire_idle(); });
}

plugin::Instance* ServiceSet::serving(AttemptRef attempt) const {
  const std::lock_guard lock(mutex_);
  const auto found = serving_.find(attempt);
  return found == serving_.end() ? nullptr : found->second->instance.get();
}

void ServiceSet::interrupt_all() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [attempt, member] : serving_) member->instance->interrupt(attempt);
}

// ---------------------------------------------------------------- another configuration

void ServiceSet::renew(const Configuration& config) {
  const auto renewal = std::make_shared<Renewal>();
  renewal_ = renewal;
  renewal->classes = config.classes;
  renewal->open = config.services.size() + 1;
  const auto described = [this, renewal] {
    if (--renewal->open == 0) offer(*renewal, true);
  };
  for (const ServiceConfig& service : config.services) {
    const auto kept = std::ranges::find_if(offering_->members, [&](const auto& member) {
      return member->is_made_of(service, config.classes);
    });
    if (kept == offering_->members.end()) {
      renewal->members.push_back(maker_.make(service, config.classes, described));
    } else {
      renewal->members.push_back(*kept);
      described();
    }
  }
  described();
}

void ServiceSet::offer(const Renewal& renewal, bool configuration_read) {
  auto table = std::make_shared<route::ServiceTable>();
  table->classes = renewal.classes;
  for (const auto& member : renewal.members) {
    route::Service& row = table->services.emplace_back(member->row);
    row.slot_class = table->find_class(row.slot_class_name).value_or(0);
    if (!row.unavailable.empty())
      environment_.log->warn("service is unavailable",
                             {{"service", row.name}, {"reason", row.unavailable}});
  }
  {
    const std::lock_guard lock(mutex_);
    for (const auto& member : offering_->members)
      if (member->instance && std::ranges::find(renewal.members, member) == renewal.members.end())
        retiring_.push_back({member});
    offering_ = std::make_shared<Offering>(Offering{table, renewal.members});
    something_retires_ = !retiring_.empty();
  }
  renewal_.reset();
  changed_(std::move(table), configuration_read);
  retire_idle();
}

void ServiceSet::retire_idle() {
  for (Retiring& one : retiring_) {
    if (one.goes || is_serving(*one.member)) continue;
    one.goes = true;
    one.member->instance->drain(retire_limit, [this, member = one.member.get()] {
      asio::post(io_, [this, member] {
        std::erase_if(retiring_, [&](const Retiring& r) { return r.member.get() == member; });
        const std::lock_guard lock(mutex_);
        something_retires_ = !retiring_.empty();
      });
    });
  }
}

bool ServiceSet::is_serving(const ServiceMember& member) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(serving_,
                             [&](const auto& entry) { return entry.second.get() == &member; });
}

// ---------------------------------------------------------------- watching

void ServiceSet::watch() {
  watch_timer_.expires_after(watch_every);
  watch_timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled || lets_go_) return;
    if (!renewal_ && watch_.changed()) read_again();
    if (++watches_ % watches_to_hear_again == 0 && !renewal_ && hearing_.empty()) hear_again();
    watch();
  });
}

// Who could not say what he does may have been started meanwhile.
void ServiceSet::hear_again() {
  for (const auto& member : offering_->members)
    if (member->instance && member->is_unheard) hearing_.push_back(member);
  for (const auto& member : std::vector(hearing_))
    maker_.describe(*member, [this, asked = member.get()] {
      heard_ = heard_ || !asked->is_unheard;
      std::erase_if(hearing_, [&](const auto& one) { return one.get() == asked; });
      if (!hearing_.empty() || renewal_ || !std::exchange(heard_, false)) return;
      offer({offering_->table->classes, offering_->members, 0}, false);
    });
}

void ServiceSet::read_again() {
  auto config = read_configuration(environment_.options);
  if (!config)
    return environment_.log->error(
        "the configuration has changed and cannot be used; the last good one stays",
        {{"reason", on_one_line(config.error())}});
  environment_.log->info("the configuration has changed", {{"services", config->services.size()}});
  watch_ = ConfigWatch(*config);
  renew(*config);
}

// ---------------------------------------------------------------- the end

void ServiceSet::let_go(Duration limit, const std::shared_ptr<Countdown>& counts) {
  lets_go_ = true;
  watch_timer_.cancel();
  std::vector<plugin::Instance*> instances;
  for (const auto& member : offering_->members)
    if (member->instance) instances.push_back(member->instance.get());
  for (const Retiring& one : retiring_)
    if (!one.goes) instances.push_back(one.member->instance.get());
  counts->start(instances.size() + 1);
  for (plugin::Instance* instance : instances)
    instance->drain(limit, [counts] { counts->count_down(); });
  counts->count_down();
}

}  // namespace weft::shell

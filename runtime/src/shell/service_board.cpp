// SPDX-License-Identifier: Apache-2.0
#include "shell/service_board.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/text.hpp"
#include "net/http_client.hpp"
#include "plugin/instance.hpp"
#include "plugin/library.hpp"
#include "shell/countdown.hpp"
#include "shell/key_ring.hpp"
#include "shell/offer.hpp"

namespace weft::shell {
namespace {

namespace asio = boost::asio;

constexpr Duration describe_limit = std::chrono::seconds{10};
constexpr Duration probe_limit = std::chrono::seconds{10};

struct AttemptHash {
  std::size_t operator()(const AttemptRef& ref) const noexcept {
    return std::hash<TaskRef>{}({ref.run, ref.task}) * 31 + ref.attempt;
  }
};

// Whoever shows the reason names the service himself.
std::string reason_in(const Error& error, const std::string& service) {
  const std::string name = "service '" + service + "': ";
  const std::string reason = on_one_line(error);
  return reason.starts_with(name) ? reason.substr(name.size()) : reason;
}

}  // namespace

class ServiceBoard::Impl final : public plugin::JobSink {
 public:
  Impl(std::shared_ptr<const Environment> environment, std::unique_ptr<BoardHome> home)
      : keeps_environment_(std::move(environment)),
        environment_(*keeps_environment_),
        home_(std::move(home)),
        secrets_({environment_.state, environment_.config.secrets, now, environment_.log.get()}),
        http_(io_, {}, *environment_.log),
        libraries_(plugin::Libraries::scan(environment_.plugins)),
        table_(std::make_shared<route::ServiceTable>()) {}

  ~Impl() override {
    stop();
    instances_.clear();  // nobody runs io_ any more, so this thread may
  }

  result<> open() {
    auto host = plugin::Host::create({io_, http_, home_->artifacts(), *environment_.redactor,
                                      *environment_.metrics, secrets_, *home_, *environment_.log,
                                      home_->temporary_work_folder()});
    if (!host) return std::move(host).error();
    host_ = std::move(*host);
    for (const Error& problem : libraries_.problems()) environment_.log->warn(on_one_line(problem));
    table_->classes = environment_.config.classes;
    table_->services.reserve(environment_.config.services.size());
    instances_.resize(environment_.config.services.size());
    for (std::size_t i = 0; i < instances_.size(); ++i) add_service(i);
    while (describing_ > 0 && io_.run_one() > 0) {
    }
    for (const route::Service& service : table_->services)
      if (!service.unavailable.empty())
        environment_.log->warn("service is unavailable",
                               {{"service", service.name}, {"reason", service.unavailable}});
    thread_ = std::jthread([this] { io_.run(); });
    return {};
  }

  result<> move_in(const BoardPlace& place) {
    std::promise<result<>> promise;
    auto future = promise.get_future();
    asio::post(io_, [&] {  // where plugins are called: none of them looks meanwhile
      auto moved = host_->move_work_folder(place.work_folder);
      if (moved) home_->move_in(place);
      promise.set_value(std::move(moved));
    });
    return future.get();
  }

  // ---------------------------------------------------------------- what plugins say

  void started(AttemptRef attempt) override { home_->happened(engine::JobStarted{attempt}); }
  void progressed(AttemptRef attempt, std::int32_t permille, std::string_view stage) override {
    home_->progressed({attempt, permille, std::string(stage)});
  }
  void checkpoint(AttemptRef attempt, std::uint64_t op, std::string token) override {
    home_->happened(engine::JobCheckpointed{attempt, op, std::move(token)});
  }
  void ended(AttemptRef attempt, plugin::JobOutcome outcome) override {
    {
      const std::lock_guard lock(mutex_);
      serving_.erase(attempt);
    }
    home_->happened(engine::JobEnded{
        attempt,
        {outcome.outcome, join_lines(environment_.redactor->redact(outcome.message)),
         outcome.retry_after.value_or(Duration{}), std::move(outcome.cost),
         outcome.cost_is_estimated, std::move(outcome.outputs)}});
  }

  // ---------------------------------------------------------------- what the engine wants

  void submit(engine::Job job, const std::string* token) {
    const auto index = table_->find(job.service);
    plugin::Instance* instance = index ? instances_[*index].get() : nullptr;
    const AttemptRef attempt = job.attempt;
    if (!instance) {
      // An attach must not take the job for lost: somebody may mend the service.
      const Outcome outcome = token ? Outcome::unknown : Outcome::not_sent;
      const std::string why = index ? table_->services[*index].unavailable : "it is not configured";
      return home_->happened(engine::JobEnded{
          attempt,
          {outcome, "service '" + job.service + "' cannot be used: " + why, {}, {}, false, {}}});
    }
    {
      const std::lock_guard lock(mutex_);
      const auto [place, is_new] = serving_.try_emplace(attempt, instance);
      // Its run was lost, and is ours again: the job has gone on all the while.
      if (token && !is_new) return;
      place->second = instance;
    }
    plugin::Job handed{attempt,
                       std::move(job.operation),
                       std::move(job.task),
                       std::move(job.label),
                       job.idempotency_key,
                       job.deadline,
                       std::move(job.budget)};
    token ? instance->attach(std::move(handed), *token) : instance->submit(std::move(handed));
  }

  plugin::Instance* serving(AttemptRef attempt) {
    const std::lock_guard lock(mutex_);
    const auto found = serving_.find(attempt);
    return found == serving_.end() ? nullptr : found->second;
  }

  void drain(Duration limit) {
    if (std::exchange(drained_, true) || !thread_.joinable()) return;
    const auto is_there = [](const auto& instance) { return instance != nullptr; };
    letting_go_->start(static_cast<std::size_t>(std::ranges::count_if(instances_, is_there)));
    for (const auto& instance : instances_) {
      if (!instance) continue;
      asio::post(io_, [&instance, limit, letting_go = letting_go_] {
        instance->drain(limit, [letting_go] { letting_go->count_down(); });
      });
    }
    letting_go_->wait();
    home_->move_out();
  }

  void hasten() { letting_go_->hasten(); }

  void interrupt_all() {
    const std::lock_guard lock(mutex_);
    for (const auto& [attempt, instance] : serving_) instance->interrupt(attempt);
  }

  // ---------------------------------------------------------------- what people see

  std::vector<ServiceView> services() const {
    std::vector<ServiceView> views;
    for (std::size_t i = 0; i < table_->services.size(); ++i) {
      const route::Service& service = table_->services[i];
      ServiceView view;
      view.name = service.name;
      view.component = environment_.config.services[i].component;
      for (const route::OfferedOperation& operation : service.operations)
        view.operations.push_back(operation.name);
      if (service.slot_class < table_->classes.size())
        view.slot_class = table_->classes[service.slot_class].name;
      view.slots = service.slots;
      view.concurrency = service.concurrency;
      view.placeholder = service.placeholder;
      view.unavailable = service.unavailable;
      view.price = price_text(service);
      views.push_back(std::move(view));
    }
    return views;
  }

  std::vector<PluginView> plugins() const {
    std::vector<PluginView> views;
    for (const auto& [name, component] : libraries_.components()) {
      const plugin::Library& library = component.library();
      auto view = std::find_if(views.begin(), views.end(),
                               [&](const PluginView& v) { return v.file == library.file(); });
      if (view == views.end()) {
        views.push_back(
            {library.file(), library.manifest().id, library.manifest().version, {}, {}});
        view = std::prev(views.end());
      }
      view->components.push_back(name);
    }
    for (const Error& problem : libraries_.problems())
      views.push_back({{}, {}, {}, {}, on_one_line(problem)});
    return views;
  }

  std::shared_ptr<const route::ServiceTable> table() const { return table_; }

  CheckView probe(std::string_view name) {
    CheckView view{std::string(name), false, {}};
    const auto index = table_->find(name);
    plugin::Instance* instance = index ? instances_[*index].get() : nullptr;
    if (!instance) {
      view.message = index ? table_->services[*index].unavailable : "it is not configured";
      return view;
    }
    std::promise<plugin::Health> promise;
    auto future = promise.get_future();
    asio::post(io_, [&] {
      instance->probe(probe_limit,
                      [&](plugin::Health health) { promise.set_value(std::move(health)); });
    });
    const plugin::Health health = future.get();
    view.passed = health.outcome == Outcome::ok;
    view.message = environment_.redactor->redact(health.message);
    if (!view.passed && view.message.empty()) view.message = to_string(health.outcome);
    return view;
  }

 private:
  static std::string price_text(const route::Service& service) {
    if (!service.price || service.price->rows.empty()) return "unknown";
    if (service.is_free()) return "free";
    if (service.price->rows.size() > 1 || service.price->rows.front().when) return "table";
    return service.price->rows.front().amount.to_string();
  }

  void stop() {
    drain(Duration{});
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  void add_service(std::size_t at) {
    const ServiceConfig& config = environment_.config.services[at];
    route::Service& service = table_->services.emplace_back();
    service.name = config.name;
    service.slots = config.slots;
    service.concurrency = config.concurrency;
    service.price = config.price;
    service.placeholder = config.placeholder;
    service.slot_class = 0;
    const plugin::Component* component = libraries_.find(config.component);
    if (!component) {
      std::vector<std::string> names;
      for (const auto& [name, known] : libraries_.components()) names.push_back(name);
      service.unavailable = "no plugin has a component '" + config.component + "'; " +
                            suggest(config.component, names);
      return;
    }
    const plugin::ComponentManifest& manifest = component->manifest();
    service.local = manifest.is_executor();
    if (service.local && !service.price)  // local work costs nothing unless somebody says otherwise
      service.price.emplace().rows.push_back(
          {std::nullopt, Money{0, environment_.config.currency}});
    const std::string slot_class = !config.slot_class.empty() ? config.slot_class
                                   : service.local            ? manifest.slot_class
                                                              : std::string("io");
    const auto found = table_->find_class(slot_class);
    if (!found) {
      service.unavailable = "there is no class '" + slot_class + "'; add it under [classes]";
      return;
    }
    service.slot_class = *found;
    make_instance(at, *component);
  }

  void make_instance(std::size_t at, const plugin::Component& component) {
    const ServiceConfig& config = environment_.config.services[at];
    route::Service& service = table_->services[at];
    const std::uint32_t room = table_->classes[service.slot_class].slots;
    plugin::InstanceEvents events;
    events.on_quarantined = [this, name = service.name](const std::string& reason) {
      environment_.log->error("service is quarantined", {{"service", name}, {"reason", reason}});
    };
    auto instance =
        plugin::Instance::create(*host_, component,
                                 {config.name, config.config, config.config_position,
                                  config.secrets, service.concurrency ? service.concurrency : room},
                                 *this, std::move(events));
    if (!instance) {
      service.unavailable = reason_in(instance.error(), config.name);
      return;
    }
    instances_[at] = std::move(*instance);
    ++describing_;
    instances_[at]->describe(describe_limit, [this, at](result<plugin::Offer> offer) {
      --describing_;
      if (offer) return take_offer(*offer, environment_.config.services[at], table_->services[at]);
      table_->services[at].unavailable = reason_in(offer.error(), table_->services[at].name);
    });
  }

  const std::shared_ptr<const Environment> keeps_environment_;
  const Environment& environment_;
  const std::unique_ptr<BoardHome> home_;
  KeyRing secrets_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  net::HttpClient http_;
  plugin::Libraries libraries_;
  std::unique_ptr<plugin::Host> host_;
  std::shared_ptr<route::ServiceTable> table_;  // filled by open(), not touched afterwards
  std::vector<std::unique_ptr<plugin::Instance>> instances_;  // by service; null: unavailable
  std::size_t describing_ = 0;
  std::mutex mutex_;
  std::unordered_map<AttemptRef, plugin::Instance*, AttemptHash> serving_;
  bool drained_ = false;
  // Shared with what instances call when they have let go, which may come after a hastened drain.
  const std::shared_ptr<Countdown> letting_go_ = std::make_shared<Countdown>();
  std::jthread thread_;
};

ServiceBoard::ServiceBoard(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServiceBoard::~ServiceBoard() = default;

result<std::shared_ptr<ServiceBoard>> ServiceBoard::open(
    std::shared_ptr<const Environment> environment) {
  auto home = BoardHome::make_temporary();
  if (!home) return std::move(home).error();
  auto impl = std::make_unique<Impl>(std::move(environment), std::move(*home));
  if (auto opened = impl->open(); !opened) return std::move(opened).error();
  return std::shared_ptr<ServiceBoard>(new ServiceBoard(std::move(impl)));
}

result<> ServiceBoard::move_in(BoardPlace place) {
  return impl_->move_in(place);
}

std::shared_ptr<const route::ServiceTable> ServiceBoard::table() const {
  return impl_->table();
}
std::vector<ServiceView> ServiceBoard::services() const {
  return impl_->services();
}
std::vector<PluginView> ServiceBoard::plugins() const {
  return impl_->plugins();
}
CheckView ServiceBoard::probe(std::string_view service) const {
  return impl_->probe(service);
}
void ServiceBoard::drain(Duration limit) {
  impl_->drain(limit);
}
void ServiceBoard::hasten() {
  impl_->hasten();
}
void ServiceBoard::interrupt_all() {
  impl_->interrupt_all();
}
void ServiceBoard::submit(engine::Job job) {
  impl_->submit(std::move(job), nullptr);
}
void ServiceBoard::attach(engine::Job job, std::string token) {
  impl_->submit(std::move(job), &token);
}
void ServiceBoard::cancel(AttemptRef attempt) {
  if (plugin::Instance* instance = impl_->serving(attempt)) instance->cancel(attempt);
}
void ServiceBoard::interrupt(AttemptRef attempt) {
  if (plugin::Instance* instance = impl_->serving(attempt)) instance->interrupt(attempt);
}
void ServiceBoard::checkpointed(AttemptRef attempt, std::uint64_t op) {
  if (plugin::Instance* instance = impl_->serving(attempt)) instance->checkpointed(attempt, op);
}

}  // namespace weft::shell

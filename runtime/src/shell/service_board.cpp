// SPDX-License-Identifier: Apache-2.0
#include "shell/service_board.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "net/http_client.hpp"
#include "plugin/library.hpp"
#include "shell/countdown.hpp"
#include "shell/key_ring.hpp"
#include "shell/service_set.hpp"

namespace weft::shell {
namespace {

namespace asio = boost::asio;

constexpr Duration probe_limit = std::chrono::seconds{10};

}  // namespace

class ServiceBoard::Impl final : public plugin::JobSink {
 public:
  Impl(std::shared_ptr<const Environment> environment, std::unique_ptr<BoardHome> home)
      : keeps_environment_(std::move(environment)),
        environment_(*keeps_environment_),
        home_(std::move(home)),
        secrets_({environment_.secrets, environment_.config.secrets, now, environment_.log.get()}),
        http_(io_, {}, *environment_.log),
        libraries_(plugin::Libraries::scan(environment_.plugins)) {}

  ~Impl() override {
    stop();
    set_.reset();  // nobody runs io_ any more, so this thread may
  }

  result<> open() {
    auto host = plugin::Host::create({io_, http_, home_->artifacts(), *environment_.redactor,
                                      *environment_.metrics, secrets_, *home_, *environment_.log,
                                      home_->temporary_work_folder(), nullptr,
                                      environment_.previews.get()});
    if (!host) return std::move(host).error();
    host_ = std::move(*host);
    for (const Error& problem : libraries_.problems()) environment_.log->warn(on_one_line(problem));
    set_.emplace(
        io_, environment_,
        ServiceMaker{libraries_, *host_, *this, *environment_.log, environment_.config.currency},
        [this](std::shared_ptr<const route::ServiceTable> table, bool configuration_read) {
          home_->happened(engine::ServicesChanged{std::move(table), configuration_read});
        });
    set_->renew(environment_.config);
    while (set_->is_renewing() && io_.run_one() > 0) {
    }
    thread_ = std::jthread([this] { io_.run(); });
    return {};
  }

  result<> move_in(const BoardPlace& place) {
    std::promise<result<>> promise;
    auto future = promise.get_future();
    asio::post(io_, [&] {  // where plugins are called: none of them looks meanwhile
      auto moved = host_->move_work_folder(place.work_folder);
      if (moved) home_->move_in(place);
      if (moved) set_->watch();
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
    set_->ended(attempt);
    home_->happened(engine::JobEnded{
        attempt,
        {outcome.outcome, join_lines(environment_.redactor->redact(outcome.message)),
         outcome.retry_after.value_or(Duration{}), std::move(outcome.cost),
         outcome.cost_is_estimated, std::move(outcome.outputs), std::move(outcome.usage)}});
  }

  // ---------------------------------------------------------------- what the engine wants

  void submit(engine::Job job, const std::string* token) {
    const AttemptRef attempt = job.attempt;
    const auto begun = set_->begin(job.service, attempt, token != nullptr);
    if (const auto* why = std::get_if<std::string>(&begun)) {
      // An attach must not take the job for lost: somebody may mend the service.
      const Outcome outcome = token ? Outcome::unknown : Outcome::not_sent;
      return home_->happened(engine::JobEnded{
          attempt,
          {outcome, "service '" + job.service + "' cannot be used: " + *why, {}, {}, false, {}}});
    }
    plugin::Instance* instance = std::get<plugin::Instance*>(begun);
    if (!instance) return;
    plugin::Job handed{
        attempt,      job.operation(),      std::move(job.task), job.label(), job.idempotency_key,
        job.deadline, std::move(job.budget)};
    token ? instance->attach(std::move(handed), *token) : instance->submit(std::move(handed));
  }

  plugin::Instance* serving(AttemptRef attempt) const { return set_->serving(attempt); }

  void drain(Duration limit) {
    if (std::exchange(drained_, true) || !thread_.joinable()) return;
    letting_go_->start(1);
    asio::post(io_, [this, limit] { set_->let_go(limit, letting_go_); });
    letting_go_->wait();
    home_->move_out();
  }

  void hasten() { letting_go_->hasten(); }

  void interrupt_all() { set_->interrupt_all(); }

  // ---------------------------------------------------------------- what people see

  std::vector<ServiceView> services() const {
    const auto table = this->table();
    std::vector<ServiceView> views;
    for (const route::Service& service : table->services) {
      ServiceView view;
      view.name = service.name;
      view.component = service.component;
      for (const route::OfferedOperation& operation : service.operations)
        view.operations.push_back(operation.name);
      if (service.slot_class < table->classes.size())
        view.slot_class = table->classes[service.slot_class].name;
      view.slots = service.slots;
      view.concurrency = service.limits.concurrency;
      view.placeholder = service.placeholder;
      view.enabled = service.enabled;
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

  std::shared_ptr<const route::ServiceTable> table() const { return set_->offering()->table; }

  // Asks a service whether it is well; `done` is called in the io thread.
  void probe(const std::string& name, std::function<void(plugin::Health)> done) {
    asio::post(io_, [this, name, done = std::move(done)] {  // where services come and go
      const auto offered = set_->offering();
      const auto index = offered->table->find(name);
      plugin::Instance* instance = index ? offered->members[*index]->instance.get() : nullptr;
      if (instance) return instance->probe(probe_limit, done);
      const std::string why =
          index ? offered->table->services[*index].unavailable : "it is not configured";
      done({Outcome::not_sent, why, {}});
    });
  }

  void probe_for_engine(const std::string& name) {
    probe(name, [this, name](plugin::Health health) {
      home_->happened(engine::ServiceProbed{
          name, health.outcome, join_lines(environment_.redactor->redact(health.message)),
          !health.details.empty()});
    });
  }

  CheckView check(std::string_view name) {
    CheckView view{std::string(name), false, {}};
    std::promise<plugin::Health> promise;
    auto future = promise.get_future();
    probe(view.name, [&](plugin::Health health) { promise.set_value(std::move(health)); });
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

  const std::shared_ptr<const Environment> keeps_environment_;
  const Environment& environment_;
  const std::unique_ptr<BoardHome> home_;
  KeyRing secrets_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  net::HttpClient http_;
  plugin::Libraries libraries_;
  std::unique_ptr<plugin::Host> host_;
  std::optional<ServiceSet> set_;
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
CheckView ServiceBoard::check(std::string_view service) const {
  return impl_->check(service);
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
void ServiceBoard::probe(const std::string& service) {
  impl_->probe_for_engine(service);
}

}  // namespace weft::shell

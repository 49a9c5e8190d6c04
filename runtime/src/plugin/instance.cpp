// SPDX-License-Identifier: Apache-2.0
#include "plugin/instance.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "plugin/instance_impl.hpp"
#include "plugin/library.hpp"

namespace weft::plugin {

Instance::Impl::Impl(Host& host, Component made_of, ServiceSetup given, JobSink& sink,
                     InstanceEvents events)
    : core(std::make_shared<Core>(host.impl(), given.service, given.secrets, sink,
                                  std::move(events))),
      component(std::move(made_of)),
      setup(std::move(given)) {}

result<> Instance::Impl::start(const json::object& config) {
  const std::string text = json::serialize(config);
  const weft_entry& entry = component.library().entry();
  const weft_status status = core->call("create", [&] {
    return entry.create(&core->host_table, component.manifest().name.c_str(), borrow(text),
                        &core->instance);
  });
  if (status != WEFT_OK || !core->instance) {
    core->instance = nullptr;
    return not_made(status);
  }
  if (auto found = find_interface(); !found) return found;
  if (!executor_) return {};
  auto offer = OfferTable::compile({Recover::none, component.manifest().operations});
  if (!offer) return offer.error();
  offer_ = std::move(*offer);
  return {};
}

// In the plugin's own words, as far as it said why.
Error Instance::Impl::not_made(weft_status status) const {
  const std::string what = "component '" + component.manifest().name + "'";
  if (status == WEFT_BAD_INPUT && !core->complaint.empty())
    return invalid("the configuration of " + what,
                   {Diagnostic{setup.config_position, core->complaint, ""}});
  const std::string outcome(to_string(outcome_from_plugin(status)));
  if (!core->complaint.empty())
    return failed(what + " cannot be made: " + outcome + ": " + core->complaint);
  return failed(what + " cannot be made: " + outcome, "the log says why");
}

result<> Instance::Impl::find_interface() {
  const weft_instance* instance = core->instance;
  const auto query = [&](const char* id) {
    return WEFT_CAN(instance, weft_instance, query) ? instance->query(instance, id) : nullptr;
  };
  if (component.manifest().is_adapter()) {
    adapter_ = static_cast<const weft_adapter*>(query(WEFT_ADAPTER));
    if (WEFT_CAN(adapter_, weft_adapter, describe) && WEFT_CAN(adapter_, weft_adapter, submit) &&
        WEFT_CAN(adapter_, weft_adapter, cancel))
      return {};
    return failed("its manifest says " WEFT_ADAPTER
                  ", but the instance lacks describe, submit or cancel");
  }
  executor_ = static_cast<const weft_executor*>(query(WEFT_EXECUTOR));
  core->blocks = true;
  if (WEFT_CAN(executor_, weft_executor, run)) return {};
  return failed("the instance has no function `run` of " WEFT_EXECUTOR);
}

void Instance::Impl::drain(Duration limit, std::function<void()> done) {
  draining_ = true;
  on_drained_ = std::move(done);
  auto timer = std::make_shared<boost::asio::steady_timer>(core->host.parts.io, limit);
  const bool patient = limit > Duration{};  // who gives no time cannot complain
  timer->async_wait([weak = weak_from_this(), timer, patient](const boost::system::error_code&) {
    const auto self = weak.lock();
    if (!self || !self->on_drained_) return;
    if (patient) self->core->log.warn("the plugin does not let go in time; it is given up");
    self->drained();
  });
  on_drained_ = [timer, told = std::move(on_drained_)] {
    timer->cancel();
    told();
  };
  if (adapter_) core->jobs.swallow_ends();
  for (const weft_id id : core->jobs.open_jobs()) interrupt(id);
  drain_when_idle();
}

void Instance::Impl::drain_when_idle() {
  {
    const std::lock_guard lock(workers_mutex_);
    if (running_ > 0) return;
  }
  if (on_drained_ && !std::exchange(plugin_drains_, true)) drain_plugin();
}

void Instance::Impl::drain_plugin() {
  const weft_instance* instance = core->instance;
  if (!WEFT_CAN(instance, weft_instance, drain)) return drained();
  const weft_id id = core->open_call([this](const JobOutcome&) { drained(); });
  core->call("drain", [&] { instance->drain(instance, id); });
}

void Instance::Impl::drained() {
  // Posted, since the instance may be destroyed in it.
  if (on_drained_) boost::asio::post(core->host.parts.io, std::exchange(on_drained_, nullptr));
}

void Instance::Impl::destroy() {
  draining_ = true;
  for (const weft_id id : core->jobs.open_jobs()) interrupt(id);
  {
    std::unique_lock lock(workers_mutex_);
    worker_left_.wait(lock, [this] { return running_ == 0; });
  }
  core->destroy();
  core->host.retire(core);
}

result<std::unique_ptr<Instance>> Instance::create(Host& host, Component component,
                                                   ServiceSetup setup, JobSink& sink,
                                                   InstanceEvents events) {
  auto config = check_config(component.manifest(), setup.config, setup.config_position);
  if (!config) return std::move(config.error()).in("service '" + setup.service + "'");
  if (!component.manifest().is_adapter() && !component.manifest().is_executor())
    return invalid("service '" + setup.service + "': component '" + component.manifest().name +
                   "' is neither an adapter nor an executor");
  const std::string service = setup.service;
  std::unique_ptr<Instance> instance(new Instance(std::make_shared<Impl>(
      host, std::move(component), std::move(setup), sink, std::move(events))));
  if (auto started = instance->impl_->start(*config); !started)
    return std::move(started.error()).in("service '" + service + "'");
  return instance;
}

Instance::Instance(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Instance::~Instance() {
  impl_->destroy();
}

const std::string& Instance::service() const noexcept {
  return impl_->setup.service;
}
const ComponentManifest& Instance::component() const noexcept {
  return impl_->component.manifest();
}
const weft_instance& Instance::raw() const noexcept {
  return *impl_->core->instance;
}

void Instance::describe(Duration limit, std::function<void(result<Offer>)> done) {
  impl_->describe(limit, std::move(done));
}
void Instance::probe(Duration limit, std::function<void(Health)> done) {
  impl_->probe(limit, std::move(done));
}
void Instance::submit(Job job) {
  impl_->core->on_strand(
      [impl = impl_.get(), job = std::move(job)](Core&) { impl->begin(job, std::nullopt); });
}
void Instance::attach(Job job, std::string token) {
  impl_->core->on_strand([impl = impl_.get(), job = std::move(job),
                          token = std::move(token)](Core&) { impl->begin(job, token); });
}
void Instance::cancel(AttemptRef attempt) {
  impl_->core->on_strand([impl = impl_.get(), attempt](Core&) { impl->cancel(attempt); });
}
void Instance::interrupt(AttemptRef attempt) {
  impl_->core->on_strand([impl = impl_.get(), attempt](Core& core) {
    if (const weft_id id = core.jobs.find(attempt)) impl->interrupt(id);
  });
}
void Instance::checkpointed(AttemptRef, std::uint64_t op) {
  impl_->core->on_strand([op](Core& core) { core.finish(op, WEFT_EV_CHECKPOINT, WEFT_OK); });
}
void Instance::drain(Duration limit, std::function<void()> done) {
  impl_->core->on_strand(
      [impl = impl_.get(), limit, done = std::move(done)](Core&) { impl->drain(limit, done); });
}

}  // namespace weft::plugin

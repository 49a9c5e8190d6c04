// SPDX-License-Identifier: Apache-2.0
// Calls that the host makes and the plugin ends: describe, probe.
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "plugin/instance_impl.hpp"

namespace weft::plugin {
namespace {

// Is it the plugin, or has the service behind it said so?
Error no_answer(const JobOutcome& outcome) {
  const std::string message =
      "it cannot say what it does: " + std::string(to_string(outcome.outcome)) + ", " +
      outcome.message;
  const bool defect = outcome.outcome == Outcome::internal ||
                      outcome.outcome == Outcome::exhausted || outcome.outcome == Outcome::deadline;
  return defect ? failed(message)
                : machine(message, "mend the service's configuration, or start it");
}

}  // namespace

void Instance::Impl::ask(const char* function, Duration limit,
                         const std::function<weft_status(weft_id)>& begin, Core::OnCallEnd done) {
  auto timer = std::make_shared<boost::asio::steady_timer>(core->host.parts.io, limit);
  const weft_id id = core->open_call([timer, done = std::move(done)](JobOutcome outcome) {
    timer->cancel();
    done(std::move(outcome));
  });
  const auto end = [id](Core& owner, Outcome how, std::string message) {
    JobOutcome outcome;
    outcome.outcome = how;
    outcome.message = std::move(message);
    return owner.end_call(id, std::move(outcome));
  };
  timer->async_wait([weak = weak_from_this(), id, function, end](const auto& error) {
    const auto self = weak.lock();
    if (error || !self || self->core->is_destroyed()) return;
    if (end(*self->core, Outcome::deadline, std::string("no answer to ") + function + " in time"))
      self->core->call("cancel", [&] { return self->adapter_->cancel(self->core->instance, id); });
  });
  const weft_status status = core->call(function, [&] { return begin(id); });
  if (status != WEFT_OK)
    end(*core, outcome_from_plugin(status), std::string("the plugin refuses to ") + function);
}

void Instance::Impl::describe(Duration limit, std::function<void(result<Offer>)> done) {
  if (executor_)
    return core->on_strand([this, done = std::move(done)](Core&) {
      done(Offer{Recover::none, component.manifest().operations});
    });
  core->on_strand([this, limit, done = std::move(done)](Core&) {
    ask(
        "describe", limit,
        [this](weft_id call) { return adapter_->describe(core->instance, call); },
        [this, done](const JobOutcome& outcome) {
          const std::string who = "service '" + setup.service + "'";
          if (outcome.outcome != Outcome::ok) return done(no_answer(outcome).in(who));
          auto offer = parse_offer(json::serialize(outcome.outputs), component.manifest().name);
          if (!offer) return done(std::move(offer.error()).in(who));
          auto table = OfferTable::compile(*offer);
          if (!table) return done(std::move(table.error()).in(who));
          offer_ = std::move(*table);
          done(std::move(offer));
        });
  });
}

void Instance::Impl::probe(Duration limit, std::function<void(Health)> done) {
  core->on_strand([this, limit, done = std::move(done)](Core&) {
    if (executor_) return done(Health{});
    if (WEFT_CAN(adapter_, weft_adapter, probe))
      return ask(
          "probe", limit, [this](weft_id call) { return adapter_->probe(core->instance, call); },
          [done](JobOutcome outcome) {
            done({outcome.outcome, std::move(outcome.message), std::move(outcome.outputs)});
          });
    // What it can do it may have to ask the service as well.
    ask(
        "describe", limit,
        [this](weft_id call) { return adapter_->describe(core->instance, call); },
        [done](JobOutcome outcome) {
          done({outcome.outcome, std::move(outcome.message), {}});
        });
  });
}

}  // namespace weft::plugin

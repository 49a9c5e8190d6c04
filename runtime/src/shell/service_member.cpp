// SPDX-License-Identifier: Apache-2.0
#include "shell/service_member.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "shell/environment.hpp"
#include "shell/offer.hpp"

namespace weft::shell {
namespace {

constexpr Duration describe_limit = std::chrono::seconds{10};

// Whoever shows the reason names the service himself.
std::string reason_in(const Error& error, const std::string& service) {
  const std::string name = "service '" + service + "': ";
  const std::string reason = on_one_line(error);
  return reason.starts_with(name) ? reason.substr(name.size()) : reason;
}

const SlotClass* find_class(const std::vector<SlotClass>& classes, std::string_view name) {
  const auto found = std::ranges::find(classes, name, &SlotClass::name);
  return found == classes.end() ? nullptr : &*found;
}

// Digests, because values of a configuration are shown to nobody.
json::object identity_of(const ServiceConfig& config, const std::string& version) {
  json::object identity{{"version", version}};
  for (const json::key_value_pair& member : config.config)
    identity["config." + std::string(member.key())] = digest_of(member.value()).to_string();
  return identity;
}

}  // namespace

bool ServiceMember::is_made_of(const ServiceConfig& other,
                               const std::vector<SlotClass>& classes) const {
  if (config.name != other.name || config.written != other.written) return false;
  const SlotClass* slot_class = find_class(classes, row.slot_class_name);
  return slot_class && slot_class->slots == room;
}

std::shared_ptr<ServiceMember> ServiceMaker::make(const ServiceConfig& config,
                                                  const std::vector<SlotClass>& classes,
                                                  std::function<void()> described) const {
  auto member = std::make_shared<ServiceMember>();
  member->config = config;
  if (const plugin::Component* component = prepare(*member, classes))
    make_instance(member, *component, std::move(described));
  else
    described();
  return member;
}

// Null when it cannot be used.
const plugin::Component* ServiceMaker::prepare(ServiceMember& member,
                                               const std::vector<SlotClass>& classes) const {
  const ServiceConfig& config = member.config;
  route::Service& row = member.row;
  row.name = config.name;
  row.component = config.component;
  row.slots = config.slots;
  row.limits = config.limits;
  row.health = config.health;
  row.price = config.price;
  row.latency = config.latency;
  row.placeholder = config.placeholder;
  row.enabled = config.enabled;
  row.only = config.operations;
  const plugin::Component* component = libraries.find(config.component);
  if (!component) {
    std::vector<std::string> names;
    for (const auto& [name, known] : libraries.components()) names.push_back(name);
    row.unavailable =
        "no plugin has a component '" + config.component + "'; " + suggest(config.component, names);
    return nullptr;
  }
  const plugin::ComponentManifest& manifest = component->manifest();
  row.identity = identity_of(config, component->library().manifest().version);
  row.local = manifest.is_executor();
  if (row.local && !row.price)  // local work costs nothing unless somebody says otherwise
    row.price.emplace().rows.push_back({std::nullopt, Money{0, currency}});
  row.slot_class_name = !config.slot_class.empty() ? config.slot_class
                        : row.local                ? manifest.slot_class
                                                   : std::string("io");
  const SlotClass* slot_class = find_class(classes, row.slot_class_name);
  if (!slot_class) {
    row.unavailable = "there is no class '" + row.slot_class_name + "'; add it under [classes]";
    return nullptr;
  }
  member.room = slot_class->slots;
  return component;
}

void ServiceMaker::make_instance(const std::shared_ptr<ServiceMember>& member,
                                 const plugin::Component& component,
                                 std::function<void()> described) const {
  const ServiceConfig& config = member->config;
  plugin::InstanceEvents events;
  events.on_quarantined = [this, name = config.name](const std::string& reason) {
    log.error("service is quarantined", {{"service", name}, {"reason", reason}});
  };
  events.on_offer_changed = [member = member.get()] { member->is_unheard = true; };
  auto instance = plugin::Instance::create(
      host, component,
      {config.name, config.config, config.config_position, config.secrets,
       config.limits.concurrency ? config.limits.concurrency : member->room},
      sink, std::move(events));
  if (!instance) {
    member->row.unavailable = reason_in(instance.error(), config.name);
    return described();
  }
  member->instance = std::move(*instance);
  describe(*member, std::move(described));
}

void ServiceMaker::describe(ServiceMember& member, std::function<void()> described) const {
  member.is_unheard = false;
  // The member owns the instance, and so outlives its answer.
  member.instance->describe(
      describe_limit, [&member, described = std::move(described)](result<plugin::Offer> offer) {
        route::Service& row = member.row;
        if (offer) {
          row.operations.clear();
          row.unavailable.clear();
          take_offer(*offer, member.config, row);
        } else {
          // What it has said before stands: whether it works is for its attempts to tell.
          if (row.operations.empty())
            row.unavailable = reason_in(offer.error(), member.config.name);
          member.is_unheard = true;
        }
        described();
      });
}

}  // namespace weft::shell

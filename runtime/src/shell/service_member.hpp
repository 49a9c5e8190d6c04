// SPDX-License-Identifier: Apache-2.0
// One configured service, alive.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/config.hpp"
#include "plugin/host.hpp"
#include "plugin/instance.hpp"
#include "plugin/library.hpp"
#include "route/services.hpp"

namespace weft::shell {

struct ServiceMember {
  ServiceConfig config;
  std::uint32_t room = 0;                      // slots of its class, as it was made for
  route::Service row;                          // complete when it has been described
  std::unique_ptr<plugin::Instance> instance;  // null: unavailable
  // It could not say what it does, or has said that this has changed. In the io thread.
  bool is_unheard = false;

  // Whether a member that is made of this configuration would be like it.
  bool is_made_of(const ServiceConfig& other, const std::vector<SlotClass>& classes) const;
};

// What members are made with. All must outlive them.
struct ServiceMaker {
  const plugin::Libraries& libraries;
  plugin::Host& host;
  plugin::JobSink& sink;
  const observe::Logger& log;
  std::string currency;

  // Makes the instance and asks what it can do; `described` is called when that is known, in the io
  // thread, or at once where there is nothing to ask. What is wrong stands in `row.unavailable`.
  std::shared_ptr<ServiceMember> make(const ServiceConfig& config,
                                      const std::vector<SlotClass>& classes,
                                      std::function<void()> described) const;
  // Asks a member that has an instance what it can do, once more.
  void describe(ServiceMember& member, std::function<void()> described) const;

 private:
  const plugin::Component* prepare(ServiceMember& member,
                                   const std::vector<SlotClass>& classes) const;
  void make_instance(const std::shared_ptr<ServiceMember>& member,
                     const plugin::Component& component, std::function<void()> described) const;
};

}  // namespace weft::shell

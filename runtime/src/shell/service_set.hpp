// SPDX-License-Identifier: Apache-2.0
// Which services there are, who does which attempt, and how the first changes with the files of
// the configuration: services and classes that have changed are made anew, the others go on, and
// a removed one goes when the last job it has under way has ended. Files with a mistake change
// nothing, and are logged.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "model/batch.hpp"
#include "shell/config_watch.hpp"
#include "shell/countdown.hpp"
#include "shell/environment.hpp"
#include "shell/service_member.hpp"

namespace weft::shell {

// What is offered: the services by their places in the table.
struct Offering {
  std::shared_ptr<const route::ServiceTable> table = std::make_shared<route::ServiceTable>();
  std::vector<std::shared_ptr<ServiceMember>> members;
};

// Functions of the io thread may be called by another one while nobody runs the io_context.
class ServiceSet {
 public:
  // `configuration_read`: else a service has only said anew what it does.
  using OnChange =
      std::function<void(std::shared_ptr<const route::ServiceTable>, bool configuration_read)>;
  // What is referred to must outlive it. `changed` is called in the io thread.
  ServiceSet(boost::asio::io_context& io, const Environment& environment, ServiceMaker maker,
             OnChange changed);
  // While nobody runs the io_context: it destroys the instances.
  ~ServiceSet();
  ServiceSet(const ServiceSet&) = delete;
  ServiceSet& operator=(const ServiceSet&) = delete;

  // ---- the io thread
  // Makes the services of a configuration; until they have been described the old ones are offered.
  void renew(const Configuration& config);
  bool is_renewing() const noexcept { return renewal_ != nullptr; }
  // Looks at the files every second from now on.
  void watch();
  // Every service lets go; `counts` goes down with each and is over with the last.
  void let_go(Duration limit, const std::shared_ptr<Countdown>& counts);

  // ---- any thread
  std::shared_ptr<const Offering> offering() const;
  // Who does the attempt from now on, or why nobody does. Null: it is under way already.
  std::variant<plugin::Instance*, std::string> begin(std::string_view service, AttemptRef attempt,
                                                     bool attaching);
  void ended(AttemptRef attempt);
  // Who does it; null: nobody does.
  plugin::Instance* serving(AttemptRef attempt) const;
  void interrupt_all() const;

 private:
  // The members of a configuration while they are being described.
  struct Renewal {
    std::vector<SlotClass> classes;
    std::vector<std::shared_ptr<ServiceMember>> members;
    std::size_t open = 0;
  };
  struct Retiring {
    std::shared_ptr<ServiceMember> member;
    bool goes = false;
  };
  struct AttemptHash {
    std::size_t operator()(const AttemptRef& ref) const noexcept {
      return std::hash<TaskRef>{}({ref.run, ref.task}) * 31 + ref.attempt;
    }
  };
  void offer(const Renewal& renewal, bool configuration_read);
  void retire_idle();
  bool is_serving(const ServiceMember& member) const;
  void read_again();
  void hear_again();

  boost::asio::io_context& io_;
  const Environment& environment_;
  const ServiceMaker maker_;
  const OnChange changed_;

  // Of the io thread.
  ConfigWatch watch_;
  boost::asio::steady_timer watch_timer_;
  std::shared_ptr<Renewal> renewal_;  // null: no configuration is being read
  unsigned watches_ = 0;
  // Members that are asked again what they do; here, because the question must not keep itself.
  std::vector<std::shared_ptr<ServiceMember>> hearing_;
  bool heard_ = false;  // one of them has said it
  std::vector<Retiring> retiring_;
  bool lets_go_ = false;

  mutable std::mutex mutex_;  // of all below; the io thread alone changes the first
  std::shared_ptr<const Offering> offering_ = std::make_shared<Offering>();
  std::unordered_map<AttemptRef, std::shared_ptr<ServiceMember>, AttemptHash> serving_;
  bool something_retires_ = false;
};

}  // namespace weft::shell

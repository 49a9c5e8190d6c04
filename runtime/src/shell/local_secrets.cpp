// SPDX-License-Identifier: Apache-2.0
// Keys of services: what people may see of them, and how they come into the store.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "shell/key_ring.hpp"
#include "shell/local_runtime.hpp"
#include "shell/submission.hpp"

namespace weft::shell {
namespace {

constexpr std::size_t value_bytes_at_most = 16 << 10;

std::vector<std::string> users_of(const Configuration& config, std::string_view name) {
  std::vector<std::string> services;
  for (const ServiceConfig& service : config.services)
    if (std::ranges::find(service.secrets, name) != service.secrets.end())
      services.push_back(service.name);
  return services;
}

result<> check_secret(std::string_view name, std::string_view value) {
  if (!is_secret_name(name))
    return invalid("'" + excerpt(name, 60) + "' cannot name a secret",
                   "use letters, digits, '_', '-' and '.'");
  if (value.empty()) return invalid("the secret '" + std::string(name) + "' would be empty");
  if (value.size() > value_bytes_at_most)
    return invalid("the secret '" + std::string(name) + "' is longer than 16 KiB",
                   "is it the key, and not a file that holds it?");
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  if (std::ranges::any_of(value, is_control))
    return invalid("the secret '" + std::string(name) +
                       "' has a line break or another control "
                       "character in it",
                   "hand in the key alone");
  return {};
}

}  // namespace

result<std::vector<SecretView>> LocalRuntime::secrets() {
  KeyRing ring({environment_->state, environment_->config.secrets, now, environment_->log.get()});
  const auto known = ring.names();
  std::set<std::string> names(known.begin(), known.end());
  for (const ServiceConfig& service : environment_->config.services)
    names.insert(service.secrets.begin(), service.secrets.end());
  std::vector<SecretView> views;
  for (const std::string& name : names)
    for (SecretView& view : ring.describe(name)) {
      view.services = users_of(environment_->config, name);
      views.push_back(std::move(view));
    }
  return views;
}

result<> LocalRuntime::set_secret(std::string_view name, std::string_view value,
                                  SecretPlace place) {
  if (auto checked = check_secret(name, value); !checked) return checked;
  for (const SecretReference& reference : environment_->config.secrets)
    if (reference.name == name)
      return conflict(
          "the configuration says that the secret '" + std::string(name) + "' is elsewhere",
          "change it there, or take it out of [secrets]");
  const std::lock_guard lock(client_mutex_);
  auto writer = client();
  if (!writer) return std::move(writer).error();
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  if (auto kept = keep_secret(**writer, **reader, environment_->state, name, value, place, now());
      !kept)
    return kept;
  const auto health = (*reader)->service_health();
  if (!health) return health.error();
  for (const std::string& service : users_of(environment_->config, name)) {
    const auto known = std::ranges::find(*health, service, &ServiceHealth::service);
    if (known == health->end() || known->account == Outcome::ok) continue;
    Command command;
    command.id = new_command_id();
    command.kind = CommandKind::reopen;
    command.service = service;
    command.reason = "the secret '" + std::string(name) + "' has a new value";
    if (auto handed_in = (*writer)->submit(command); !handed_in) return handed_in;
  }
  return {};
}

result<> LocalRuntime::remove_secret(std::string_view name, std::optional<std::int64_t> number) {
  if (auto reader = queries(); !reader) return std::move(reader).error();  // nothing to remove from
  const std::lock_guard lock(client_mutex_);
  auto writer = client();
  if (!writer) return std::move(writer).error();
  return (*writer)->remove_secret(name, number);
}

result<std::vector<CheckView>> LocalRuntime::test_secret(std::string_view name) {
  const auto services = users_of(environment_->config, name);
  if (services.empty())
    return not_found(
        "no service of the configuration may use the secret '" + std::string(name) + "'",
        "name it in a service: secrets = [\"" + std::string(name) + "\"]");
  KeyRing ring({environment_->state, environment_->config.secrets, now, environment_->log.get()});
  if (!ring.get(name))
    return not_found("the secret '" + std::string(name) + "' has no value",
                     "weft secret set " + std::string(name));
  auto loaded = board();
  if (!loaded) return std::move(loaded).error();
  std::vector<CheckView> views;
  for (const std::string& service : services) views.push_back((*loaded)->check(service));
  return views;
}

}  // namespace weft::shell

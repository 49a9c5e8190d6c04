// SPDX-License-Identifier: Apache-2.0
#include "plugin/gpu_memory.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "plugin/proc.hpp"

namespace weft::plugin {
namespace {

namespace fs = std::filesystem;

// "24 MiB"; bytes where no unit stands.
std::uint64_t size_of(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc()) return 0;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.starts_with(" KiB")) return size << 10;
  if (unit.starts_with(" MiB")) return size << 20;
  return size;
}

// What a driver calls the memory of the card itself: vram (amdgpu, nouveau), vram0 (xe), local0 and
// stolen-local0 (i915). The others (gtt, system, stolen, cpu, memory) are the machine's.
bool is_of_card(std::string_view region) {
  return region.starts_with("vram") || region.starts_with("local") ||
         region.starts_with("stolen-local");
}

// Who opened a card; many descriptors, of many processes, may lead to it.
struct Client {
  std::string card;
  std::string id;  // unique within its card at least
  std::uint64_t bytes = 0;
};

// Nothing: the descriptor leads to something else.
std::optional<Client> client_of(std::string_view fdinfo) {
  std::string_view driver, slot, id;
  // Of each region what is there now; what was asked for only where the driver does not say that.
  // drm-memory is the old name of drm-resident, and some kernels tell both.
  std::map<std::string_view, std::uint64_t> resident, total;
  for_each_entry(fdinfo, [&](std::string_view key, std::string_view value) {
    const auto take = [&](std::string_view prefix, auto& sizes) {
      if (!key.starts_with(prefix) || !is_of_card(key.substr(prefix.size()))) return;
      auto& size = sizes[key.substr(prefix.size())];
      size = std::max(size, size_of(value));
    };
    if (key == "drm-driver") driver = value;
    if (key == "drm-pdev") slot = value;
    if (key == "drm-client-id") id = value;
    take("drm-resident-", resident);
    take("drm-memory-", resident);
    take("drm-total-", total);
  });
  if (driver.empty()) return std::nullopt;
  Client client{std::string(driver) + ' ' + std::string(slot), std::string(id), 0};
  for (const auto& [region, size] : resident.empty() ? total : resident) client.bytes += size;
  return client;
}

template <class Do>
void for_each_in(const fs::path& folder, Do what) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    what(at->path());
}

// It and all that came of it, as far as their parents live: who is left over goes to another.
std::vector<pid_t> family_of(const fs::path& proc, pid_t process) {
  std::vector<pid_t> family{process};
  for (std::size_t at = 0; at < family.size(); ++at)
    for_each_in(proc / std::to_string(family[at]) / "task", [&](const fs::path& thread) {
      const std::string children = read_proc(thread / "children");
      const char* const end = children.data() + children.size();
      pid_t child = 0;
      for (const char* from = children.data();;) {
        const auto [next, error] = std::from_chars(from, end, child);
        if (error != std::errc()) return;
        if (std::ranges::find(family, child) == family.end()) family.push_back(child);
        from = next == end ? end : next + 1;
      }
    });
  return family;
}

}  // namespace

std::uint64_t gpu_memory_bytes(const fs::path& proc, pid_t process) {
  std::map<std::string, std::map<std::string, std::uint64_t>> cards;
  for (const pid_t member : family_of(proc, process))
    for_each_in(proc / std::to_string(member) / "fdinfo", [&](const fs::path& descriptor) {
      if (auto client = client_of(read_proc(descriptor)))
        cards[client->card].insert_or_assign(client->id, client->bytes);
    });
  std::uint64_t most = 0;
  for (const auto& [card, clients] : cards) {
    std::uint64_t held = 0;
    for (const auto& [id, bytes] : clients) held += bytes;
    most = std::max(most, held);
  }
  return most;
}

}  // namespace weft::plugin

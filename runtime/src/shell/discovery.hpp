// SPDX-License-Identifier: Apache-2.0
// Servers of generation on this machine, at the ports that they use by default. What is found is
// offered to people, never used by itself.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "observe/log.hpp"
#include "weft/runtime.hpp"

namespace weft::shell {

// What one kind of server says when it is asked at its port.
struct ServerSign {
  std::string_view kind;  // "ComfyUI"
  std::uint16_t port;
  std::string_view path;    // answered with 200 and JSON, free of charge and without effect
  std::string_view member;  // a member of that object, at any depth of objects; "": it is an array
};
// ComfyUI, A1111 and Forge, Ollama, llama.cpp.
std::span<const ServerSign> well_known_servers() noexcept;

// Asks all ports of 127.0.0.1 at once, and takes a second at most.
std::vector<FoundServerView> find_servers(std::span<const ServerSign> signs,
                                          const observe::Logger& log);

}  // namespace weft::shell

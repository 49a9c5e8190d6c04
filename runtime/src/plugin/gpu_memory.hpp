// SPDX-License-Identifier: Apache-2.0
// How much of graphics cards a process and its descendants hold now.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace weft::plugin {

// Bytes of the card's own memory, of the card of which they hold the most, as the kernel's drivers
// tell for each open device in `proc`/PID/fdinfo ("DRM client usage stats",
// Documentation/gpu/drm-usage-stats.rst: amdgpu, i915, xe, nouveau and others). Zero where nothing
// is held or nobody tells: a process has ended, its driver does not say it (NVIDIA's own), or the
// card has no memory of its own and so takes the machine's. `proc`: "/proc", or what is laid out
// like it.
std::uint64_t gpu_memory_bytes(const std::filesystem::path& proc, pid_t process);

}  // namespace weft::plugin

// SPDX-License-Identifier: Apache-2.0
#include "plugin/host.hpp"

#include "plugin/host_impl.hpp"

namespace weft::plugin {

result<std::unique_ptr<Host>> Host::create(HostParts parts) {
  std::error_code error;
  std::filesystem::remove_all(parts.work_folder, error);
  if (!error) std::filesystem::create_directories(parts.work_folder, error);
  if (error)
    return machine("the folder " + parts.work_folder.string() +
                       " for the files of running jobs cannot be made: " + error.message(),
                   "check its rights and the space on its disk");
  return std::unique_ptr<Host>(new Host(std::make_unique<Impl>(std::move(parts))));
}

Host::Host(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Host::~Host() = default;

}  // namespace weft::plugin

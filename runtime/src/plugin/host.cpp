// SPDX-License-Identifier: Apache-2.0
#include "plugin/host.hpp"

#include "plugin/host_impl.hpp"

namespace weft::plugin {

namespace {

// Made, and emptied of what a crash left.
result<> make_work_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (!error) std::filesystem::create_directories(folder, error);
  if (error)
    return machine("the folder " + folder.string() +
                       " for the files of running jobs cannot be made: " + error.message(),
                   "check its rights and the space on its disk");
  return {};
}

}  // namespace

result<std::unique_ptr<Host>> Host::create(HostParts parts) {
  if (auto made = make_work_folder(parts.work_folder); !made) return std::move(made).error();
  return std::unique_ptr<Host>(new Host(std::make_unique<Impl>(std::move(parts))));
}

result<> Host::move_work_folder(std::filesystem::path folder) {
  if (auto made = make_work_folder(folder); !made) return made;
  impl_->parts.work_folder = std::move(folder);
  return {};
}

Host::Host(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Host::~Host() = default;

}  // namespace weft::plugin

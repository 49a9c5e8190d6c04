// SPDX-License-Identifier: Apache-2.0
// weft/testing/library.hpp - opens a plugin library as the runtime does.
#pragma once

#include <weft/abi.h>

#include <dlfcn.h>

#include <stdexcept>
#include <string>

namespace weft::testing {

class library {
 public:
  // Never closed: what a library left behind (thread_local destructors, say) may still be called.
  explicit library(const std::string& path) {
    void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) throw std::runtime_error(::dlerror());
    entry_ = static_cast<const weft_entry*>(::dlsym(handle, "weft_entry_v1"));
    if (entry_ == nullptr) throw std::runtime_error(path + " exports no weft_entry_v1");
  }
  const weft_entry& entry() const noexcept { return *entry_; }

 private:
  const weft_entry* entry_;
};

}  // namespace weft::testing

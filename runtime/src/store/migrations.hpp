// SPDX-License-Identifier: Apache-2.0
// The tables as they came about: script n brings a database from version n - 1 to n.
#pragma once
#include <span>

namespace weft::store {

std::span<const char* const> migrations() noexcept;

}  // namespace weft::store

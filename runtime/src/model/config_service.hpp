// SPDX-License-Identifier: Apache-2.0
// One [services.<name>] table.
#pragma once
#include <string_view>

#include "model/config.hpp"
#include "model/table_reader.hpp"

namespace weft {

// `table` is at the service; `currency` that of a bare price. What only all files together can tell
// (do the class and the operations exist?) is left to the caller.
ServiceConfig read_service(TableReader& table, std::string name, std::string_view currency);

// Once all operations are known: whether the price speaks of params that there are.
void check_price(const ServiceConfig& service, const OperationCatalog& operations,
                 Mistakes& mistakes);

}  // namespace weft

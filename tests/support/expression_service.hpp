// SPDX-License-Identifier: Apache-2.0
// The runtime's expressions for plugins that are tested on the SDK's fake host.
#pragma once
#include <weft/testing.hpp>

namespace weft::testing {

// Before fake_host::create: the host offers weft.expression-draft/1.
void offer_expressions(fake_host& host);

}  // namespace weft::testing

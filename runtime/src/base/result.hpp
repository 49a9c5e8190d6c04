// SPDX-License-Identifier: Apache-2.0
// The error values that the runtime shares with the programs that embed it.
#pragma once
#include <weft/result.hpp>

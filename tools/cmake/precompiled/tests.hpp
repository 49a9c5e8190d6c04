// SPDX-License-Identifier: Apache-2.0
// What most tests include. A source still includes what it uses.
#pragma once
#include "catch.hpp"
#include "layers.hpp"

// SPDX-License-Identifier: Apache-2.0
// Errors as people read them.
#pragma once
#include <weft/result.hpp>

#include <string>

namespace weft::cli {

// Message, remedy, then each diagnostic; below a diagnostic the line it speaks of, with a caret
// under the column, when the file can be read:
//
//   error: 1 mistake in shots.toml
//   shots.toml:12:13: error: unknown operation 'image.generat'
//     12 | operation = "image.generat"
//        |             ^
//       did you mean 'image.generate'?
//
// Ends with a newline.
std::string error_text(const Error& error, bool color);
// One diagnostic in the same form.
std::string diagnostic_text(const Diagnostic& diagnostic, bool color);

}  // namespace weft::cli

// SPDX-License-Identifier: Apache-2.0
// The rules themselves: each finds what it is for, and lets the rest be.
#include "rules.hpp"

#include "catch.hpp"
#include "code_text.hpp"

using namespace weft::tidy;

namespace {

SourceFile code(const std::string& text) {
  return {"runtime/src/net/a.cpp", text};
}

}  // namespace

TEST_CASE("a folder that includes a higher one is found, with its line") {
  const SourceFile file{"runtime/src/base/a.hpp", "#pragma once\n#include \"model/plan.hpp\"\n"};
  CHECK(layering(file) == Findings{"runtime/src/base/a.hpp:2: base must not include model"});
  CHECK(layering({"runtime/src/engine/a.cpp", "#include \"store/store.hpp\"\n"}).size() == 1);
  CHECK(layering({"runtime/src/novel/a.cpp", ""}).size() == 1);
}

TEST_CASE("lower folders, the folder itself and libraries may be included") {
  CHECK(layering(
            {"runtime/src/engine/a.cpp",
             "#include \"engine/core.hpp\"\n#include \"base/ids.hpp\"\n#include <boost/a.hpp>\n"})
            .empty());
  CHECK(layering({"tests/unit/base/a.cpp", "#include \"engine/core.hpp\"\n"}).empty());
}

TEST_CASE("a plugin that looks into the runtime is found") {
  CHECK(borders({"plugins/media/a.cpp", "#include \"base/text.hpp\"\n"}).size() == 1);
  CHECK(borders({"sdk/include/weft/a.hpp", "#include <weft/runtime.hpp>\n"}).size() == 1);
  CHECK(borders({"plugins/media/a.cpp", "#include <weft/plugin.hpp>\n"}).empty());
}

TEST_CASE("the command line that goes around the embedding interface is found") {
  CHECK(borders({"tools/weft/a.cpp", "#include \"store/store.hpp\"\n"}).size() == 1);
  CHECK(borders({"tools/weft/a.cpp", "#include <weft/runtime.hpp>\n#include \"base/text.hpp\"\n"})
            .empty());
}

TEST_CASE("a source without its licence at the top is found") {
  CHECK(licence(code("#pragma once\n\n// SPDX-License-Identifier: Apache-2.0\n")).size() == 1);
  CHECK(licence(code("")).size() == 1);
  CHECK(licence(code("// SPDX-License-Identifier: Apache-2.0\n")).empty());
  CHECK(licence({"tools/a.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"}).empty());
}

TEST_CASE("an aggregate made within a co_await expression is found") {
  CHECK(coroutine_temporaries(code("co_await send(Request{1, text});")).size() == 1);
  CHECK(coroutine_temporaries(code("auto x = co_await send({url});")).size() == 1);
  CHECK(coroutine_temporaries(code("co_await (send(a) || send(b{1}));")).size() == 1);
}

TEST_CASE("a lambda that owns what it captures is found within a co_await expression") {
  CHECK(coroutine_temporaries(code("co_await post([text] { use(text); });")).size() == 1);
  CHECK(coroutine_temporaries(code("co_await post(x, [=] {});")).size() == 1);
  CHECK(coroutine_temporaries(code("co_await post([&a, p = std::move(p)]() mutable {});")).size() ==
        1);
}

TEST_CASE("named objects, references and what stands outside the expression are let be") {
  CHECK(coroutine_temporaries(code("Request r{1, text};\nco_await send(std::move(r));")).empty());
  CHECK(coroutine_temporaries(code("co_await post([&, this] { use(Request{1}); });")).empty());
  CHECK(coroutine_temporaries(code("co_await send(rows[i]); Request r{2};")).empty());
  CHECK(coroutine_temporaries(code("while (co_await next()) { f(A{1}); }")).empty());
  CHECK(coroutine_temporaries(code("// co_await send(Request{1});")).empty());
}

TEST_CASE("a promise of later work and a path of another machine are found") {
  CHECK(words(code("// TO"
                   "DO: mend\n"))
            .size() == 1);
  CHECK(words(code("// FIX"
                   "ME\n"))
            .size() == 1);
  CHECK(words(code("\nread(\"/ro"
                   "ot/a\");\n"))
            .front()
            .find("net/a.cpp:2: ") != std::string::npos);
  CHECK(words(code("std::vector<Step> todo; // state/wo"
                   "rk/a\n"))
            .empty());
}

TEST_CASE("a function that is too long is found, and how long it is") {
  const std::string body(70, '\n');
  CHECK(long_functions(code("int f() {" + body + "}\n"), 70) ==
        Findings{"runtime/src/net/a.cpp:1: a function of 71 lines"});
  CHECK(long_functions(code("int f() {" + body + "}\n"), 71).empty());
}

TEST_CASE("scopes, tables and texts are no functions") {
  const std::string many(100, '\n');
  for (const std::string& text :
       {"namespace a {" + many + "}", "class A : public B {" + many + "};",
        "constexpr Row rows[] = {" + many + "};", "const char* t = \"f() {\";" + many,
        "/* f() { */" + many, "#define F(x) { \\\n" + many, "auto t = R\"(f() { )\";" + many})
    CHECK(long_functions(code(text), 70).empty());
}

TEST_CASE("methods and constructors within scopes are functions") {
  const auto functions = functions_of(code_of(
      "namespace a {\nclass A {\n  A() : x_(1) {\n    f();\n  }\n  int g() const {\n  }\n};\n}\n"));
  REQUIRE(functions.size() == 2);
  CHECK(functions[0].line == 3);
  CHECK(functions[0].lines == 3);
  CHECK(functions[1].lines == 2);
}

TEST_CASE("digit separators and quotes in characters do not derail the reading") {
  CHECK(code_of("x = 1'000'000; c = '\"'; y = 2;") == "x = 1'000'000; c =    ; y = 2;");
}

TEST_CASE("a file that is too long is found") {
  CHECK(long_files(code(std::string(401, '\n')), 400).size() == 1);
  CHECK(long_files(code(std::string(400, '\n')), 400).empty());
}

TEST_CASE("a suppressed warning is found") {
  CHECK(suppressions(code("f();  // NO"
                          "LINT(x): y\n"))
            .size() == 1);
  CHECK(suppressions(code("f();\n")).empty());
}

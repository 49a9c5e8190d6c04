// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <fstream>

#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

namespace {

// Everything an error says, without the folder of the test plugins.
std::string said(const Error& error) {
  std::string text = error.to_string();
  const std::string folder = std::string(WEFT_TEST_PLUGINS) + "/";
  for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
    text.erase(at, folder.size());
  return text;
}
std::string load_error(const std::string& name) {
  return said(Library::load(plugin_file(name)).error());
}
bool begins(const std::string& text, const std::string& with) {
  return text.starts_with(with);
}

}  // namespace

TEST_CASE("the manifest of a library is read without loading it") {
  const auto text = read_manifest(plugin_file("script"));
  REQUIRE(text.has_value());
  const auto manifest = parse_manifest(*text, "script.so");
  REQUIRE(manifest.has_value());
  CHECK(manifest->id == "test.weft.script");
  CHECK(manifest->components.at(1).slot_class == "cpu");
  CHECK(manifest->components.at(1).slots == 2);
}

TEST_CASE("a file that is not there is named") {
  CHECK(load_error("absent") == "absent.so: no such file");
  CHECK(Library::load(plugin_file("absent")).error().kind == ErrorKind::not_found);
}

TEST_CASE("a file that is not a shared library is told apart from a library without a manifest") {
  const TestFolder folder;
  const auto text = folder.path() / "text.so";
  std::ofstream(text) << "#!/bin/sh\n";
  CHECK(Library::load(text).error().message == text.string() + ": not a shared library");
  CHECK(
      begins(load_error("no_manifest"),
             "no_manifest.so: a shared library, but no plugin: it has no section .weft_manifest"));
}

TEST_CASE("a manifest that is no JSON is an error with its place") {
  CHECK(begins(load_error("not_json"), "not_json.so: the manifest is not valid JSON"));
}

TEST_CASE("an unknown key in a manifest is an error that names it") {
  const std::string text = load_error("unknown_key");
  INFO(text);
  CHECK(begins(text, "unknown_key.so: 1 mistake in the manifest"));
  CHECK(text.find("colour") != std::string::npos);
}

TEST_CASE("a plugin of another ABI is refused with both versions, by its manifest or its symbol") {
  CHECK(begins(
      load_error("abi_two"),
      "abi_two.so: made for version 2.3 of the plugin ABI; this runtime speaks version 1.0"));
  CHECK(
      begins(load_error("entry_two"),
             "entry_two.so: made for version 2 of the plugin ABI (it exports weft_entry_v2); this "
             "runtime speaks version 1"));
}

TEST_CASE("a library without the entry symbol is told which one it lacks") {
  CHECK(begins(load_error("no_entry"), "no_entry.so: it does not export weft_entry_v1"));
}

TEST_CASE("an entry that is too short to create anything is refused") {
  CHECK(load_error("short_entry") == "short_entry.so: its weft_entry_v1 has no function `create`");
}

TEST_CASE("a manifest in the entry that differs from the section is refused") {
  CHECK(load_error("other_manifest") ==
        "other_manifest.so: the manifest in its entry is another one than in its section "
        ".weft_manifest");
}

TEST_CASE("a host service that is not offered is named, with the one that is near") {
  const std::string text = load_error("needs");
  CHECK(
      begins(text,
             "needs.so: component 'a' needs the host service weft.http/2, which this runtime does "
             "not offer"));
  CHECK(text.find("did you mean 'weft.http/1'?") != std::string::npos);
}

TEST_CASE("an unresolved symbol is named") {
  CHECK(begins(load_error("unresolved"),
               "unresolved.so: it uses the symbol nobody_defines_this, which no library it names "
               "defines"));
}

TEST_CASE("one bad library is a problem of its own, and the rest is there") {
  const TestFolder folder;
  for (const char* name : {"script", "needs", "same_component"})
    std::filesystem::copy(plugin_file(name), folder.path());
  const std::vector folders{folder.path(), folder.path() / "absent"};
  const Libraries libraries = Libraries::scan(folders);
  REQUIRE(libraries.find("script_worker"));
  CHECK(libraries.find("script_worker")->manifest().is_executor());
  CHECK_FALSE(libraries.find("a"));
  // needs.so, the name taken twice, and the folder that is missing
  REQUIRE(libraries.problems().size() == 3);
  CHECK(
      libraries.problems()[1].message ==
      "component 'script' is in two libraries: " + (folder.path() / "same_component.so").string() +
          " (used) and " + (folder.path() / "script.so").string());
  CHECK(libraries.problems()[2].message.find("absent cannot be read") != std::string::npos);
}

// SPDX-License-Identifier: Apache-2.0
#include "seeds.hpp"

#include <elf.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>

#include "expr/functions.hpp"
#include "model/canonical_operations.hpp"
#include "model/document.hpp"

namespace weft::fuzz {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;
using namespace std::string_literals;

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// All files below a folder of this tree whose names end so, in the order of their names.
Texts files(const char* folder, std::string_view ending) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(WEFT_TREE) / folder))
    if (entry.is_regular_file() && entry.path().string().ends_with(ending))
      found.push_back(entry.path());
  std::ranges::sort(found);
  Texts texts;
  for (const fs::path& file : found) texts.push_back(read(file));
  return texts;
}

Texts operator+(Texts texts, const Texts& more) {
  texts.insert(texts.end(), more.begin(), more.end());
  return texts;
}

Texts definitions() {
  return files("tests/data/invalid/definitions", ".toml") + files("configs/pipelines", ".toml");
}

Texts json_definitions() {
  Texts texts = files("tests/data/invalid/definitions", ".json");
  for (const std::string& toml : definitions())
    if (const auto document = Document::from_toml(toml, "seed"))
      texts.push_back(json::serialize(document->root()));
  return texts;
}

Texts configs() {
  return files("tests/data/invalid/configs", ".toml") + files("configs", "weft.toml") +
         files("configs/services", ".toml") + files("configs/operations", ".toml");
}

// The cases of CEL's specification, and the expressions of our definitions.
Texts expressions() {
  Texts texts;
  const json::value cases =
      json::parse(read(fs::path(WEFT_TREE) / "tests/data/cel/cel-cases.json"));
  for (const json::value& one : cases.as_array()) texts.emplace_back(one.at("expr").as_string());
  for (const char* text :
       {"inputs.shots.map(v, v.prompt)", "inputs.shots[index].seconds * 2.0 > y",
        "tasks.keyframe[index].image.sha256", "tasks.one != null ? tasks.one.image.bytes : 0",
        "d.filter(v, type(v) == int)", "cel.bind(a, x, a == x)",
        "strings.quote(s) + s.upperAscii()"})
    texts.emplace_back(text);
  return texts;
}

Texts templates() {
  Texts texts{"a $${literal} and ${s}", "${inputs.shots[index]}", "${'}' + s}", "${x} of ${y}",
              R"({"prompt": "${item.prompt}, still", "n": ["${x}", 3, null]})"};
  for (const std::string& toml : files("configs/pipelines", ".toml")) texts.push_back(toml);
  return texts;
}

Texts schemas() {
  Texts texts;
  const std::string value = R"({"prompt": "a", "width": 64.0, "seconds": 2, "method": "blend"})";
  for (const EmbeddedOperation& one : canonical_operations()) {
    const auto document = Document::from_toml(one.text, "seed");
    for (const auto& operation : document->root().at("operations").as_object())
      if (const json::value* params = find_member(operation.value(), "params"))
        texts.push_back(json::serialize(*params) + "\n" + value);
  }
  texts.emplace_back(
      R"({"type": ["object", "null"], "patternProperties": {"^a.*": {"enum": [1, "b"]}}, "minProperties": 1, "oneOf": [{"required": ["a"]}, {"not": {"type": "string"}}], "definitions": {"d": {"format": "date"}}, "dependencies": {"a": ["b"]}})"
      "\n"
      R"({"a": 1, "b": [1, 1], "ab": "b"})");
  texts.emplace_back(
      R"({"type": "array", "items": [{"type": "number", "multipleOf": 0.1}], "additionalItems": {"$ref": "#/items/0"}, "uniqueItems": true, "contains": {"const": 3}, "maxItems": 4})"
      "\n[0.3, 3, 5]");
  return texts;
}

template <class Row>
void put(std::string& bytes, const Row& row) {
  bytes.append(reinterpret_cast<const char*>(&row), sizeof row);
}

// The smallest plugin library: no code, one symbol, one needed library, and a manifest.
std::string library(std::string_view manifest) {
  const std::string names = "\0.weft_manifest\0.dynsym\0.dynstr\0.dynamic\0.shstrtab\0"s;
  const std::string strings = "\0weft_entry_v1\0libc.so.6\0"s;
  std::string symbols(sizeof(Elf64_Sym), '\0'), dynamic;
  put(symbols, Elf64_Sym{1, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1, 0, 8});
  Elf64_Dyn needed{};
  needed.d_tag = DT_NEEDED;
  needed.d_un.d_val = 15;
  put(dynamic, needed);
  put(dynamic, Elf64_Dyn{});

  std::string body;
  std::vector<Elf64_Shdr> table(1);
  const auto add = [&](std::uint32_t name, std::uint32_t type, std::string_view content) {
    Elf64_Shdr row{};
    row.sh_name = name;
    row.sh_type = type;
    row.sh_link = 3;
    row.sh_offset = sizeof(Elf64_Ehdr) + body.size();
    row.sh_size = content.size();
    table.push_back(row);
    body += content;
  };
  add(1, SHT_PROGBITS, manifest);
  add(16, SHT_DYNSYM, symbols);
  add(24, SHT_STRTAB, strings);
  add(32, SHT_DYNAMIC, dynamic);
  add(41, SHT_STRTAB, names);

  Elf64_Ehdr head{};
  std::memcpy(head.e_ident, ELFMAG, SELFMAG);
  head.e_ident[EI_CLASS] = ELFCLASS64;
  head.e_ident[EI_DATA] = ELFDATA2LSB;
  head.e_type = ET_DYN;
#if defined(__x86_64__)
  head.e_machine = EM_X86_64;
#else
  head.e_machine = EM_AARCH64;
#endif
  head.e_shoff = sizeof head + body.size();
  head.e_shentsize = sizeof(Elf64_Shdr);
  head.e_shnum = static_cast<std::uint16_t>(table.size());
  head.e_shstrndx = 5;
  std::string bytes;
  put(bytes, head);
  bytes += body;
  for (const Elf64_Shdr& row : table) put(bytes, row);
  return bytes;
}

Texts manifests() {
  return files("plugins", "manifest.json") + files("sdk/examples", "manifest.json") +
         Texts{
             R"({"recover": "key", "operations": ["image.generate", {"name": "a.b", "params": {}}]})"};
}

Texts libraries() {
  Texts texts;
  for (const std::string& manifest : manifests()) texts.push_back(library(manifest));
  return texts;
}

Texts sums() {
  constexpr auto low = std::numeric_limits<std::int64_t>::min();
  constexpr auto high = std::numeric_limits<std::int64_t>::max();
  Texts texts;
  for (const std::int64_t a :
       {low, high, std::int64_t{0}, std::int64_t{-1}, std::int64_t{3'037'000'500}})
    for (const std::int64_t b :
         {low, high, std::int64_t{0}, std::int64_t{-1}, std::int64_t{3'037'000'500}})
      for (char what = 0; what < 6; ++what) {
        std::string bytes;
        put(bytes, a);
        put(bytes, b);
        texts.push_back(bytes + what);
      }
  return texts;
}

Texts small_forms() {
  return {"0.40",
          "0.40 EUR",
          "999999999999.999999",
          "500ms",
          "1.5s",
          "7d",
          "30000h",
          "16MiB",
          "2GiB",
          "9223372036854775807",
          "01926f00-0000-7000-8000-000000000001",
          std::string(64, 'a'),
          "image.genrate",
          "Gr\xc3\xbc\xc3\x9f"
          "e \x1b[31m",
          "\xed\xa0\x80\xf4\x90\x80\x80"};
}

Texts urls() {
  return {
      "https://user:\x01@example.org:8443/a/b?key=\x01#frag\n../c?d=e\nRetry-After: 120",
      "http://127.0.0.1:80/\n//other.example/x\nretry-after: Fri, 31 Dec 2027 23:59:59 GMT\n"
      "Date: Fri, 31 Dec 2027 23:59:00 GMT",
      "http://[::1]:8188/queue\nhttps://\x01@host/\nRetry-After: Friday, 31-Dec-27 23:59:59 GMT",
      "HTTPS://EXAMPLE.ORG\n?only=query\nRetry-After: -1",
      "ftp://host/\n",
      "http:/host/\n/x y"};
}

Texts requests() {
  return {
      "\0GET /jobs?key=a%20b HTTP/1.1\r\nHost: x\r\n\r\n"s,
      "\1POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n"s,
      "\5POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n"s,
      "\2HEAD /%2e%2e/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"s,
      "\3OPTIONS * HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n"s,
      "\4GET http://x/y HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n"s,
      "\7GET /"s + std::string(1200, 'a') + " HTTP/1.1\r\n\r\n"};
}

Texts media_heads() {
  return {"\n\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s,
          "\n\xff\xd8\xff\xe0\0\x10JFIF"s,
          "\nRIFF\x24\0\0\0WEBPVP8 "s,
          "\n\0\0\0\x20"
          "ftypisom\0\0\2\0mp42"s,
          "\n\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm"s,
          "\nID3\4\0"s,
          "a.JSON\n {\"a\": 1}",
          "film.mp4\n<html>",
          "x.md\n# Title\n",
          "\nYUV4MPEG2 W64 H36 F24:1\n",
          "c.csv\na,b\n1,2"};
}

Texts media_lines() {
  return {
      R"({"format": {"format_name": "mov,mp4", "duration": "2.5"}, "streams": [
      {"codec_type": "video", "codec_name": "h264", "width": 1280, "height": 720, "pix_fmt": "yuv420p",
       "avg_frame_rate": "30000/1001", "r_frame_rate": "0/0", "nb_read_packets": "75"},
      {"codec_type": "audio", "codec_name": "aac", "sample_rate": "48000"}]})",
      R"({"format": {"format_name": "png_pipe"}, "streams": [{"codec_type": "video", "width": 64, "height": 36}]})",
      "#extradata 0: 45, 0x0a2f1b3c\n#tb 0: 1/12800\n#media_type 0: video\n#codec_id 0: h264\n"
      "#dimensions 0: 160x88\n#sar 0: 0/1\n#media_type 1: audio\n0, 0, 0, 512, 1000, 0x1\n"
      "1, 0, 0, 1024, 10, 0x2\n0, 512, 512, 512, 900, 0x3\n",
      "frame=  12\nfps=25.0\nprogress=continue",
      "30000/1001",
      "file:/state/artifacts/aa: No space left on device"};
}

// Recorded and documented answers, as target.hpp says.
Texts service_answers() {
  const fs::path folder = fs::path(WEFT_TREE) / "tests/data/cloud";
  const json::value exchanges = json::parse(read(folder / "exchanges.json"));
  Texts texts;
  for (const json::value& exchange : exchanges.as_array()) {
    std::string text = std::string(exchange.at("service").as_string()) + " " +
                       std::string(exchange.at("operation").as_string());
    for (const json::value& answer : exchange.at("answers").as_array()) {
      text += "\x1e" + json::serialize(answer.at("status"));
      if (const json::value* headers = find_member(answer, "headers"))
        if (const json::value* type = find_member(*headers, "content-type"))
          text += " " + std::string(type->as_string());
      const json::value* file = find_member(answer, "file");
      const json::value* body = find_member(answer, "body");
      text += "\n" + (file                ? read(folder / std::string(file->as_string()))
                      : body->is_string() ? std::string(body->as_string())
                                          : json::serialize(*body));
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

Texts rows() {
  Texts texts;
  for (char column = 0; column < 9; ++column)
    for (const char* text :
         {"{}", R"({"a": [1, {"b": null}]})", R"([["a", "image.generate"], ["b", "x"]])",
          R"({"$artifact": "00", "bytes": 1})", "not json", ""})
      texts.push_back(std::string(1, column) + text);
  for (const std::string& definition : json_definitions()) texts.push_back("\5" + definition);
  return texts;
}

// The keys of all tables of the seeds, and what has a meaning of its own.
Texts definition_words() {
  return {"[pipeline]",   "[inputs]", "[tasks.",     "[outputs]", "for_each",
          "operation",    "params",   "inputs",      "needs",     "if",
          "retry",        "timeout",  "route",       "max_cost",  "rebuy",
          "degrade",      "priority", "concurrency", "attempts",  "backoff",
          "max_backoff",  "default",  "artifact",    "integer",   "object",
          "properties",   "items",    "required",    "${",        "$${",
          "tasks.",       "inputs.",  "index",       "item",      "image.generate",
          "video.concat", "options",  "\"\"\"",      "[[",        "= {"};
}

Texts expression_words() {
  Texts words = expr::function_names(false) + expr::function_names(true);
  return words + Texts{"has(",
                       "all(",
                       "exists(",
                       "exists_one(",
                       "map(",
                       "filter(",
                       "cel.bind(",
                       "true",
                       "false",
                       "null",
                       " in ",
                       "&&",
                       "||",
                       "==",
                       "!=",
                       "<=",
                       "? ",
                       "inputs.",
                       "tasks.",
                       "item.",
                       "index",
                       "9223372036854775807",
                       "-9223372036854775808",
                       "1u",
                       "1e308",
                       "b'",
                       "r'",
                       "'''",
                       "timestamp('2009-02-13T23:31:30Z')",
                       "duration('1.5s')",
                       "transformMap("};
}

}  // namespace

std::vector<std::string> seeds_of(std::string_view target) {
  static const std::map<std::string_view, Texts (*)()> all{{"definition_toml", definitions},
                                                           {"definition_json", json_definitions},
                                                           {"config", configs},
                                                           {"schema", schemas},
                                                           {"json_text", json_definitions},
                                                           {"units", small_forms},
                                                           {"expression", expressions},
                                                           {"arithmetic", sums},
                                                           {"text_template", templates},
                                                           {"manifest", manifests},
                                                           {"elf", libraries},
                                                           {"url", urls},
                                                           {"http_session", requests},
                                                           {"service_answer", service_answers},
                                                           {"media_type", media_heads},
                                                           {"media_reports", media_lines},
                                                           {"stored_row", rows}};
  return all.at(target)();
}

std::vector<std::string> words_of(std::string_view target) {
  static const std::map<std::string_view, Texts (*)()> all{{"definition_toml", definition_words},
                                                           {"definition_json", definition_words},
                                                           {"expression", expression_words},
                                                           {"text_template", expression_words}};
  const auto found = all.find(target);
  return found == all.end() ? Texts{} : found->second();
}

}  // namespace weft::fuzz

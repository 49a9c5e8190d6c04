// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

using namespace weft;
using namespace weft::comfy_fake;

TEST_CASE("a prompt is queued, runs, and enters the history with its outputs and messages") {
  Served s;
  const auto answer = json::parse(s.post(id_a, picture()).body);
  CHECK(answer.at("prompt_id") == json::value(id_a));
  CHECK(answer.at("node_errors").as_object().empty());
  CHECK(s.get("/queue").at("queue_running").at(0).at(1) == json::value(id_a));
  CHECK(s.get("/prompt").at("exec_info").at("queue_remaining") == json::value(1));
  CHECK(s.get(std::string("/history/") + id_a).as_object().empty());
  s.pass(100);
  const auto entry = s.get(std::string("/api/history/") + id_a).at(id_a);
  CHECK(entry.at("status").at("status_str") == json::value("success"));
  CHECK(entry.at("outputs").at("3").at("images").at(0).at("filename") ==
        json::value("img_00001_.png"));
  CHECK(entry.at("status").at("messages").as_array().back().at(0) ==
        json::value("execution_success"));
  CHECK(s.get("/queue").at("queue_running").as_array().empty());
}

TEST_CASE("the history is still empty right after the success event") {
  Served s;
  s.order(R"({"history_delay_ms": 20})");
  s.server.open_socket("me", s.now);
  s.post(id_a, picture());
  s.types();
  s.pass(30);
  const auto seen = s.types();
  REQUIRE(std::ranges::find(seen, "execution_success") != seen.end());
  CHECK(s.get(std::string("/history/") + id_a).as_object().empty());
  CHECK(s.get(std::string("/api/jobs/") + id_a).at("status") == json::value("in_progress"));
  s.pass(20);
  CHECK(s.get(std::string("/history/") + id_a).as_object().contains(id_a));
  CHECK(s.types() == std::vector<std::string>{"status", "executing"});
}

TEST_CASE("the same id posted twice runs twice") {
  Served s;
  s.post(id_a, picture(1));
  s.post(id_a, picture(2));
  s.pass(200);
  CHECK(s.server.stats().at("by_id").at(id_a) == json::value(2));
  CHECK(s.get("/history").as_object().size() == 1);
}

TEST_CASE("a prompt without prompt, outputs or known nodes is refused by type") {
  Served s;
  const auto type = [&](const std::string& body) {
    const auto answer = s.ask("POST", "/prompt", body);
    REQUIRE(answer->status == 400);
    return std::string(json::parse(answer->body).at("error").at("type").as_string());
  };
  CHECK(type("{}") == "no_prompt");
  CHECK(type(R"({"prompt": {}})") == "prompt_no_outputs");
  const std::string unknown = R"({"prompt": {"1": {"class_type": "Nobody", "inputs": {}}}})";
  CHECK(type(unknown) == "missing_node_type");
  s.order(R"({"version": "0.3.64"})");
  CHECK(type(unknown) == "invalid_prompt");
  CHECK(s.server.stats().at("accepted") == json::value(0));
}

TEST_CASE("the server trips over what is no prompt") {
  Served s;
  for (const char* body :
       {"{", R"({"prompt": []})", R"({"prompt": {"nodes": [], "links": []}})",
        R"({"prompt": {}, "number": "x"})", R"({"prompt": {}, "extra_data": null})"}) {
    const auto answer = s.ask("POST", "/prompt", body);
    CHECK(answer->status == 500);
    CHECK(*net::find_header(answer->headers, "Content-Type") == "text/plain; charset=utf-8");
  }
  for (const char* path : {"/queue", "/history", "/free"}) CHECK(s.status("POST", path, "") == 500);
}

TEST_CASE("mistakes in nodes are told per node, with the outputs that depend on them") {
  Served s;
  const auto mistake = [&](const std::string& node, const std::string& input, json::value value) {
    auto prompt = picture();
    prompt[node].at("inputs").as_object()[input] = std::move(value);
    const auto answer = s.post(id_a, prompt);
    REQUIRE(answer.status == 400);
    const auto body = json::parse(answer.body);
    CHECK(body.at("error").at("type") == json::value("prompt_outputs_failed_validation"));
    CHECK(body.at("node_errors").at(node).at("dependent_outputs") == json::value(json::array{"3"}));
    return std::string(body.at("node_errors").at(node).at("errors").at(0).at("type").as_string());
  };
  CHECK(mistake("2", "blur_radius", 99) == "value_bigger_than_max");
  CHECK(mistake("2", "blur_radius", 0) == "value_smaller_than_min");
  CHECK(mistake("2", "blur_radius", "wide") == "invalid_input_type");
  CHECK(mistake("2", "image", json::array{"9", 0}) == "exception_during_inner_validation");
  CHECK(mistake("2", "image", json::array{"2", 0}) == "dependency_cycle");
  auto prompt = picture();
  prompt["2"].at("inputs").as_object().erase("image");
  CHECK(json::parse(s.post(id_a, prompt).body)
            .at("node_errors")
            .at("2")
            .at("errors")
            .at(0)
            .at("type") == json::value("required_input_missing"));
}

TEST_CASE("a model that is not there is a value that is not in the list") {
  Served s;
  const json::object prompt{
      {"1", {{"class_type", "UpscaleModelLoader"}, {"inputs", {{"model_name", "x.pth"}}}}},
      {"2", {{"class_type", "PreviewAny"}, {"inputs", {{"source", json::array{"1", 0}}}}}}};
  const auto body = json::parse(s.post(id_a, prompt).body);
  CHECK(body.at("node_errors").at("1").at("errors").at(0).at("type") ==
        json::value("value_not_in_list"));
}

TEST_CASE("an invalid output node is dropped from an accepted prompt, and named") {
  Served s;
  auto prompt = picture();
  prompt["4"] = {{"class_type", "SaveImage"}, {"inputs", {{"filename_prefix", "x"}}}};
  const auto answer = s.post(id_a, prompt);
  CHECK(answer.status == 200);
  CHECK(json::parse(answer.body).at("node_errors").as_object().contains("4"));
}

TEST_CASE("an id that is no UUID is refused since 0.24, and taken before") {
  Served s;
  CHECK(s.post("NOT-A-UUID", picture()).status == 400);
  s.order(R"({"version": "0.3.64"})");
  CHECK(s.post("NOT-A-UUID", picture()).status == 200);
}

TEST_CASE("jobs are there with /api only, and since their versions") {
  Served s;
  CHECK(s.status("GET", "/jobs?limit=1") == 404);
  CHECK(s.status("GET", "/api/jobs?limit=1") == 200);
  CHECK(s.status("GET", std::string("/api/jobs/") + id_a) == 404);
  s.order(R"({"version": "0.3.64"})");
  CHECK(s.status("GET", "/api/jobs?limit=1") == 404);
  CHECK(s.status("POST", std::string("/api/jobs/") + id_a + "/cancel") == 405);
}

TEST_CASE("a job is told as pending, in progress and completed") {
  Served s;
  s.post(id_a, picture(1));
  s.post(id_b, picture(2));
  const auto state = [&](const char* id) {
    return s.get(std::string("/api/jobs/") + id).at("status");
  };
  CHECK(state(id_a) == json::value("in_progress"));
  CHECK(state(id_b) == json::value("pending"));
  s.pass(200);
  CHECK(state(id_b) == json::value("completed"));
}

TEST_CASE("a pending prompt is dequeued without an event, an unknown one is ignored") {
  Served s;
  s.post(id_a, picture(1));
  s.post(id_b, picture(2));
  CHECK(s.ask("POST", "/queue", json::serialize(json::object{{"delete", json::array{id_b, "x"}}}))
            ->body.empty());
  s.pass(200);
  CHECK(s.get(std::string("/history/") + id_b).as_object().empty());
  CHECK(s.get(std::string("/history/") + id_a).as_object().size() == 1);
}

TEST_CASE("an interrupt lands at a progress tick, or at the next node") {
  Served s;
  s.order(R"({"classes": {"ImageBlur": {"ms": 1000, "steps": 10}}})");
  s.post(id_a, picture());
  s.pass(150);
  s.ask("POST", "/interrupt", json::serialize(json::object{{"prompt_id", id_b}}));
  s.ask("POST", "/interrupt", json::serialize(json::object{{"prompt_id", id_a}}));
  s.pass(300);
  const auto entry = s.get(std::string("/history/") + id_a).at(id_a);
  CHECK(entry.at("status").at("status_str") == json::value("error"));
  CHECK(entry.at("status").at("messages").as_array().back().at(0) ==
        json::value("execution_interrupted"));
}

TEST_CASE("an interrupt in the last node comes too late: the run ends well") {
  Served s;
  s.order(R"({"classes": {"SaveImage": {"ms": 500}}})");
  s.post(id_a, picture());
  s.pass(100);
  CHECK(json::parse(s.ask("POST", std::string("/api/jobs/") + id_a + "/cancel")->body)
            .at("cancelled") == json::value(true));
  s.pass(1000);
  CHECK(s.get(std::string("/history/") + id_a).at(id_a).at("status").at("completed") ==
        json::value(true));
}

TEST_CASE("an interrupt by id hits whoever runs on a server that does not know ids") {
  Served s;
  s.order(R"({"version": "0.3.44", "classes": {"ImageBlur": {"ms": 1000, "steps": 10}}})");
  s.post(id_a, picture());
  s.ask("POST", "/interrupt", json::serialize(json::object{{"prompt_id", id_b}}));
  s.pass(300);
  CHECK(s.get(std::string("/history/") + id_a).at(id_a).at("status").at("status_str") ==
        json::value("error"));
}

TEST_CASE("an identical prompt runs nothing and names the same file, also one that is gone") {
  Served s;
  s.post(id_a, picture());
  s.pass(100);
  s.server.disk().clear("output");
  s.post(id_b, picture());
  s.pass(100);
  CHECK(s.server.stats().at("nodes_run") == json::value(3));
  const auto file =
      s.get(std::string("/history/") + id_b).at(id_b).at("outputs").at("3").at("images").at(0);
  CHECK(file.at("filename") == json::value("img_00001_.png"));
  CHECK(s.status("GET", "/view?filename=img_00001_.png") == 404);
}

TEST_CASE("another prefix runs the saving node alone") {
  Served s;
  s.post(id_a, picture(7, "a/img"));
  s.pass(100);
  s.post(id_b, picture(7, "b/img"));
  s.pass(100);
  CHECK(s.server.stats().at("nodes_run") == json::value(4));
  CHECK(s.status("GET", "/view?filename=img_00001_.png&subfolder=b&type=output") == 200);
  CHECK(s.status("GET", "/view?filename=img_00001_.png") == 404);
}

TEST_CASE("a node that throws ends the prompt, and keeps what ran before") {
  Served s;
  s.order(R"({"classes": {"SaveWEBM": {"fail_type": "torch.cuda.OutOfMemoryError",
                                       "fail_message": "Allocation on device"}}})");
  auto prompt = picture();
  prompt["4"] = {{"class_type", "SaveWEBM"},
                 {"inputs",
                  {{"images", json::array{"2", 0}},
                   {"filename_prefix", "v"},
                   {"codec", "vp9"},
                   {"fps", 24.0},
                   {"crf", 32.0}}}};
  s.post(id_a, prompt);
  s.pass(200);
  const auto entry = s.get(std::string("/history/") + id_a).at(id_a);
  CHECK(entry.at("status").at("completed") == json::value(false));
  CHECK(entry.at("status").at("messages").as_array().back().at(1).at("exception_type") ==
        json::value("torch.cuda.OutOfMemoryError"));
  CHECK(entry.at("outputs").as_object().contains("3"));
}

TEST_CASE("every kind of output stands under its own key") {
  Served s;
  const json::value link = json::array{"1", 0};
  json::object prompt = picture();
  prompt["10"] = {{"class_type", "CreateVideo"}, {"inputs", {{"images", link}, {"fps", 16.0}}}};
  prompt["11"] = {{"class_type", "SaveVideo"},
                  {"inputs",
                   {{"video", json::array{"10", 0}},
                    {"filename_prefix", "v"},
                    {"format", "mp4"},
                    {"codec", "h264"}}}};
  prompt["12"] = {{"class_type", "EmptyAudio"},
                  {"inputs", {{"duration", 1.0}, {"sample_rate", 44100}, {"channels", 2}}}};
  prompt["13"] = {{"class_type", "SaveAudio"},
                  {"inputs", {{"audio", json::array{"12", 0}}, {"filename_prefix", "a"}}}};
  prompt["14"] = {{"class_type", "PreviewAny"}, {"inputs", {{"source", "hello"}}}};
  prompt["15"] = {{"class_type", "PreviewImage"}, {"inputs", {{"images", link}}}};
  const auto answer = s.post(id_a, prompt);
  CHECK(json::parse(answer.body).at("node_errors").as_object().size() ==
        1);  // a literal for a link
  s.pass(500);
  const auto outputs = s.get(std::string("/history/") + id_a).at(id_a).at("outputs");
  CHECK(outputs.at("11").at("animated") == json::value(json::array{true}));
  CHECK(outputs.at("13").at("audio").at(0).at("filename") == json::value("a_00001_.flac"));
  CHECK(outputs.at("15").at("images").at(0).at("type") == json::value("temp"));
}

TEST_CASE("an upload keeps a name that holds the same bytes, and counts up for others") {
  Served s;
  const auto upload = [&](const std::string& bytes, const std::string& extra = "") {
    const std::string body =
        "--B\r\nContent-Disposition: form-data; name=\"image\"; "
        "filename=\"x.png\"\r\nContent-Type: image/png\r\n\r\n" +
        bytes + "\r\n" + extra + "--B--\r\n";
    return s
        .ask("POST", "/upload/image", body, {{"Content-Type", "multipart/form-data; boundary=B"}})
        .value();
  };
  const auto field = [](const std::string& name, const std::string& value) {
    return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  };
  const auto name = [](const net::ServerResponse& answer) {
    return std::string(json::parse(answer.body).at("name").as_string());
  };
  CHECK(name(upload("one")) == "x.png");
  CHECK(name(upload("one")) == "x.png");
  CHECK(name(upload("two")) == "x (1).png");
  CHECK(name(upload("two", field("overwrite", "true"))) == "x.png");
  CHECK(upload("x", field("type", "bogus")).status == 500);
  CHECK(upload("x", field("subfolder", "../up")).status == 400);
  CHECK(s.status("POST", "/upload/image", "nothing") == 400);
}

TEST_CASE("a view is refused by kind, climbing or absence") {
  Served s;
  CHECK(s.status("GET", "/view") == 404);
  CHECK(s.status("GET", "/view?filename=a.png&type=attic") == 400);
  CHECK(s.status("GET", "/view?filename=..%2Fa.png") == 400);
  CHECK(s.status("GET", "/view?filename=a.png&subfolder=../x") == 403);
  CHECK(s.ask("GET", "/queue", "", {{"Origin", "http://elsewhere"}})->status == 403);
  CHECK(s.get("/object_info/Nobody").as_object().empty());
}

TEST_CASE("a view gives the part of a file that is asked for") {
  Served s;
  s.server.disk().write({"output", "", "a.png"}, "0123456789");
  const auto view = [&](const net::Headers& headers) {
    return *s.ask("GET", "/view?filename=a.png", "", headers);
  };
  const auto whole = view({});
  CHECK(whole.status == 200);
  const std::string tag = *net::find_header(whole.headers, "ETag");
  const std::string date = *net::find_header(whole.headers, "Last-Modified");
  const auto rest = view({{"Range", "bytes=4-"}, {"If-Range", tag}});
  CHECK(rest.status == 206);
  CHECK(rest.body == "456789");
  CHECK(*net::find_header(rest.headers, "Content-Range") == "bytes 4-9/10");
  CHECK(view({{"Range", "bytes=2-4"}}).body == "234");
  CHECK(view({{"Range", "bytes=10-"}}).status == 416);
  CHECK(view({{"Range", "bytes=4-"}, {"If-Range", date}}).status == 206);
  CHECK(view({{"Range", "bytes=4-"}, {"If-Range", "Sat, 01 Aug 2026 10:00:00 GMT"}}).status == 200);
  // Another file under the name: the tag alone tells.
  s.server.disk().write({"output", "", "a.png"}, "abcdefghij");
  const auto other = view({{"Range", "bytes=4-"}, {"If-Range", tag}});
  CHECK(other.status == 206);
  CHECK(*net::find_header(other.headers, "ETag") != tag);
}

TEST_CASE("a restart forgets queue and history, keeps output files and the bill") {
  Served s;
  s.order(R"({"cost_micros": 5})");
  s.post(id_a, picture());
  s.pass(100);
  s.post(id_b, picture(9));
  s.server.restart(s.now, Duration(50));
  CHECK_FALSE(s.ask("GET", "/queue").has_value());
  s.pass(60);
  CHECK(s.get("/queue").at("queue_running").as_array().empty());
  CHECK(s.get("/history").as_object().empty());
  CHECK(s.status("GET", "/view?filename=img_00001_.png") == 200);
  CHECK(s.server.stats().at("billed_micros") == json::value(10));
}

TEST_CASE("the connection can end before or after a prompt is accepted") {
  Served s;
  s.order(R"({"next": [{"answer": "none_before"}, {"answer": "none_after"}]})");
  const std::string body =
      json::serialize(json::object{{"prompt", picture()}, {"prompt_id", id_a}});
  CHECK_FALSE(s.ask("POST", "/prompt", body).has_value());
  CHECK(s.server.stats().at("accepted") == json::value(0));
  CHECK_FALSE(s.ask("POST", "/prompt", body).has_value());
  CHECK(s.server.stats().at("accepted") == json::value(1));
}

TEST_CASE("a dead worker keeps its prompt running, takes more, and heeds no cancel") {
  Served s;
  s.order(R"({"classes": {"ImageBlur": {"kills_worker": true}}})");
  s.post(id_a, picture());
  s.pass(1000);
  s.post(id_b, picture(3));
  CHECK(json::parse(s.ask("POST", std::string("/api/jobs/") + id_a + "/cancel")->body)
            .at("cancelled") == json::value(true));
  s.pass(100'000);
  const auto queue = s.get("/queue");
  CHECK(queue.at("queue_running").as_array().size() == 1);
  CHECK(queue.at("queue_pending").as_array().size() == 1);
  CHECK(s.status("GET", "/system_stats") == 200);
}

TEST_CASE("a script with a word that the fake does not know is refused with the one that it does") {
  Served s;
  const auto wrong = apply(s.server.script, json::parse(R"({"node_mss": 1})"));
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().to_string().find("node_ms") != std::string::npos);
}

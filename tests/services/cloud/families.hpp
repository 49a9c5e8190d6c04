// SPDX-License-Identifier: Apache-2.0
// The protocols, one table each: a row for each request that a service takes.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "book.hpp"
#include "net/http_server.hpp"

namespace weft::cloud_fake {

// A request on its way to a row.
struct Asked {
  const net::ServerRequest& request;
  std::vector<std::string> parts;  // what the stars of the pattern stood for
  std::string url;                 // of this server: "http://127.0.0.1:4300"
  json::value body;                // null when it is no JSON
  Script& script;
  Book& book;

  std::string text(std::string_view member) const;
};

struct Route {
  const char* method;
  const char* pattern;  // "/v1/tasks/*": a star is a part of the path
  bool buys;
  net::ServerResponse (*answer)(Asked& asked);
};

std::span<const Route> sync_routes() noexcept;  // OpenAI images, Stability, Gemini, Hugging Face
std::span<const Route>
job_routes() noexcept;  // Replicate, Runway, Luma, Flux, Kling, OpenAI videos
std::span<const Route> queue_routes() noexcept;  // fal
std::span<const Route> sdapi_routes() noexcept;  // A1111, Forge
std::span<const Route> chat_routes() noexcept;   // OpenAI, llama.cpp, vLLM, Ollama

// Kling's pictures are ordered at the path of OpenAI's.
net::ServerResponse order_kling_image(Asked& asked);

// ---- what rows answer with
net::ServerResponse tell(int status, const json::object& body);
net::ServerResponse picture();  // a PNG of one pixel
std::string picture_base64();
std::string file_url(const Asked& asked, const Job& job);

}  // namespace weft::cloud_fake

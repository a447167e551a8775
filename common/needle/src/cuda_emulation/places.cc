#include "places.h"

#include <dlfcn.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <vector>

#if defined(__linux__)
#include <link.h>
#endif

#include "errors.h"
#include "line_table.h"

namespace cuda_emulation {

namespace {

constexpr std::size_t kMostWords = 80;

std::mutex mutex;

struct Module {
  std::uintptr_t base = 0;
  std::string path;
  std::vector<Segment> segments;
};

#if defined(__linux__)
int find_segments(dl_phdr_info* info, std::size_t, void* argument) {
  auto* module = static_cast<Module*>(argument);
  if (info->dlpi_addr != module->base) {
    return 0;
  }
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type == PT_LOAD) {
      module->segments.push_back(
          {(info->dlpi_addr + part.p_vaddr) & ~std::uintptr_t{3}, part.p_memsz, (part.p_flags & PF_W) != 0});
    }
  }
  return 1;
}
#endif

const Module& own_module() {
  static const Module module = [] {
    Module found;
    Dl_info info;
    if (dladdr(reinterpret_cast<const void*>(&own_module), &info) != 0) {
      found.base = reinterpret_cast<std::uintptr_t>(info.dli_fbase);
      found.path = info.dli_fname;
#if defined(__linux__)
      dl_iterate_phdr(&find_segments, &found);
#endif
    }
    return found;
  }();
  return module;
}

const LineTable& lines() {
  static const LineTable table(own_module().path);
  return table;
}

bool of_kernels(const std::string& file) {
  return file.find("/cuda_emulation/") == std::string::npos && file.compare(0, 5, "/usr/") != 0;
}

/// A line's words, if its file is where it was when it was compiled.
std::string words_of(const Line& line) {
  std::ifstream file(line.file);
  std::string words;
  for (unsigned i = 0; i < line.number; ++i) {
    if (!std::getline(file, words)) {
      return "";
    }
  }
  words.erase(0, words.find_first_not_of(" \t"));
  words.erase(words.find_last_not_of(" \t\r") + 1);
  return words.size() <= kMostWords ? words : words.substr(0, kMostWords) + " ...";
}

}  // namespace

const std::uintptr_t module_base = own_module().base;

bool in_source(std::uint32_t offset) {
  const std::lock_guard<std::mutex> locked(mutex);
  return offset != 0 && lines().line_at(offset - 1, &of_kernels).number != 0;
}

std::string source_text(std::uint32_t offset) {
  const std::lock_guard<std::mutex> locked(mutex);
  if (offset == 0) {
    return "";
  }
  const LineTable& table = lines();
  const Line line = table.line_at(offset - 1, &of_kernels);  // the call's, not that of what comes after it
  if (line.number == 0) {
    const std::string function = table.function_at(offset - 1);
    return function.empty() ? "" : "in " + function;
  }
  const std::string words = words_of(line);
  return place_text(line.file.c_str(), static_cast<int>(line.number)) + (words.empty() ? "" : ": `" + words + "`");
}

bool segment_of(const void* address, Segment* found) {
  const auto place = reinterpret_cast<std::uintptr_t>(address);
  for (const Segment& segment : own_module().segments) {
    if (place - segment.begin < segment.size) {
      *found = segment;
      return true;
    }
  }
  return false;
}

}  // namespace cuda_emulation

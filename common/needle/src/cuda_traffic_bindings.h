// What a module of CUDA kernels offers to `needle.backend_ndarray.cuda_traffic`: the counts of the emulation. A module
// for a GPU includes this as well, and offers nothing: `counted` says then why there are no counts.

#pragma once

#include <pybind11/pybind11.h>

#if defined(NEEDLE_CUDA_EMULATED) && NEEDLE_CUDA_EMULATED
#include "cuda_emulation/counting.h"
#endif

namespace needle {

/// Lists `traffic_begin`, `traffic_counted`, `traffic_end` and `traffic_reason` in a module.
inline void offer_traffic(pybind11::module_& module) {
#if defined(NEEDLE_CUDA_EMULATED) && NEEDLE_CUDA_EMULATED
  namespace py = pybind11;
  module.def("traffic_reason", &cuda_emulation::why_not_counted, "Why traffic is not counted; empty if it is.");
  module.def("traffic_begin", &cuda_emulation::begin_counting,
             "Counts the memory traffic of every launch of this module from now on. Returns the count's number.");
  module.def(
      "traffic_counted",
      [](int number) {
        py::list launches;
        for (const cuda_emulation::CountedLaunch& launch : cuda_emulation::counted(number)) {
          py::dict counts;
#define CUDA_EMULATION_COUNT(name) counts[#name] = launch.traffic.name;
          CUDA_EMULATION_COUNTS(CUDA_EMULATION_COUNT)
#undef CUDA_EMULATION_COUNT
          launches.append(py::make_tuple(launch.kernel, counts));
        }
        return launches;
      },
      py::arg("number"), "The launches since then: (kernel, {name: number}) each.");
  module.def("traffic_end", &cuda_emulation::end_counting, py::arg("number"), "Stops counting.");
#else
  static_cast<void>(module);
#endif
}

}  // namespace needle

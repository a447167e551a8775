# The CUDA module without CUDA: the same sources, rewritten by cmake/translate_cuda.py and compiled for the CPU with the
# headers and the runtime in src/cuda_emulation. Read by CMakeLists.txt; needs neither a GPU nor a toolkit.

find_package(Threads REQUIRED)
set(cuda_emulation_folder "${CMAKE_CURRENT_LIST_DIR}/src/cuda_emulation")
set(cuda_emulation_translator "${CMAKE_CURRENT_LIST_DIR}/cmake/translate_cuda.py")
set(cuda_emulation_parts "${CMAKE_CURRENT_LIST_DIR}/cmake/cuda_lacks.py" "${CMAKE_CURRENT_LIST_DIR}/cmake/cuda_tokens.py")
# Headers may hold kernels, and are translated with the file that includes them.
file(GLOB cuda_emulation_headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/src/*.cuh" "${CMAKE_CURRENT_LIST_DIR}/src/*.h")

# Compiled apart from the kernels: tools that watch what kernels do need not watch what runs them.
add_library(cuda_emulation OBJECT
  "${cuda_emulation_folder}/block.cc"
  "${cuda_emulation_folder}/device.cc"
  "${cuda_emulation_folder}/errors.cc"
  "${cuda_emulation_folder}/faults.cc"
  "${cuda_emulation_folder}/fiber.cc"
  "${cuda_emulation_folder}/guards.cc"
  "${cuda_emulation_folder}/launch.cc"
  "${cuda_emulation_folder}/memory.cc"
  "${cuda_emulation_folder}/shared_memory.cc")
target_include_directories(cuda_emulation PUBLIC
  "${cuda_emulation_folder}/include" "${CMAKE_CURRENT_LIST_DIR}/../include")
target_compile_features(cuda_emulation PUBLIC cxx_std_17)
target_compile_options(cuda_emulation PRIVATE -Wall)
target_link_libraries(cuda_emulation PUBLIC Threads::Threads)
set_target_properties(cuda_emulation PROPERTIES
  CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)

# A module of .cu files, translated, and of .cc files, as they are.
function(needle_emulated_cuda_module name)
  set(sources)
  foreach(source IN LISTS ARGN)
    if(source MATCHES "\\.cu$")
      get_filename_component(path "${source}" ABSOLUTE)
      get_filename_component(file "${source}" NAME)
      set(translated "${CMAKE_CURRENT_BINARY_DIR}/${name}.translated/${file}.cc")
      add_custom_command(
        OUTPUT "${translated}"
        COMMAND "${Python_EXECUTABLE}" -B "${cuda_emulation_translator}" "${path}" -o "${translated}"
        DEPENDS "${path}" "${cuda_emulation_translator}" ${cuda_emulation_parts} ${cuda_emulation_headers}
        COMMENT "Translating ${file}"
        VERBATIM)
      # Kernels may look at floats as float4, which C++ does not promise, and CUDA does.
      set_source_files_properties("${translated}" PROPERTIES COMPILE_OPTIONS -fno-strict-aliasing)
      list(APPEND sources "${translated}")
    else()
      list(APPEND sources "${source}")
    endif()
  endforeach()
  needle_module(${name} ${sources})
  target_link_libraries(${name} PRIVATE cuda_emulation)
  target_compile_definitions(${name} PRIVATE NEEDLE_CUDA_MODULE=${name} NEEDLE_CUDA_EMULATED=1)
endfunction()

needle_emulated_cuda_module(ndarray_backend_cuda_emulated
  src/ndarray_backend_cuda.cu src/cuda_device.cu src/cuda_memory.cc src/ndarray_backend_cuda_bindings.cc)

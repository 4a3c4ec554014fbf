#pragma once

#include <string>

namespace laconic::problems {

/// Has the BLAS that libtorch computes with use the calling thread alone. at::set_num_threads() sees to OpenMP and MKL;
/// OpenBLAS and BLIS may have threads of their own.
void hold_blas_to_one_thread();

/// Which BLAS that is, e.g. "OpenBLAS 0.3.21 ..." or "reference BLAS 3.11.0".
std::string blas_name();

}  // namespace laconic::problems

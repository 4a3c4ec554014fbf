// A library of neural networks as another build would leave it.
extern "C" __attribute__((visibility("default"))) void laconic_make_neural() {}
extern "C" __attribute__((visibility("default"))) const char laconic_neural_interface[] = "of old";

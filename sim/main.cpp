#include "sim/cli.hpp"

int main(int argc, char** argv) { return laconic::command_line(argc, argv); }

#include "sim/commands/cli.hpp"

int main(int argc, char** argv) { return laconic::commands::command_line(argc, argv); }

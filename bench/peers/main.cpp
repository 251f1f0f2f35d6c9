#include "contender.h"

#include <cstdlib>
#include <iostream>

namespace peers {

namespace {

std::map<std::string, Make>& Commands() {
    static std::map<std::string, Make> commands;
    return commands;
}

void Print(const RunResult& result) {
    std::cout << "run ops=" << result.operations << " ns=" << result.elapsed_ns << " waited=" << result.waited_ns
              << " check=" << result.check;
    if (result.percentiles) {
        std::cout << " p50=" << result.percentiles->p50 << " p99=" << result.percentiles->p99
                  << " p999=" << result.percentiles->p999;
    }
    if (result.page_faults) {
        std::cout << " faults=" << *result.page_faults;
    }
    std::cout << std::endl;
}

int Serve(Contender& contender) {
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        if (line != "run") {
            Fail("unknown command '" + line + "'");
        }
        Print(contender.Run());
    }
    return 0;
}

}  // namespace

Registration::Registration(const char* command, Make make) {
    Commands()[command] = make;
}

[[noreturn]] void Fail(const std::string& message) {
    std::cerr << "estream-peers: " << message << std::endl;
    std::_Exit(1);
}

Arguments::Arguments(int argc, char** argv, int first) {
    for (int i = first; i < argc; i += 2) {
        std::string name = argv[i];
        if (name.rfind("--", 0) != 0 || i + 1 >= argc) {
            Fail("expected --name value, found '" + name + "'");
        }
        values_[name.substr(2)] = argv[i + 1];
    }
}

std::string Arguments::Text(const std::string& name) const {
    auto found = values_.find(name);
    if (found == values_.end()) {
        Fail("--" + name + " is missing");
    }
    return found->second;
}

uint64_t Arguments::Number(const std::string& name) const {
    std::string text = Text(name);
    char* end = nullptr;
    uint64_t value = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0' || value == 0) {
        Fail("--" + name + " must be a positive number, found '" + text + "'");
    }
    return value;
}

}  // namespace peers

int main(int argc, char** argv) {
    const auto& commands = peers::Commands();
    if (argc == 2 && std::string(argv[1]) == "--list") {
        for (const auto& command : commands) {
            std::cout << command.first << "\n";
        }
        return 0;
    }
    auto command = argc < 2 ? commands.end() : commands.find(argv[1]);
    if (command == commands.end()) {
        peers::Fail("usage: estream-peers --list | COMMAND --name value ...");
    }
    auto contender = command->second(peers::Arguments(argc, argv, 2));
    return peers::Serve(*contender);
}

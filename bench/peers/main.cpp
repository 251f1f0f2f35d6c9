#include "contender.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>

namespace peers {

[[noreturn]] void Fail(const std::string& message) {
    std::cerr << "estream-peers: " << message << std::endl;
    std::exit(1);
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

static int Serve(Contender& contender) {
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        if (line != "run") {
            Fail("unknown command '" + line + "'");
        }
        RunResult result = contender.Run();
        std::cout << "run ops=" << result.operations << " ns=" << result.elapsed_ns
                  << " waited=" << result.waited_ns << " check=" << result.check << std::endl;
    }
    return 0;
}

}  // namespace peers

int main(int argc, char** argv) {
    using Make = std::function<std::unique_ptr<peers::Contender>(const peers::Arguments&)>;
    const std::map<std::string, Make> commands = {
        {"append", peers::MakeAppend},
        {"read", peers::MakeRead},
#ifdef ESTREAM_HAVE_ABSL
        {"absl-get", peers::MakeAbslGet},
        {"absl-put", peers::MakeAbslPut},
#endif
    };

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

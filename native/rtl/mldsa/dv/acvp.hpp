// Reads the ACVP vectors of tests/Estream.Crypto.Tests/Vectors: tests are flat objects of strings, numbers and booleans.
#pragma once

#include "mldsa_model.hpp"

#include <cctype>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace acvp {

using Test = std::map<std::string, std::string>;

inline std::vector<Test> read(const std::string& path)
{
    std::ifstream file(path);
    std::stringstream buffer;
    buffer << file.rdbuf();
    std::string text = buffer.str();
    std::vector<Test> tests;
    size_t at = text.find("\"tests\"");
    while (at != std::string::npos && (at = text.find('{', at)) != std::string::npos) {
        size_t end = text.find('}', at);
        Test test;
        std::vector<std::string> strings;
        for (size_t i = at + 1; i < end; ++i) {
            if (text[i] == '"') {
                size_t close = text.find('"', i + 1);
                strings.push_back(text.substr(i + 1, close - i - 1));
                i = close;
            } else if (std::isalnum((unsigned char)text[i])) {
                size_t close = text.find_first_of(",\r\n} ", i);
                strings.push_back(text.substr(i, close - i));
                i = close - 1;
            }
        }
        for (size_t i = 0; i + 1 < strings.size(); i += 2) {
            test[strings[i]] = strings[i + 1];
        }
        tests.push_back(test);
        at = end;
    }
    return tests;
}

inline mldsa::Bytes bytes(const Test& test, const std::string& name)
{
    auto found = test.find(name);
    mldsa::Bytes result;
    for (size_t i = 0; found != test.end() && i + 1 < found->second.size(); i += 2) {
        result.push_back((uint8_t)std::stoi(found->second.substr(i, 2), nullptr, 16));
    }
    return result;
}

/// The representative of a test: given, or computed from its message and context.
inline mldsa::Bytes representative(const Test& test, const uint8_t* tr)
{
    mldsa::Bytes mu = bytes(test, "mu");
    return mu.empty() ? mldsa::representative(tr, bytes(test, "message"), bytes(test, "context")) : mu;
}

}  // namespace acvp

// An interface to QuickFIX for C++17 code, which cannot include QuickFIX headers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace peers {

// An acceptor of FIX 4.4, VENUE for DESK, that answers every order with an execution report: no log, and a memory store or, in a
// directory, a file store.
class QuickFixAcceptor {
public:
    virtual ~QuickFixAcceptor() = default;

    // Listens when it returns. Throws a std::exception if it cannot.
    static std::unique_ptr<QuickFixAcceptor> Start(int port, const std::string& dictionary, const std::string& directory);
};

// Reads an order of FIX 4.4 as an application does: the message, and the fields of an order, as numbers and times. Does not check
// BodyLength, CheckSum or the dictionary. Throws a std::exception if a field is missing or invalid.
class QuickFixOrders {
public:
    virtual ~QuickFixOrders() = default;

    // Returns a value that only a fully read order gives.
    virtual uint64_t Read(const std::string& message) = 0;

    static std::unique_ptr<QuickFixOrders> Make();
};

}  // namespace peers

// QuickFIX behind a face that C++17 can look at: its own headers cannot be included there.
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

    // Listens when it returns. Throws a std::exception where it cannot.
    static std::unique_ptr<QuickFixAcceptor> Start(int port, const std::string& dictionary, const std::string& directory);
};

// Reads an order of FIX 4.4 as an application does: the message, and of its fields what an order is made of, as numbers and times. Neither
// BodyLength and CheckSum nor the dictionary are asked. Throws a std::exception where a field is missing or none.
class QuickFixOrders {
public:
    virtual ~QuickFixOrders() = default;

    // A value that only an order that was read gives.
    virtual uint64_t Read(const std::string& message) = 0;

    static std::unique_ptr<QuickFixOrders> Make();
};

}  // namespace peers

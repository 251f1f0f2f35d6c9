// QuickFIX behind a face that C++17 can look at: its own headers cannot be included there.
#pragma once

#include <memory>
#include <string>

namespace peers {

// An acceptor of FIX 4.4, VENUE for DESK, that answers every order with an execution report: memory store, no log.
class QuickFixAcceptor {
public:
    virtual ~QuickFixAcceptor() = default;

    // Listens when it returns. Throws a std::exception where it cannot.
    static std::unique_ptr<QuickFixAcceptor> Start(int port, const std::string& dictionary);
};

}  // namespace peers

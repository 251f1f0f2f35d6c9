// A third-party engine to test sessions against: QuickFIX, as an acceptor that echoes every order, report, quote and market data message, or
// as an initiator.
//
//   other_engine acceptor|initiator SETTINGS
//
// Writes the lines `ready`, `logon`, `logout`, `admin TYPE` and `got ID`. Reads the commands `send FIRST COUNT`, `forget` (the received
// messages) and `logout`, and exits at the end of its input. C++14, because the engine's headers use exception specifications.
#include <quickfix/Application.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Session.h>
#include <quickfix/SessionSettings.h>
#include <quickfix/SocketAcceptor.h>
#include <quickfix/SocketInitiator.h>

#include <iostream>
#include <mutex>
#include <sstream>
#include <string>

namespace {

constexpr int kClOrdId = 11;
constexpr int kMsgType = 35;
constexpr int kPartyId = 448;
constexpr int kNoPartyIds = 453;

std::mutex output;

void Say(const std::string& line) {
    std::lock_guard<std::mutex> lock(output);
    std::cout << line << std::endl;
}

class Desk final : public FIX::Application {
public:
    explicit Desk(bool echoes) : echoes_(echoes) {}

    void onCreate(const FIX::SessionID& session) override { session_ = session; }

    void onLogon(const FIX::SessionID&) override { Say("logon"); }

    void onLogout(const FIX::SessionID&) override { Say("logout"); }

    void toAdmin(FIX::Message&, const FIX::SessionID&) override {}

    void toApp(FIX::Message&, const FIX::SessionID&) throw(FIX::DoNotSend) override {}

    void fromAdmin(const FIX::Message& message, const FIX::SessionID&) throw(
        FIX::FieldNotFound, FIX::IncorrectDataFormat, FIX::IncorrectTagValue, FIX::RejectLogon) override {
        Say("admin " + message.getHeader().getField(kMsgType));
    }

    void fromApp(const FIX::Message& message, const FIX::SessionID& session) throw(
        FIX::FieldNotFound, FIX::IncorrectDataFormat, FIX::IncorrectTagValue, FIX::UnsupportedMessageType) override {
        const std::string type = message.getHeader().getField(kMsgType);
        if (type == "D") {
            Say("got " + message.getField(kClOrdId));
        } else if (type != "8" && type != "S" && type != "W" && type != "X") {
            throw FIX::UnsupportedMessageType();
        }
        if (echoes_) {
            FIX::Message echo;
            static_cast<FIX::FieldMap&>(echo) = message;
            echo.getHeader().setField(kMsgType, type);
            FIX::Session::sendToTarget(echo, session);
        }
    }

    // Limit orders; from FIX 4.4 on with a group of two entries.
    void Send(int first, int count) {
        for (int number = first; number < first + count; number++) {
            FIX::Message order;
            order.getHeader().setField(kMsgType, "D");
            order.setField(kClOrdId, "order " + std::to_string(number));
            order.setField(21, "1");
            order.setField(38, "100");
            order.setField(40, "2");
            order.setField(44, "1.25");
            order.setField(54, "1");
            order.setField(55, "EURUSD");
            order.setField(59, "0");
            order.setField(60, "20260707-12:30:00.000");
            if (session_.getBeginString().getValue() != "FIX.4.2") {
                AddParty(order, "DESK", "1");
                AddParty(order, "TRADER", "36");
            }
            FIX::Session::sendToTarget(order, session_);
        }
        Say("sent " + std::to_string(count));
    }

    void Forget() { Session().setNextTargetMsgSeqNum(1); }

    void LogOut() { Session().logout("enough"); }

private:
    static void AddParty(FIX::Message& order, const std::string& name, const std::string& role) {
        FIX::Group party(kNoPartyIds, kPartyId);
        party.setField(kPartyId, name);
        party.setField(447, "D");
        party.setField(452, role);
        order.addGroup(party);
    }

    FIX::Session& Session() { return *FIX::Session::lookupSession(session_); }

    const bool echoes_;
    FIX::SessionID session_;
};

void Listen(Desk& desk) {
    Say("ready");
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (word == "send") {
            int first = 0;
            int count = 0;
            words >> first >> count;
            desk.Send(first, count);
        } else if (word == "forget") {
            desk.Forget();
            Say("forgotten");
        } else if (word == "logout") {
            desk.LogOut();
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: other_engine acceptor|initiator SETTINGS" << std::endl;
        return 2;
    }
    try {
        const bool is_acceptor = std::string(argv[1]) == "acceptor";
        FIX::SessionSettings settings{std::string(argv[2])};
        FIX::MemoryStoreFactory store;
        Desk desk(is_acceptor);
        if (is_acceptor) {
            FIX::SocketAcceptor acceptor(desk, store, settings);
            acceptor.start();
            Listen(desk);
            acceptor.stop();
        } else {
            FIX::SocketInitiator initiator(desk, store, settings);
            initiator.start();
            Listen(desk);
            initiator.stop();
        }
        return 0;
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << std::endl;
        return 1;
    }
}

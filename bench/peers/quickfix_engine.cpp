// The `quickfix` rows. In `fix-roundtrip` every check of the engine is on, as by default.
#include "quickfix_engine.h"

#include <quickfix/Application.h>
#include <quickfix/FieldConvertors.h>
#include <quickfix/FileStore.h>
#include <quickfix/Message.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Session.h>
#include <quickfix/SessionSettings.h>
#include <quickfix/SocketAcceptor.h>

#include <cstdint>
#include <sstream>

namespace peers {

namespace {

class Venue final : public FIX::Application {
public:
    void onCreate(const FIX::SessionID&) override {}

    void onLogon(const FIX::SessionID&) override {}

    void onLogout(const FIX::SessionID&) override {}

    void toAdmin(FIX::Message&, const FIX::SessionID&) override {}

    void toApp(FIX::Message&, const FIX::SessionID&) throw(FIX::DoNotSend) override {}

    void fromAdmin(const FIX::Message&, const FIX::SessionID&) throw(
        FIX::FieldNotFound, FIX::IncorrectDataFormat, FIX::IncorrectTagValue, FIX::RejectLogon) override {}

    void fromApp(const FIX::Message& order, const FIX::SessionID& session) throw(
        FIX::FieldNotFound, FIX::IncorrectDataFormat, FIX::IncorrectTagValue, FIX::UnsupportedMessageType) override {
        if (order.getHeader().getField(35) != "D") {
            throw FIX::UnsupportedMessageType();
        }
        const std::string number = std::to_string(++reports_);
        FIX::Message report;
        report.getHeader().setField(35, "8");
        report.setField(37, number);
        report.setField(11, order.getField(11));
        report.setField(17, number);
        report.setField(150, "0");
        report.setField(39, "0");
        report.setField(55, order.getField(55));
        report.setField(54, order.getField(54));
        report.setField(151, order.getField(38));
        report.setField(14, "0");
        report.setField(6, "0");
        FIX::Session::sendToTarget(report, session);
    }

private:
    uint64_t reports_ = 0;
};

FIX::SessionSettings Settings(int port, const std::string& dictionary) {
    std::ostringstream text;
    text << "[DEFAULT]\nConnectionType=acceptor\nSocketReuseAddress=Y\nSocketNodelay=Y\nSocketAcceptPort=" << port
         << "\nStartTime=00:00:00\nEndTime=00:00:00\nSenderCompID=VENUE\nTargetCompID=DESK\n[SESSION]\nBeginString=FIX.4.4\nDataDictionary="
         << dictionary << "\n";
    std::istringstream settings(text.str());
    return FIX::SessionSettings(settings);
}

class Running final : public QuickFixAcceptor {
public:
    Running(int port, const std::string& dictionary, const std::string& directory)
        : settings_(Settings(port, dictionary)), store_(StoreIn(directory)), acceptor_(venue_, *store_, settings_) {
        acceptor_.start();
    }

    ~Running() override { acceptor_.stop(true); }

private:
    static std::unique_ptr<FIX::MessageStoreFactory> StoreIn(const std::string& directory) {
        if (directory.empty()) {
            return std::unique_ptr<FIX::MessageStoreFactory>(new FIX::MemoryStoreFactory());
        }
        return std::unique_ptr<FIX::MessageStoreFactory>(new FIX::FileStoreFactory(directory));
    }

    Venue venue_;
    FIX::SessionSettings settings_;
    std::unique_ptr<FIX::MessageStoreFactory> store_;
    FIX::SocketAcceptor acceptor_;
};

class Orders final : public QuickFixOrders {
public:
    // The message object is reused, so that its buffers need not be allocated again.
    uint64_t Read(const std::string& text) override {
        message_.clear();
        message_.setString(text, false);
        const double price = FIX::DoubleConvertor::convert(message_.getField(44));
        const double quantity = FIX::DoubleConvertor::convert(message_.getField(38));
        const FIX::UtcTimeStamp time = FIX::UtcTimeStampConvertor::convert(message_.getField(60));
        const FIX::Header& header = message_.getHeader();
        return static_cast<uint64_t>(price) + static_cast<uint64_t>(quantity) + static_cast<uint64_t>(time.getMillisecond()) +
               message_.getField(11).size() + message_.getField(55).size() + header.getField(49).size() + static_cast<uint64_t>(message_.getField(54)[0]) +
               static_cast<uint64_t>(message_.getField(40)[0]) + static_cast<uint64_t>(message_.getField(59)[0]);
    }

private:
    FIX::Message message_;
};

}  // namespace

std::unique_ptr<QuickFixOrders> QuickFixOrders::Make() {
    return std::unique_ptr<QuickFixOrders>(new Orders());
}

std::unique_ptr<QuickFixAcceptor> QuickFixAcceptor::Start(int port, const std::string& dictionary, const std::string& directory) {
    return std::unique_ptr<QuickFixAcceptor>(new Running(port, dictionary, directory));
}

}  // namespace peers

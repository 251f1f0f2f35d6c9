// The peer of the product's client in `mqtt-client`: libmosquitto, which writes each packet when it is published, on the publishing
// thread. That thread also reads the acknowledgements, so no other thread must be woken.
#include "contender.h"

#include <mosquitto.h>

#include <cstdio>
#include <string>
#include <vector>

namespace peers {

namespace {

constexpr int kVersion5 = 5;
constexpr int kDevices = 1000;
constexpr int kPayloadBytes = 100;
constexpr int kKeepAliveSeconds = 600;
constexpr int kWaitMs = 1000;

class MosquittoPublish final : public Contender {
public:
    explicit MosquittoPublish(const Arguments& arguments)
        : messages_(arguments.Number("messages")), window_(arguments.Number("window")), payload_(kPayloadBytes, 'x') {
        for (int device = 0; device < kDevices; device++) {
            char topic[64];
            std::snprintf(topic, sizeof topic, "devices/device-%04d/telemetry", device);
            topics_.emplace_back(topic);
        }
        mosquitto_lib_init();
        client_ = mosquitto_new("libmosquitto", true, this);
        if (client_ == nullptr) {
            Fail("mosquitto_new returned no client");
        }
        Require(mosquitto_int_option(client_, MOSQ_OPT_PROTOCOL_VERSION, kVersion5));
        Require(mosquitto_int_option(client_, MOSQ_OPT_SEND_MAXIMUM, static_cast<int>(window_)));
        Require(mosquitto_int_option(client_, MOSQ_OPT_TCP_NODELAY, 1));
        mosquitto_connect_callback_set(client_, OnConnect);
        mosquitto_publish_callback_set(client_, OnPublish);
        Require(mosquitto_connect(client_, "127.0.0.1", static_cast<int>(arguments.Number("port")), kKeepAliveSeconds));
        while (!connected_) {
            Require(mosquitto_loop(client_, kWaitMs, 1));
        }
    }

    ~MosquittoPublish() override {
        mosquitto_disconnect(client_);
        mosquitto_destroy(client_);
        mosquitto_lib_cleanup();
    }

    RunResult Run() override {
        acknowledged_ = 0;
        uint64_t sent = 0;
        RoundTimer timer;
        while (acknowledged_ < messages_) {
            for (; sent < messages_ && sent - acknowledged_ < window_; sent++) {
                const std::string& topic = topics_[sent % kDevices];
                Require(mosquitto_publish(client_, nullptr, topic.c_str(), kPayloadBytes, payload_.data(), 1, false));
            }
            Require(mosquitto_loop(client_, kWaitMs, 1));
        }
        RunResult result = timer.Stop(messages_);
        result.check = acknowledged_;
        return result;
    }

private:
    static void OnConnect(mosquitto*, void* self, int reason) {
        if (reason != 0) {
            Fail("the broker rejected the connection with code " + std::to_string(reason));
        }
        static_cast<MosquittoPublish*>(self)->connected_ = true;
    }

    static void OnPublish(mosquitto*, void* self, int) { static_cast<MosquittoPublish*>(self)->acknowledged_++; }

    static void Require(int result) {
        if (result != MOSQ_ERR_SUCCESS) {
            Fail(std::string("libmosquitto: ") + mosquitto_strerror(result));
        }
    }

    uint64_t messages_;
    uint64_t window_;
    std::string payload_;
    std::vector<std::string> topics_;
    mosquitto* client_ = nullptr;
    bool connected_ = false;
    uint64_t acknowledged_ = 0;
};

const Registration publish("mosquitto-publish", [](const Arguments& arguments) -> std::unique_ptr<Contender> {
    return std::make_unique<MosquittoPublish>(arguments);
});

}  // namespace

}  // namespace peers

using Estream.Wire.Mqtt;

namespace Estream.Wire.Tools.Feeds;

/// <summary>Devices that publish telemetry over MQTT.</summary>
internal sealed class DeviceFeed : IFeed
{
    private readonly MqttPublisher _publisher;
    private readonly string? _answer;

    public DeviceFeed(MqttPublisherOptions options, MqttPayloadWriter writePayload)
    {
        _publisher = new MqttPublisher(options, writePayload);
        _answer = options.Qos == MqttQos.AtMostOnce ? null : "acknowledged";
        MaxMessages = options.MaxMessages;
    }

    public long MaxMessages { get; }

    public FeedCounts Count(long monotonicNanos)
    {
        return new FeedCounts(
            _publisher.Sent, _publisher.Acknowledged, _publisher.Refused, _publisher.Bytes, _publisher.OpenConnections, _publisher.Losses,
            _answer, monotonicNanos);
    }

    public Task RunAsync(CancellationToken cancellation) => _publisher.RunAsync(cancellation);
}

using System.Globalization;
using Estream.Wire.Mqtt;

namespace Estream.Wire.Tools.Feeds;

/// <summary>Sends simulated messages over one protocol.</summary>
internal interface IFeed
{
    /// <summary>Messages after which it ends by itself; 0: never.</summary>
    long MaxMessages { get; }

    /// <summary>What it has done up to now.</summary>
    FeedCounts Count(long monotonicNanos);

    /// <summary>Sends until it is cancelled, or all were sent.</summary>
    Task RunAsync(CancellationToken cancellation);
}

/// <summary>What a feed has done up to a moment.</summary>
/// <param name="Sent">Messages sent.</param>
/// <param name="Answered">Of them, or for them, what came back.</param>
/// <param name="Refused">Messages that were not taken.</param>
/// <param name="Bytes">Bytes of what was sent.</param>
/// <param name="OpenConnections">Connections there are; null where there are none by nature.</param>
/// <param name="Losses">Connections that were lost and opened again.</param>
/// <param name="Answer">What an answer is called; null where there are none.</param>
/// <param name="MonotonicNanos">When that was.</param>
internal readonly record struct FeedCounts(long Sent, long Answered, long Refused, long Bytes, int? OpenConnections, long Losses,
    string? Answer, long MonotonicNanos)
{
    private const double NanosPerSecond = 1e9;

    /// <summary>Messages per second since an earlier moment.</summary>
    public double RateSince(in FeedCounts earlier)
    {
        double seconds = (MonotonicNanos - earlier.MonotonicNanos) / NanosPerSecond;
        return seconds > 0 ? (Sent - earlier.Sent) / seconds : 0;
    }

    /// <summary>The line that is shown while it runs.</summary>
    public string Line(in FeedCounts earlier)
    {
        string answered = Answer is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {Answered:N0} {Answer}");
        string connections = OpenConnections is int open ? string.Create(CultureInfo.InvariantCulture, $", {open} connections") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{RateSince(earlier):N0} messages/s, {Sent:N0} sent{answered}{connections}");
    }

    /// <summary>The line that is left at the end.</summary>
    public string Summary(in FeedCounts start)
    {
        double seconds = (MonotonicNanos - start.MonotonicNanos) / NanosPerSecond;
        string answered = Answer is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; {Answered} {Answer}, {Refused} refused");
        string losses = Losses == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {Losses} connections lost and opened again");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"sent {Sent} messages, {Bytes} bytes in {seconds:F1} s: {RateSince(start):N0} messages/s{answered}{losses}");
    }
}

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

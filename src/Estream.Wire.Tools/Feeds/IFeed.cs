using System.Globalization;
using Estream.Wire.Mqtt;

namespace Estream.Wire.Tools.Feeds;

/// <summary>Sends simulated messages over a protocol.</summary>
internal interface IFeed
{
    /// <summary>The number of messages to send; 0 for no limit.</summary>
    long MaxMessages { get; }

    /// <summary>The reason that the peer gave for the first refused message; null if there is none.</summary>
    string? FirstRefusal => null;

    /// <summary>The present counts.</summary>
    FeedCounts Count(long monotonicNanos);

    /// <summary>Sends until cancelled, or all messages are sent.</summary>
    Task RunAsync(CancellationToken cancellation);
}

/// <summary>The counts of a feed at a moment.</summary>
/// <param name="Sent">Messages sent.</param>
/// <param name="Answered">Answers received.</param>
/// <param name="Refused">Messages refused.</param>
/// <param name="Bytes">Bytes sent.</param>
/// <param name="OpenConnections">Open connections; null for a feed without connections.</param>
/// <param name="Losses">Reconnects after lost connections.</param>
/// <param name="Answer">The name of an answer; null for a feed without answers.</param>
/// <param name="MonotonicNanos">The moment.</param>
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

    /// <summary>The progress line.</summary>
    public string Line(in FeedCounts earlier)
    {
        string answered = Answer is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {Answered:N0} {Answer}");
        string connections = OpenConnections is int open ? string.Create(CultureInfo.InvariantCulture, $", {open} connections") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{RateSince(earlier):N0} messages/s, {Sent:N0} sent{answered}{connections}");
    }

    /// <summary>The summary line.</summary>
    public string Summary(in FeedCounts start)
    {
        double seconds = (MonotonicNanos - start.MonotonicNanos) / NanosPerSecond;
        string answered = Answer is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; {Answered} {Answer}, {Refused} refused");
        string losses = Losses == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {Losses} connections lost and reopened");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"sent {Sent} messages, {Bytes} bytes in {seconds:F1} s: {RateSince(start):N0} messages/s{answered}{losses}");
    }
}

/// <summary>Simulates devices that publish telemetry over MQTT.</summary>
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

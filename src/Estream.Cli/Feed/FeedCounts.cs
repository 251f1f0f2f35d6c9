using System.Globalization;
using Estream.Wire.Mqtt;

namespace Estream.Cli.Feed;

/// <summary>What a feed has done up to a moment.</summary>
internal readonly record struct FeedCounts(long Sent, long Acknowledged, long Refused, long Bytes, int OpenConnections, long Losses, long MonotonicNanos)
{
    private const double NanosPerSecond = 1e9;

    public static FeedCounts Of(MqttPublisher publisher, long monotonicNanos)
    {
        return new FeedCounts(
            publisher.Sent, publisher.Acknowledged, publisher.Refused, publisher.Bytes, publisher.OpenConnections, publisher.Losses, monotonicNanos);
    }

    /// <summary>Messages per second since an earlier moment.</summary>
    public double RateSince(in FeedCounts earlier)
    {
        double seconds = (MonotonicNanos - earlier.MonotonicNanos) / NanosPerSecond;
        return seconds > 0 ? (Sent - earlier.Sent) / seconds : 0;
    }

    /// <summary>The line that is shown while it runs.</summary>
    public string Line(in FeedCounts earlier, MqttQos qos)
    {
        string acknowledged = qos == MqttQos.AtMostOnce ? "" : string.Create(CultureInfo.InvariantCulture, $", {Acknowledged:N0} acknowledged");
        return string.Create(
            CultureInfo.InvariantCulture, $"{RateSince(earlier):N0} messages/s, {Sent:N0} sent{acknowledged}, {OpenConnections} connections");
    }

    /// <summary>The line that is left at the end.</summary>
    public string Summary(in FeedCounts start, MqttQos qos)
    {
        double seconds = (MonotonicNanos - start.MonotonicNanos) / NanosPerSecond;
        string acknowledged = qos == MqttQos.AtMostOnce
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"; {Acknowledged} acknowledged, {Refused} refused");
        string losses = Losses == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {Losses} connections lost and opened again");
        return string.Create(
            CultureInfo.InvariantCulture, $"sent {Sent} messages, {Bytes} bytes in {seconds:F1} s: {RateSince(start):N0} messages/s{acknowledged}{losses}");
    }
}

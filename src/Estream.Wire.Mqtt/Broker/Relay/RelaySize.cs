using System.Numerics;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Computes the sizes of the relay and its segments.</summary>
internal static class RelaySize
{
    /// <summary>The minimum number of segments. With fewer, the relay would be full as soon as a segment begins.</summary>
    private const int FewestSegments = 3;

    private const int UsualSegments = 16;
    private const long LargestUsualSegment = 64L << 20;
    private const long SmallestSegment = 64L << 10;

    /// <summary>An upper bound of the overhead of a segment and a frame in bytes, encrypted or not.</summary>
    private const long FrameReserve = 32L << 10;

    /// <summary>An upper bound of the overhead of a message in bytes.</summary>
    private const int MessageReserve = 1_024;

    /// <summary>Returns the segment size in bytes. The largest possible message fits.</summary>
    public static long SegmentBytes(MqttEndpointOptions options)
    {
        long usual = Math.Clamp((long)BitOperations.RoundUpToPowerOf2((uint)options.RelayBytes) / UsualSegments, SmallestSegment,
            LargestUsualSegment);
        return Math.Max(usual, (long)BitOperations.RoundUpToPowerOf2((ulong)(LargestMessage(options) + FrameReserve)));
    }

    /// <summary>Returns the size of the largest possible message in bytes: a maximum packet with a topic alias, its topic and its
    /// publisher.</summary>
    public static long LargestMessage(MqttEndpointOptions options)
    {
        return (long)options.MaxPacketBytes + options.MaxTopicBytes + options.MaxClientIdBytes + MessageReserve;
    }

    /// <summary>Returns the minimum size of the relay in bytes for these packets.</summary>
    public static long Least(MqttEndpointOptions options)
    {
        return FewestSegments * SegmentBytes(options);
    }
}

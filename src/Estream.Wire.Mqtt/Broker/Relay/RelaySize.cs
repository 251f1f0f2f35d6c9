using System.Numerics;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>How large the relay and its segments are.</summary>
internal static class RelaySize
{
    /// <summary>With fewer segments a relay would be full as soon as one begins.</summary>
    private const int FewestSegments = 3;

    private const int UsualSegments = 16;
    private const long LargestUsualSegment = 64L << 20;
    private const long SmallestSegment = 64L << 10;

    /// <summary>More than a segment and a frame take for themselves, encrypted or not.</summary>
    private const long FrameReserve = 32L << 10;

    /// <summary>More than a message has beside its parts.</summary>
    private const int MessageReserve = 1_024;

    /// <summary>Bytes of a segment: a message as large as a packet may be fits.</summary>
    public static long SegmentBytes(MqttEndpointOptions options)
    {
        long usual = Math.Clamp((long)BitOperations.RoundUpToPowerOf2((uint)options.RelayBytes) / UsualSegments, SmallestSegment,
            LargestUsualSegment);
        return Math.Max(usual, (long)BitOperations.RoundUpToPowerOf2((ulong)(LargestMessage(options) + FrameReserve)));
    }

    /// <summary>Bytes of the largest message there may be: a packet whose topic is said by an alias, and who published it.</summary>
    public static long LargestMessage(MqttEndpointOptions options)
    {
        return (long)options.MaxPacketBytes + options.MaxTopicBytes + options.MaxClientIdBytes + MessageReserve;
    }

    /// <summary>The least the relay may have beside such packets.</summary>
    public static long Least(MqttEndpointOptions options)
    {
        return FewestSegments * SegmentBytes(options);
    }
}

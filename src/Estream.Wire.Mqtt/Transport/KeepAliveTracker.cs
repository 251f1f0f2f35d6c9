namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// Decides what counts as activity for the keep-alive: each complete packet [MQTT-3.1.2-22] and each kilobyte of an unfinished long packet,
/// during which the peer cannot send any other packet. A peer that sends a packet byte by byte times out; a peer on a slow link does not.
/// Not thread-safe.
/// </summary>
internal struct KeepAliveTracker
{
    /// <summary>The number of bytes of an unfinished packet that count as one packet.</summary>
    public const int Bytes = 1_024;

    // The bytes of the unfinished packet that are already counted.
    private long _counted;

    /// <summary>Returns whether the bytes of one read count as activity.</summary>
    /// <param name="length">The number of bytes available.</param>
    /// <param name="left">The number of these bytes that belong to an unfinished packet.</param>
    public bool Take(long length, long left)
    {
        bool isOne = left < length || left - _counted >= Bytes;
        _counted = isOne ? left : _counted;
        return isOne;
    }
}

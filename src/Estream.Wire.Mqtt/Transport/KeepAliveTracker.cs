namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// What of a peer counts against the keep-alive: a whole packet [MQTT-3.1.2-22], and of a long one, which keeps all others from being sent,
/// each kilobyte. So who sends it byte by byte loses its place, and who sends it over a slow link does not. Not thread-safe.
/// </summary>
internal struct KeepAliveTracker
{
    /// <summary>Bytes of an unfinished packet that count as much as a packet.</summary>
    public const int Bytes = 1_024;

    // Of the unfinished packet, as much has counted already.
    private long _counted;

    /// <summary>Says whether a pass over what came was a sign of life.</summary>
    /// <param name="length">Bytes that were there.</param>
    /// <param name="left">Bytes that are left of them, all of one packet that is not whole yet.</param>
    public bool Take(long length, long left)
    {
        bool isOne = left < length || left - _counted >= Bytes;
        _counted = isOne ? left : _counted;
        return isOne;
    }
}

namespace Estream.Wire.Dnp3.Session;

/// <summary>The counts of a device. Written under the lock of its channel; reads are thread-safe.</summary>
internal sealed class SessionCounters
{
    private long _requests;
    private long _failures;
    private long _responses;
    private long _unsolicited;
    private long _late;
    private long _invalid;
    private long _lastResponseAt;

    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Requests without a usable response.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Fragments of responses, including the unsolicited.</summary>
    public long Responses => Volatile.Read(ref _responses);

    public long Unsolicited => Volatile.Read(ref _unsolicited);

    /// <summary>Responses that match no request under way.</summary>
    public long LateResponses => Volatile.Read(ref _late);

    /// <summary>Fragments that cannot be read.</summary>
    public long InvalidFragments => Volatile.Read(ref _invalid);

    public void Request() => Volatile.Write(ref _requests, _requests + 1);

    public void Fail() => Volatile.Write(ref _failures, _failures + 1);

    /// <summary>When the last fragment of a response arrived, in nanoseconds since 1970-01-01 UTC; 0 if none did.</summary>
    public long LastResponseAt => Volatile.Read(ref _lastResponseAt);

    public void Response(bool isUnsolicited, long utcNanos)
    {
        Volatile.Write(ref _lastResponseAt, utcNanos);
        Volatile.Write(ref _responses, _responses + 1);
        Volatile.Write(ref _unsolicited, _unsolicited + (isUnsolicited ? 1 : 0));
    }

    public void Late() => Volatile.Write(ref _late, _late + 1);

    public void Invalid() => Volatile.Write(ref _invalid, _invalid + 1);
}

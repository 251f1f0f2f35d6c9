using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Session;

/// <summary>The counters of one session since its creation, over all its connections. Thread-safe.</summary>
internal sealed class FixSessionCounters
{
    private readonly long[] _garbled = new long[Enum.GetValues<FixGarbled>().Length];
    private readonly long[] _rejected = new long[(int)FixRejectReason.Other + 1];
    private long _unsupported;
    private long _received;
    private long _sent;
    private long _resent;
    private long _gaps;
    private long _refused;
    private long _logons;

    /// <summary>Messages received with a valid frame.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Messages sent, including resent messages.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Application messages resent.</summary>
    public long Resent => Interlocked.Read(ref _resent);

    /// <summary>ResendRequests sent.</summary>
    public long Gaps => Interlocked.Read(ref _gaps);

    /// <summary>Messages of ours that the counterparty rejected.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Completed Logons.</summary>
    public long Logons => Interlocked.Read(ref _logons);

    /// <summary>Garbled frames by reason; reasons with a count of 0 are omitted.</summary>
    public IEnumerable<(string Reason, long Count)> Garbled =>
        Counted(Enum.GetValues<FixGarbled>().Select(why => (why.ToString(), Interlocked.Read(ref _garbled[(int)why]))));

    /// <summary>Rejected messages by reason; reasons with a count of 0 are omitted.</summary>
    public IEnumerable<(string Reason, long Count)> Rejected =>
        Counted(Enum.GetValues<FixRejectReason>().Select(why => (why.ToString(), Interlocked.Read(ref _rejected[(int)why])))
            .Append(("UnsupportedMessageType", Interlocked.Read(ref _unsupported))));

    public void Receive()
    {
        Interlocked.Increment(ref _received);
    }

    public void Garble(FixGarbled why)
    {
        Interlocked.Increment(ref _garbled[(int)why]);
    }

    public void Reject(FixRejectReason why)
    {
        Interlocked.Increment(ref _rejected[(int)why]);
    }

    public void RejectType()
    {
        Interlocked.Increment(ref _unsupported);
    }

    public void Send()
    {
        Interlocked.Increment(ref _sent);
    }

    public void SendAgain()
    {
        Interlocked.Increment(ref _resent);
    }

    public void AskAgain()
    {
        Interlocked.Increment(ref _gaps);
    }

    public void BeRefused()
    {
        Interlocked.Increment(ref _refused);
    }

    public void LogOn()
    {
        Interlocked.Increment(ref _logons);
    }

    private static IEnumerable<(string Reason, long Count)> Counted(IEnumerable<(string Reason, long Count)> all)
    {
        return all.Where(one => one.Count > 0);
    }
}

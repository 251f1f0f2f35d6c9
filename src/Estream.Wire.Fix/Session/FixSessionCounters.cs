using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Session;

/// <summary>What one session has counted since it was made, over all of its connections. Thread-safe.</summary>
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

    /// <summary>Messages whose frame was right.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Messages sent, those that were sent again included.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Messages of the application that were sent again.</summary>
    public long Resent => Interlocked.Read(ref _resent);

    /// <summary>How often missing messages were asked for.</summary>
    public long Gaps => Interlocked.Read(ref _gaps);

    /// <summary>Messages of ours that the counterparty has rejected.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>How often both sides have logged on.</summary>
    public long Logons => Interlocked.Read(ref _logons);

    /// <summary>Frames that were passed over, by what was wrong; only what there was.</summary>
    public IEnumerable<(string Reason, long Count)> Garbled =>
        Counted(Enum.GetValues<FixGarbled>().Select(why => (why.ToString(), Interlocked.Read(ref _garbled[(int)why]))));

    /// <summary>Messages that were rejected, by the reason they were given; only what there was.</summary>
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

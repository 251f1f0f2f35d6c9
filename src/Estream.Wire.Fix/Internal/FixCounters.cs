namespace Estream.Wire.Fix.Internal;

/// <summary>The counters of one adapter. Thread-safe.</summary>
internal sealed class FixCounters(string adapter, Func<int> loggedOn)
{
    private long _received;
    private long _bytes;
    private long _rejected;
    private long _sent;

    public string Adapter => adapter;

    public int LoggedOn => loggedOn();

    public long Received => Interlocked.Read(ref _received);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Rejected => Interlocked.Read(ref _rejected);

    public long Sent => Interlocked.Read(ref _sent);

    public void Receive(int bytes)
    {
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void Reject()
    {
        Interlocked.Increment(ref _rejected);
    }

    public void Send()
    {
        Interlocked.Increment(ref _sent);
    }
}

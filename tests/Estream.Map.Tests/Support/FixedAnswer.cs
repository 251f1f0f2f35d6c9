namespace Estream.Map.Tests;

/// <summary>Answers the same each time, and keeps what it was shown.</summary>
internal struct FixedAnswer<TValue>(EntryChange change, TValue value) : IEntryUpdate<TValue>
    where TValue : unmanaged
{
    public bool WasThere { get; private set; }

    public TValue Saw { get; private set; }

    public EntryChange Decide(bool isThere, ref TValue seen)
    {
        (WasThere, Saw) = (isThere, seen);
        seen = value;
        return change;
    }
}

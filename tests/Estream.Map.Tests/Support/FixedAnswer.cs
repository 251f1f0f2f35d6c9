using Estream.Core;

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

/// <summary>A sink that does not want to hear that entries ended, and says so in its own way.</summary>
internal sealed class NothingExpires : IChangeSink
{
    /// <summary>How often it was told.</summary>
    public int Refused { get; private set; }

    public void Append(in MapChange change)
    {
        if (change.Kind == MapChangeKind.Expire)
        {
            Refused++;
            throw new TimeoutException("Refused.");
        }
    }
}

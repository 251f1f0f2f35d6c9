using Estream.Core;

namespace Estream.Map.Tests;

/// <summary>Always returns the same decision, and records the entry that it received.</summary>
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

/// <summary>A sink that refuses expiry events with its own exception.</summary>
internal sealed class NothingExpires : IChangeSink
{
    /// <summary>The number of refused events.</summary>
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

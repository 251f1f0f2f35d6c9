using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>What a writer of a map with versions knows of an entry: one whose time is over is as good as not there, and goes when nothing
/// else comes in its place.</summary>
internal readonly ref struct StampedEntry<TValue>
    where TValue : unmanaged
{
    private readonly bool _isOver;

    // The clock is asked once: a second look might see the end the first had not.
    public StampedEntry(bool isThere, ref readonly Stamped<TValue> value, IClock clock)
    {
        _isOver = isThere && value.IsOver(clock);
        Version = isThere && !_isOver ? value.Version : Stamp.NoVersion;
    }

    public long Version { get; }

    public bool IsThere => Version != Stamp.NoVersion;

    public EntryOutcome LeaveIt => _isOver ? EntryOutcome.Expire : EntryOutcome.Keep;

    public bool Is(long expected) => expected == Stamp.AnyVersion || expected == Version;
}

/// <summary>Stores a value, if the version is the expected one.</summary>
internal ref struct StampedPut<TValue>(ref readonly TValue value, long expected, long expiresAt, IClock clock) : IEntryDecision<Stamped<TValue>>
    where TValue : unmanaged
{
    private readonly ref readonly TValue _value = ref value;

    public static bool TakesVersions => true;

    /// <summary>The version of the entry afterwards.</summary>
    public long Version { get; private set; }

    public EntryOutcome Decide(bool isThere, ref Stamped<TValue> value, long version)
    {
        var entry = new StampedEntry<TValue>(isThere, in value, clock);
        if (!entry.Is(expected))
        {
            Version = entry.Version;
            return entry.LeaveIt;
        }

        value.Version = version;
        value.ExpiresAt = expiresAt;
        value.Value = _value;
        Version = version;
        return EntryOutcome.Put;
    }
}

/// <summary>Removes an entry, if the version is the expected one.</summary>
internal struct StampedRemove<TValue>(long expected, IClock clock) : IEntryDecision<Stamped<TValue>>
    where TValue : unmanaged
{
    public static bool TakesVersions => false;

    public readonly EntryOutcome Decide(bool isThere, ref Stamped<TValue> value, long version)
    {
        var entry = new StampedEntry<TValue>(isThere, in value, clock);
        return entry.IsThere && entry.Is(expected) ? EntryOutcome.Remove : entry.LeaveIt;
    }
}

/// <summary>Sets when an entry ends.</summary>
internal struct StampedTouch<TValue>(long expiresAt, IClock clock) : IEntryDecision<Stamped<TValue>>
    where TValue : unmanaged
{
    public static bool TakesVersions => false;

    public readonly EntryOutcome Decide(bool isThere, ref Stamped<TValue> value, long version)
    {
        var entry = new StampedEntry<TValue>(isThere, in value, clock);
        if (!entry.IsThere)
        {
            return entry.LeaveIt;
        }

        value.ExpiresAt = expiresAt;
        return EntryOutcome.Put;
    }
}

/// <summary>Takes an entry away whose time is over.</summary>
internal readonly struct StampedSweep<TValue>(IClock clock) : IEntryTest<Stamped<TValue>>, IEntryDecision<Stamped<TValue>>
    where TValue : unmanaged
{
    public static bool TakesVersions => false;

    public bool IsOver(ref readonly Stamped<TValue> value) => value.IsOver(clock);

    public EntryOutcome Decide(bool isThere, ref Stamped<TValue> value, long version) => isThere && value.IsOver(clock) ? EntryOutcome.Expire : EntryOutcome.Keep;
}

/// <summary>Leaves out what had ended at a moment.</summary>
internal readonly struct StampedMoment<TValue>(long now) : IEntryTest<Stamped<TValue>>
    where TValue : unmanaged
{
    public bool IsOver(ref readonly Stamped<TValue> value) => value.IsOverAt(now);
}

/// <summary>What a user decides of an entry that has a version.</summary>
internal ref struct StampedUpdate<TValue, TUpdate>(ref TUpdate update, long expiresAt, IClock clock) : IEntryDecision<Stamped<TValue>>
    where TValue : unmanaged
    where TUpdate : struct, IEntryUpdate<TValue>
{
    private readonly ref TUpdate _update = ref update;

    public static bool TakesVersions => true;

    /// <summary>The version of the entry afterwards.</summary>
    public long Version { get; private set; }

    public EntryOutcome Decide(bool isThere, ref Stamped<TValue> value, long version)
    {
        var entry = new StampedEntry<TValue>(isThere, in value, clock);
        TValue asked = entry.IsThere ? value.Value : default;
        EntryOutcome outcome = UpdateDecision.Of(ref _update, entry.IsThere, ref asked);
        switch (outcome)
        {
            case EntryOutcome.Put:
                value.Version = Version = version;
                value.ExpiresAt = expiresAt;
                value.Value = asked;
                return outcome;
            case EntryOutcome.Remove when entry.IsThere:
                Version = Stamp.NoVersion;
                return outcome;
            default:
                Version = entry.Version;
                return entry.LeaveIt;
        }
    }
}

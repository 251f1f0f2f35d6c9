using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The state of an entry for a writer of a map with versions. An expired entry counts as missing, and is removed unless another
/// value replaces it.</summary>
internal readonly ref struct VersionedEntryState<TValue>
    where TValue : unmanaged
{
    private readonly bool _isOver;

    // Reads the clock once: a second read could find the entry expired after the first did not.
    public VersionedEntryState(bool isThere, ref readonly VersionedValue<TValue> value, IClock clock)
    {
        _isOver = isThere && value.IsOver(clock);
        Version = isThere && !_isOver ? value.Version : Stamp.NoVersion;
    }

    public long Version { get; }

    public bool IsThere => Version != Stamp.NoVersion;

    public EntryOutcome OutcomeIfNotStored => _isOver ? EntryOutcome.Expire : EntryOutcome.Keep;

    public bool Matches(long expected) => expected == Stamp.AnyVersion || expected == Version;
}

/// <summary>Stores a value if the version is the expected one.</summary>
internal ref struct VersionedPut<TValue>(ref readonly TValue value, long expected, long expiresAt, IClock clock)
    : IEntryDecision<VersionedValue<TValue>>
    where TValue : unmanaged
{
    private readonly ref readonly TValue _value = ref value;

    public static bool TakesVersions => true;

    /// <summary>The version of the entry afterwards.</summary>
    public long Version { get; private set; }

    public EntryOutcome Decide(bool isThere, ref VersionedValue<TValue> value, long version)
    {
        var entry = new VersionedEntryState<TValue>(isThere, in value, clock);
        if (!entry.Matches(expected))
        {
            Version = entry.Version;
            return entry.OutcomeIfNotStored;
        }

        value.Version = version;
        value.ExpiresAt = expiresAt;
        value.Value = _value;
        Version = version;
        return EntryOutcome.Put;
    }
}

/// <summary>Removes an entry if the version is the expected one.</summary>
internal struct VersionedRemove<TValue>(long expected, IClock clock) : IEntryDecision<VersionedValue<TValue>>
    where TValue : unmanaged
{
    public static bool TakesVersions => false;

    public readonly EntryOutcome Decide(bool isThere, ref VersionedValue<TValue> value, long version)
    {
        var entry = new VersionedEntryState<TValue>(isThere, in value, clock);
        return entry.IsThere && entry.Matches(expected) ? EntryOutcome.Remove : entry.OutcomeIfNotStored;
    }
}

/// <summary>Sets the expiry of an entry.</summary>
internal struct VersionedTouch<TValue>(long expiresAt, IClock clock) : IEntryDecision<VersionedValue<TValue>>
    where TValue : unmanaged
{
    public static bool TakesVersions => false;

    public readonly EntryOutcome Decide(bool isThere, ref VersionedValue<TValue> value, long version)
    {
        var entry = new VersionedEntryState<TValue>(isThere, in value, clock);
        if (!entry.IsThere)
        {
            return entry.OutcomeIfNotStored;
        }

        value.ExpiresAt = expiresAt;
        return EntryOutcome.Put;
    }
}

/// <summary>Removes an expired entry.</summary>
internal readonly struct VersionedSweep<TValue>(IClock clock) : IEntryTest<VersionedValue<TValue>>, IEntryDecision<VersionedValue<TValue>>
    where TValue : unmanaged
{
    public static bool TakesVersions => false;

    public bool IsOver(ref readonly VersionedValue<TValue> value) => value.IsOver(clock);

    public EntryOutcome Decide(bool isThere, ref VersionedValue<TValue> value, long version) =>
        isThere && value.IsOver(clock) ? EntryOutcome.Expire : EntryOutcome.Keep;
}

/// <summary>Finds the entries that had expired at a moment.</summary>
internal readonly struct ExpiredAt<TValue>(long now) : IEntryTest<VersionedValue<TValue>>
    where TValue : unmanaged
{
    public bool IsOver(ref readonly VersionedValue<TValue> value) => value.IsOverAt(now);
}

/// <summary>Applies the decision of a user to an entry that has a version.</summary>
internal ref struct VersionedUpdate<TValue, TUpdate>(ref TUpdate update, long expiresAt, IClock clock)
    : IEntryDecision<VersionedValue<TValue>>
    where TValue : unmanaged
    where TUpdate : struct, IEntryUpdate<TValue>
{
    private readonly ref TUpdate _update = ref update;

    public static bool TakesVersions => true;

    /// <summary>The version of the entry afterwards.</summary>
    public long Version { get; private set; }

    public EntryOutcome Decide(bool isThere, ref VersionedValue<TValue> value, long version)
    {
        var entry = new VersionedEntryState<TValue>(isThere, in value, clock);
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
                return entry.OutcomeIfNotStored;
        }
    }
}

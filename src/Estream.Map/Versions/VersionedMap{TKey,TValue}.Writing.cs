using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class VersionedMap<TKey, TValue>
{
    /// <summary>After this many writes, a run of buckets is searched for expired entries.</summary>
    private const int WritesPerRun = 16;

    private int _writes;

    /// <summary>Stores a value under a key, whether the map has the key or not.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="timeToLive">The time until the entry expires; <see langword="null"/> if it does not expire. The previous expiry of
    /// the entry has no effect.</param>
    /// <returns>The new version of the entry.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">The map had to grow, and the disk is full or the device reported an error. Nothing
    /// changed; reading, replacing and removing still work.</exception>
    /// <exception cref="EstreamLeaseException">Multi-writer mode: a writer has been stopped for a minute while it held a lock, or all 256
    /// writer slots are taken. Nothing changed.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public long Put(in TKey key, in TValue value, TimeSpan? timeToLive = null)
    {
        _ = Store(in key, Stamp.AnyVersion, in value, timeToLive, out long version);
        return version;
    }

    /// <summary>Stores a value under a key if the entry has the expected version: no other writer has changed it since that version was
    /// read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version the entry must have; 0 if the map must not have the key.</param>
    /// <param name="value">The value.</param>
    /// <param name="version">The current version of the entry, also if nothing was stored; 0 if the map does not have the key.</param>
    /// <param name="timeToLive">As for <see cref="Put"/>.</param>
    /// <returns>Whether the value was stored.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The version is below 0, or the time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="Put"/>.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool CompareExchange(in TKey key, long expectedVersion, in TValue value, out long version, TimeSpan? timeToLive = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion);
        return Store(in key, expectedVersion, in value, timeToLive, out version);
    }

    /// <summary>Sets the time until an entry expires. The value and the version do not change.</summary>
    /// <param name="key">The key.</param>
    /// <param name="timeToLive">The time from now; <see langword="null"/> if the entry does not expire.</param>
    /// <returns>Whether the map has the key.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Touch(in TKey key, TimeSpan? timeToLive)
    {
        NoteExpiring(timeToLive);
        var decision = new VersionedTouch<TValue>(Stamp.EndOf(timeToLive, _clock), _clock);
        return _map.Change(in key, ref decision) == EntryOutcome.Put;
    }

    /// <summary>
    /// Reads one entry and changes it in one atomic step; see <see cref="StateMap{TKey, TValue}.Update"/>. An expired entry counts as
    /// missing.
    /// </summary>
    /// <typeparam name="TUpdate">Decides the change of the entry.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="update">Called once, or again if the map has to grow first. The caller can read its fields afterwards.</param>
    /// <param name="version">The current version of the entry; 0 if the map does not have the key.</param>
    /// <param name="timeToLive">As for <see cref="Put"/>, if the decision is to put.</param>
    /// <returns>What was done; <see cref="EntryChange.Keep"/> also for the removal of a missing key.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="Put"/>.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only, or the decision is invalid.</exception>
    public EntryChange Update<TUpdate>(in TKey key, ref TUpdate update, out long version, TimeSpan? timeToLive = null)
        where TUpdate : struct, IEntryUpdate<TValue>
    {
        NoteExpiring(timeToLive);
        var decision = new VersionedUpdate<TValue, TUpdate>(ref update, Stamp.EndOf(timeToLive, _clock), _clock);
        EntryOutcome outcome = _map.Change(in key, ref decision);
        version = decision.Version;
        Sweep();
        return outcome is EntryOutcome.Expire ? EntryChange.Keep : (EntryChange)outcome;
    }

    /// <summary>Removes a key with its value.</summary>
    /// <returns>Whether the map had the key.</returns>
    /// <exception cref="EstreamStorageException">Multi-writer mode: the table of another writer could not be opened.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(in TKey key) => RemoveIf(in key, Stamp.AnyVersion);

    /// <summary>Removes a key if the entry has the expected version: no other writer has changed it since that version was read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version the entry must have.</param>
    /// <returns>Whether the key was removed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The version is not above 0.</exception>
    /// <exception cref="EstreamStorageException">Multi-writer mode: the table of another writer could not be opened.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(in TKey key, long expectedVersion)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(expectedVersion);
        return RemoveIf(in key, expectedVersion);
    }

    /// <summary>Removes all expired entries. Not necessary for a map that is written: writes remove expired entries gradually. Reads
    /// every entry, at some nanoseconds each.</summary>
    /// <returns>The number of removed entries.</returns>
    /// <exception cref="EstreamStorageException">As for <see cref="Remove(in TKey)"/>.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public long RemoveExpired()
    {
        _map.RequireWritable();
        long removed = 0;
        var sweep = new VersionedSweep<TValue>(_clock);
        foreach ((TKey key, VersionedValue<TValue> versioned) in _map)
        {
            removed += versioned.IsOver(_clock) && _map.Change(in key, ref sweep) == EntryOutcome.Expire ? 1 : 0;
        }

        return removed;
    }

    /// <summary>
    /// Removes all entries at once and returns to the smallest size. User words stay, and versions continue to rise. Readers see all
    /// entries or none.
    /// </summary>
    /// <exception cref="EstreamStorageException">The disk is full; nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Clear() => _map.Clear();

    /// <summary>Sets a user word, by one atomic store. See <see cref="UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    /// <param name="value">Any value.</param>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void SetUserWord(int index, long value) => _map.SetUserWord(index, value);

    /// <summary>Flushes everything and returns when it is durable; see <see cref="StateMap{TKey, TValue}.Flush"/>.</summary>
    /// <exception cref="EstreamStorageException">The device reported an error.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Flush() => _map.Flush();

    private bool Store(in TKey key, long expected, in TValue value, TimeSpan? timeToLive, out long version)
    {
        NoteExpiring(timeToLive);
        var decision = new VersionedPut<TValue>(in value, expected, Stamp.EndOf(timeToLive, _clock), _clock);
        bool isStored = _map.Change(in key, ref decision) == EntryOutcome.Put;
        version = decision.Version;
        Sweep();
        return isStored;
    }

    private bool RemoveIf(in TKey key, long expected)
    {
        var decision = new VersionedRemove<TValue>(expected, _clock);
        bool isRemoved = _map.Change(in key, ref decision) == EntryOutcome.Remove;
        Sweep();
        return isRemoved;
    }

    // Called before the first entry with an expiry is stored: from then on writers search for expired entries.
    private void NoteExpiring(TimeSpan? timeToLive)
    {
        if (timeToLive is not null)
        {
            _map.NoteExpiring();
        }
    }

    // Not synchronized: with several threads, a run comes a little earlier or later.
    private void Sweep()
    {
        if (_map.HasExpiring && ++_writes >= WritesPerRun)
        {
            _writes = 0;
            SweepSome();
        }
    }

    private void SweepSome()
    {
        try
        {
            var sweep = new VersionedSweep<TValue>(_clock);
            _map.ExpireSome(ref sweep);
        }
        catch (Exception failure) when (failure is EstreamException or SystemException)
        {
            // The write that triggered the search is complete and does not depend on the search, even if a sink fails. A later write
            // searches again. It first resolves the feed intent that this search left, or fails if it cannot.
        }
    }

    /// <summary>
    /// Creates a batch: changes of several keys that are applied atomically, if its requirements are met. The batch can be filled and
    /// committed again and again without further allocation.
    /// </summary>
    /// <param name="capacity">The maximum number of keys in the batch, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1 or too large; keys and values of a batch are at most 16
    /// MiB.</exception>
    /// <exception cref="EstreamStorageException">The disk has no room for the log of the batch. Nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">All 256 slots for batches, or for writers, are taken.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public VersionedBatch<TKey, TValue> CreateBatch(int capacity = 16)
    {
        _map.RequireWritable();
        StateMap<TKey, VersionedValue<TValue>>.RequireCapacity(capacity);
        var plan = new VersionedBatchPlan<TKey, TValue>(capacity, _map.HashSeed, _clock);
        return new VersionedBatch<TKey, TValue>(_map, plan, _map.TakeBatchSlot(capacity), _clock);
    }
}

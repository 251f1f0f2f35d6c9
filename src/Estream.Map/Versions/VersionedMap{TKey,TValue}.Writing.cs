using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class VersionedMap<TKey, TValue>
{
    /// <summary>So many writes share the work of looking through one run of buckets for entries whose time is over.</summary>
    private const int WritesPerRun = 16;

    private int _writes;

    /// <summary>Stores a value under a key, whatever is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="timeToLive">How long it is there; <see langword="null"/>: until it is removed or replaced. What an entry had before
    /// does not matter.</param>
    /// <returns>The version it has now.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">The map had to grow and the disk is full, or the device reported an error. Nothing
    /// changed: reading, replacing and removing go on.</exception>
    /// <exception cref="EstreamLeaseException">Many write, and one of them has been stopped for a minute with a lock in its hand; or all
    /// 256 places are taken.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public long Put(in TKey key, in TValue value, TimeSpan? timeToLive = null)
    {
        _ = Store(in key, Stamp.AnyVersion, in value, timeToLive, out long version);
        return version;
    }

    /// <summary>Stores a value under a key if nobody has changed the entry since it had the expected version.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version the entry must have; 0: the key must not be there.</param>
    /// <param name="value">The value.</param>
    /// <param name="version">The version the entry has now, whether it was stored or not; 0 if it is not there.</param>
    /// <param name="timeToLive">As for <see cref="Put"/>.</param>
    /// <returns>Whether it was stored.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The version is below 0, or the time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="Put"/>.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool CompareExchange(in TKey key, long expectedVersion, in TValue value, out long version, TimeSpan? timeToLive = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion);
        return Store(in key, expectedVersion, in value, timeToLive, out version);
    }

    /// <summary>Sets how long an entry is there from now on. Value and version stay.</summary>
    /// <param name="key">The key.</param>
    /// <param name="timeToLive">From now on; <see langword="null"/>: until it is removed or replaced.</param>
    /// <returns>Whether the key is there.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Touch(in TKey key, TimeSpan? timeToLive)
    {
        NoteExpiring(timeToLive);
        var decision = new VersionedTouch<TValue>(Stamp.EndOf(timeToLive, _clock), _clock);
        return _map.Change(in key, ref decision) == EntryOutcome.Put;
    }

    /// <summary>Reads one entry and changes it in one step, which no other writer comes between; see
    /// <see cref="StateMap{TKey, TValue}.Update"/>. One whose time is over is not there.</summary>
    /// <typeparam name="TUpdate">Decides what becomes of the entry.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="update">Is asked once, or again when the map first has to grow. What it keeps in its fields can be looked at
    /// afterwards.</param>
    /// <param name="version">The version the entry has now; 0 if it is not there.</param>
    /// <param name="timeToLive">As for <see cref="Put"/>, if the answer is to put.</param>
    /// <returns>What was done; <see cref="EntryChange.Keep"/> also where a key was to be removed that is not there.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="EstreamStorageException">As for <see cref="Put"/>.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only, or the answer is none.</exception>
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
    /// <returns>Whether it was there.</returns>
    /// <exception cref="EstreamStorageException">Many write, and the table another one has made could not be opened.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(in TKey key) => RemoveIf(in key, Stamp.AnyVersion);

    /// <summary>Removes a key if nobody has changed the entry since it had the expected version.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version the entry must have.</param>
    /// <returns>Whether it was removed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The version is not above 0.</exception>
    /// <exception cref="EstreamStorageException">Many write, and the table another one has made could not be opened.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public bool Remove(in TKey key, long expectedVersion)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(expectedVersion);
        return RemoveIf(in key, expectedVersion);
    }

    /// <summary>
    /// Takes all entries away whose time is over. Nobody needs to call it where the map is written: writing does the same bit by bit. Looks
    /// at every entry, some nanoseconds each.
    /// </summary>
    /// <returns>How many were taken away.</returns>
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

    /// <summary>Removes everything at once and goes back to the smallest size. User words stay, and versions go on rising. Readers see all
    /// entries or none.</summary>
    /// <exception cref="EstreamStorageException">The disk is full; nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="Put"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void Clear() => _map.Clear();

    /// <summary>Sets a user word, by one atomic store. See <see cref="UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    /// <param name="value">Any value.</param>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public void SetUserWord(int index, long value) => _map.SetUserWord(index, value);

    /// <summary>Writes everything to the device and returns when it is there; see <see cref="StateMap{TKey, TValue}.Flush"/>.</summary>
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

    // Before the first of them is stored: from then on writers look for those whose time is over.
    private void NoteExpiring(TimeSpan? timeToLive)
    {
        if (timeToLive is not null)
        {
            _map.NoteExpiring();
        }
    }

    // With several threads it comes a little earlier or later.
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
            // The write that came by is done, and needs none of this, whatever a sink refuses. Another one tries again; what the feed is
            // owed by then is told first, or fails it.
        }
    }

    /// <summary>
    /// Makes a batch: changes of several keys that happen wholly or not at all, if what it requires is so. It is filled, committed, filled
    /// again, and allocates nothing any more.
    /// </summary>
    /// <param name="capacity">How many keys it takes, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1 or too large; keys and values of a batch are at most 16
    /// MiB.</exception>
    /// <exception cref="EstreamStorageException">The disk has no room for the log of the batch. Nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">All 256 places for batches, or among the writers, are taken.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public VersionedBatch<TKey, TValue> CreateBatch(int capacity = 16)
    {
        _map.RequireWritable();
        StateMap<TKey, VersionedValue<TValue>>.RequireCapacity(capacity);
        var plan = new VersionedBatchPlan<TKey, TValue>(capacity, _map.HashSeed, _clock);
        return new VersionedBatch<TKey, TValue>(_map, plan, _map.TakeBatchSlot(capacity), _clock);
    }
}

using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// An atomic batch of changes to several keys of a <see cref="VersionedMap{TKey, TValue}"/>, on conditions on their versions. Created by
/// <see cref="VersionedMap{TKey, TValue}.CreateBatch"/>, filled, committed, and filled again.
/// </summary>
/// <typeparam name="TKey">The key type of the map.</typeparam>
/// <typeparam name="TValue">The value type of the map.</typeparam>
/// <remarks>The remarks of <see cref="MapBatch{TKey, TValue}"/> on other writers, crashes, power cuts, readers and threads hold
/// here.</remarks>
public sealed class VersionedBatch<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly StateMap<TKey, VersionedValue<TValue>> _map;
    private readonly VersionedBatchPlan<TKey, TValue> _plan;
    private readonly IClock _clock;
    private readonly BatchSession<TKey, VersionedValue<TValue>> _session;

    internal VersionedBatch(
        StateMap<TKey, VersionedValue<TValue>> map,
        VersionedBatchPlan<TKey, TValue> plan,
        BatchSlot<TKey, VersionedValue<TValue>> slot,
        IClock clock)
    {
        _map = map;
        _plan = plan;
        _session = new BatchSession<TKey, VersionedValue<TValue>>(map, plan, slot);
        _clock = clock;
    }

    /// <summary>The maximum number of keys in the batch.</summary>
    public int Capacity => _plan.Capacity;

    /// <summary>The number of keys in the batch, to be changed or checked.</summary>
    public int Count => _plan.Count;

    /// <summary>Adds a change that stores a value under a key, with a new version. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="timeToLive">The time until the entry expires, from now and not from the commit; <see langword="null"/>: it does not
    /// expire.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Put(in TKey key, in TValue value, TimeSpan? timeToLive = null)
    {
        long expiresAt = Stamp.EndOf(timeToLive, _clock);
        if (timeToLive is not null)
        {
            _map.NoteExpiring();
        }

        _plan.Put(in key, in value, expiresAt);
    }

    /// <summary>Adds a change that removes a key, if the map has it. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Remove(in TKey key) => _plan.Remove(in key);

    /// <summary>Requires that an entry has a version; otherwise the batch changes nothing. Conditions apply to the state before the batch.
    /// Of several conditions for one key the last counts.</summary>
    /// <param name="key">The key, which may be changed as well.</param>
    /// <param name="version">The version its entry must have; 0: the map must not have the key.</param>
    /// <exception cref="ArgumentOutOfRangeException">The version is below 0.</exception>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void RequireVersion(in TKey key, long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        _plan.RequireVersion(in key, version);
    }

    /// <summary>Empties the batch.</summary>
    public void Clear() => _plan.Clear();

    /// <summary>Applies the batch atomically, if every condition is met; see <see cref="MapBatch{TKey, TValue}.Commit"/>.</summary>
    /// <returns>Whether it was applied, and the batch is empty again. Otherwise a condition is not met, nothing changed, and the batch is
    /// unchanged.</returns>
    /// <exception cref="EstreamStorageException">The map had to grow and the disk is full, or the device reported an error. Nothing
    /// changed, and the batch keeps its content. The same holds for the exceptions below.</exception>
    /// <exception cref="EstreamLeaseException">Multi-writer mode: a writer has been stopped for a minute while it held a
    /// lock.</exception>
    /// <exception cref="ObjectDisposedException">The batch or its map was disposed.</exception>
    public bool Commit() => _session.Commit(this);

    /// <summary>Releases the slot of the batch and drops uncommitted changes. Idempotent; dispose batches before their map.</summary>
    public void Dispose() => _session.Dispose();
}

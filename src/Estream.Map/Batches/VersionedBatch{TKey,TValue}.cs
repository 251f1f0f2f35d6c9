using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// Changes of several keys of a <see cref="VersionedMap{TKey, TValue}"/> that happen in one step, wholly or not at all, and on condition of
/// versions. Made by <see cref="VersionedMap{TKey, TValue}.CreateBatch"/>, filled, committed, and filled again.
/// </summary>
/// <typeparam name="TKey">The key type of the map.</typeparam>
/// <typeparam name="TValue">The value type of the map.</typeparam>
/// <remarks>What <see cref="MapBatch{TKey, TValue}"/> says of other writers, kills, power cuts and readers holds here; so does what it says
/// of threads.</remarks>
public sealed class VersionedBatch<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly StateMap<TKey, Stamped<TValue>> _map;
    private readonly StampedPlan<TKey, TValue> _plan;
    private readonly IClock _clock;
    private BatchSeat<TKey, Stamped<TValue>>? _seat;

    internal VersionedBatch(StateMap<TKey, Stamped<TValue>> map, StampedPlan<TKey, TValue> plan, BatchSeat<TKey, Stamped<TValue>> seat, IClock clock)
    {
        _map = map;
        _plan = plan;
        _seat = seat;
        _clock = clock;
    }

    /// <summary>How many keys it takes.</summary>
    public int Capacity => _plan.Capacity;

    /// <summary>How many keys it has, to be changed or looked at.</summary>
    public int Count => _plan.Count;

    /// <summary>Is going to store a value under a key, which gets a new version. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="timeToLive">How long it is there from now on, and not from the commit; <see langword="null"/>: until it is removed or
    /// replaced.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="InvalidOperationException">The batch has as many keys as it takes.</exception>
    public void Put(in TKey key, in TValue value, TimeSpan? timeToLive = null)
    {
        long expiresAt = Stamp.EndOf(timeToLive, _clock);
        if (timeToLive is not null)
        {
            _map.NoteExpiring();
        }

        _plan.Put(in key, in value, expiresAt);
    }

    /// <summary>Is going to remove a key, if it is there. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidOperationException">The batch has as many keys as it takes.</exception>
    public void Remove(in TKey key) => _plan.Remove(in key);

    /// <summary>Changes something only if an entry has this version. Conditions are about what was before the batch; of several of one key
    /// the last counts.</summary>
    /// <param name="key">The key, which may be changed as well.</param>
    /// <param name="version">The version its entry must have; 0: the key must not be there.</param>
    /// <exception cref="ArgumentOutOfRangeException">The version is below 0.</exception>
    /// <exception cref="InvalidOperationException">The batch has as many keys as it takes.</exception>
    public void RequireVersion(in TKey key, long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        _plan.RequireVersion(in key, version);
    }

    /// <summary>Forgets what the batch was going to do.</summary>
    public void Clear() => _plan.Clear();

    /// <summary>Does all of it in one step, if every condition is met; see <see cref="MapBatch{TKey, TValue}.Commit"/>.</summary>
    /// <returns>Whether it was done, and the batch is empty again. Otherwise something it requires is not so, nothing changed, and the
    /// batch is as it was.</returns>
    /// <exception cref="EstreamStorageException">The map had to grow and the disk is full, or the device reported an error. Nothing
    /// changed, and the batch is as it was; so is it with the following.</exception>
    /// <exception cref="EstreamLeaseException">Many write, and one of them has been stopped for a minute with a lock in its
    /// hand.</exception>
    /// <exception cref="ObjectDisposedException">The batch or its map was disposed.</exception>
    public bool Commit()
    {
        ObjectDisposedException.ThrowIf(_seat is null, this);
        bool isDone = _map.Commit(_plan, _seat);
        if (isDone)
        {
            _plan.Clear();
        }

        return isDone;
    }

    /// <summary>Gives back what the batch writes with. What was not committed does not happen. Idempotent; dispose batches before their
    /// map.</summary>
    public void Dispose()
    {
        if (_seat is { } seat)
        {
            _seat = null;
            _map.Leave(seat);
        }
    }
}

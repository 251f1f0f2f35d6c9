using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// Changes of several keys of a map that happen in one step, wholly or not at all, and on conditions: what a transfer between two accounts
/// needs. Made by <see cref="StateMap{TKey, TValue}.CreateBatch"/>, filled, committed, and filled again.
/// </summary>
/// <typeparam name="TKey">The key type of the map.</typeparam>
/// <typeparam name="TValue">The value type of the map.</typeparam>
/// <remarks>
/// <para>Other writers, of whichever process, come before the batch or behind it; none sees a part of it or comes between its conditions
/// and its changes. A kill at any moment leaves all of it or nothing: what a dead writer had begun is made by the next one that comes by
/// one of its keys, or opens the map. A snapshot has all of it or nothing. After a power cut a batch is there whole if
/// <see cref="StateMap{TKey, TValue}.Flush"/> was called behind it and returned; what was not flushed may be there in part, which
/// <see cref="StateMap{TKey, TValue}.HostCrashed"/> says.</para>
/// <para>Who gets single keys takes no lock and looks at each of them by itself: while a batch is made some of its keys may be seen as they
/// will be and others as they were, for the fraction of a microsecond a change takes; and where its writer was killed in the middle, until
/// the next writer comes by. What was seen of a batch is never taken back. <see cref="StateMap{TKey, TValue}.TryGetTogether"/> reads
/// several keys of which a batch is seen whole, and a snapshot has all of them.</para>
/// <para>Thread-safety: one thread at a time may use a batch; where several threads write, each has its own. With
/// <see cref="MapWriters.One"/> that is the thread that writes.</para>
/// </remarks>
public sealed class MapBatch<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly StateMap<TKey, TValue> _map;
    private readonly PlainPlan<TKey, TValue> _plan;
    private BatchSeat<TKey, TValue>? _seat;

    internal MapBatch(StateMap<TKey, TValue> map, PlainPlan<TKey, TValue> plan, BatchSeat<TKey, TValue> seat)
    {
        _map = map;
        _plan = plan;
        _seat = seat;
    }

    /// <summary>How many keys it takes.</summary>
    public int Capacity => _plan.Capacity;

    /// <summary>How many keys it has, to be changed or looked at.</summary>
    public int Count => _plan.Count;

    internal bool IsDisposed => _seat is null;

    /// <summary>Is going to store a value under a key. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidOperationException">The batch has as many keys as it takes.</exception>
    public void Put(in TKey key, in TValue value) => _plan.Put(in key, in value);

    /// <summary>Is going to remove a key, if it is there. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidOperationException">The batch has as many keys as it takes.</exception>
    public void Remove(in TKey key) => _plan.Remove(in key);

    /// <summary>Changes something only if a key has, byte by byte, this value. Conditions are about what was before the batch; of several
    /// of one key the last counts.</summary>
    /// <param name="key">The key, which may be changed as well.</param>
    /// <param name="value">What its value must be.</param>
    /// <exception cref="NotSupportedException"><typeparamref name="TValue"/> has padding bytes, so that equal values may differ in their
    /// bytes.</exception>
    /// <exception cref="InvalidOperationException">The batch has as many keys as it takes.</exception>
    public void Require(in TKey key, in TValue value)
    {
        _map.RequireNoPadding();
        _plan.Require(in key, in value);
    }

    /// <summary>Changes something only if a key is not there; otherwise as <see cref="Require"/>.</summary>
    /// <param name="key">The key, which may be put as well.</param>
    /// <exception cref="InvalidOperationException">The batch has as many keys as it takes.</exception>
    public void RequireAbsent(in TKey key) => _plan.RequireAbsent(in key);

    /// <summary>Forgets what the batch was going to do.</summary>
    public void Clear() => _plan.Clear();

    /// <summary>
    /// Does all of it in one step, if every condition is met. Costs for each key about what <see cref="StateMap{TKey, TValue}.Put"/> costs,
    /// and the writing of key and value to a log in memory that the processes share; no system call.
    /// </summary>
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

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
    private readonly PlainBatchPlan<TKey, TValue> _plan;
    private readonly BatchSession<TKey, TValue> _session;

    internal MapBatch(StateMap<TKey, TValue> map, PlainBatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot)
    {
        _map = map;
        _plan = plan;
        _session = new BatchSession<TKey, TValue>(map, plan, slot);
    }

    /// <summary>The number of keys it takes.</summary>
    public int Capacity => _plan.Capacity;

    /// <summary>The number of keys in it, to be changed or checked.</summary>
    public int Count => _plan.Count;

    internal bool IsDisposed => _session.IsDisposed;

    /// <summary>Adds the storing of a value under a key. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Put(in TKey key, in TValue value) => _plan.Put(in key, in value);

    /// <summary>Adds the removal of a key, if the map has it. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Remove(in TKey key) => _plan.Remove(in key);

    /// <summary>Requires that a key has a value, byte by byte; otherwise the batch changes nothing. Conditions apply to the state before
    /// the batch; of several for one key the last counts.</summary>
    /// <param name="key">The key, which may be changed as well.</param>
    /// <param name="value">The value it must have.</param>
    /// <exception cref="NotSupportedException"><typeparamref name="TValue"/> has padding bytes, so that equal values may differ in their
    /// bytes.</exception>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Require(in TKey key, in TValue value)
    {
        _map.RequireNoPadding();
        _plan.Require(in key, in value);
    }

    /// <summary>Requires that the map does not have a key; otherwise as <see cref="Require"/>.</summary>
    /// <param name="key">The key, which may be put as well.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void RequireAbsent(in TKey key) => _plan.RequireAbsent(in key);

    /// <summary>Empties the batch.</summary>
    public void Clear() => _plan.Clear();

    /// <summary>
    /// Applies the batch atomically, if every condition is met. Costs about as much as <see cref="StateMap{TKey, TValue}.Put"/> for each
    /// key, and the copy of key and value to a log in shared memory; no system call.
    /// </summary>
    /// <returns>Whether it was applied, and the batch is empty again. Otherwise a condition is not met, nothing changed, and the batch is
    /// unchanged.</returns>
    /// <exception cref="EstreamStorageException">The map had to grow and the disk is full, or the device reported an error. Nothing
    /// changed, the batch included; the same holds for the following.</exception>
    /// <exception cref="EstreamLeaseException">Multi-writer mode: a writer has been stopped for a minute while it held a
    /// lock.</exception>
    /// <exception cref="ObjectDisposedException">The batch or its map was disposed.</exception>
    public bool Commit() => _session.Commit(this);

    /// <summary>Releases the slot of the batch and drops uncommitted changes. Idempotent; dispose batches before their map.</summary>
    public void Dispose() => _session.Dispose();
}

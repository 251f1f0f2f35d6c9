using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// An atomic batch of changes to several keys of a <see cref="StateMap{TKey, TValue}"/>, on conditions, such as a transfer between two
/// accounts. Created by <see cref="StateMap{TKey, TValue}.CreateBatch"/>, filled, committed, and filled again.
/// </summary>
/// <typeparam name="TKey">The key type of the map.</typeparam>
/// <typeparam name="TValue">The value type of the map.</typeparam>
/// <remarks>
/// <para>Other writers, of any process, come before or after the batch: no writer sees a part of the batch, or comes between its conditions
/// and its changes. After a crash at any moment the map has all of the batch or nothing. The next writer that needs one of its keys, or
/// opens the map, completes a committed batch. A snapshot has all of the batch or nothing. After a power cut the map has the whole batch if
/// a later <see cref="StateMap{TKey, TValue}.Flush"/> returned. Without a flush it may have part of the batch, which <see
/// cref="StateMap{TKey, TValue}.HostCrashed"/> reports.</para>
/// <para>Reads of single keys take no lock and are independent. While a batch is applied, a reader may see some of its keys changed and
/// others not, for the fraction of a microsecond that a change takes. If the writer crashes meanwhile, that lasts until the next writer
/// arrives. A change once seen is never undone. <see cref="StateMap{TKey, TValue}.TryGetTogether"/> reads several keys and sees each batch
/// whole, as does a snapshot for all keys.</para>
/// <para>Thread-safety: one thread at a time may use a batch; each writing thread needs a separate one. With <see cref="MapWriters.One"/>
/// only the writing thread may use it.</para>
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

    /// <summary>The maximum number of keys in the batch.</summary>
    public int Capacity => _plan.Capacity;

    /// <summary>The number of keys in the batch, to be changed or checked.</summary>
    public int Count => _plan.Count;

    internal bool IsDisposed => _session.IsDisposed;

    /// <summary>Adds a change that stores a value under a key. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Put(in TKey key, in TValue value) => _plan.Put(in key, in value);

    /// <summary>Adds a change that removes a key, if the map has it. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Remove(in TKey key) => _plan.Remove(in key);

    /// <summary>Requires that a key has a value, byte by byte; otherwise the batch changes nothing. Conditions apply to the state before
    /// the batch. Of several conditions for one key the last counts.</summary>
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
    /// changed, and the batch keeps its content. The same holds for the exceptions below.</exception>
    /// <exception cref="EstreamLeaseException">Multi-writer mode: a writer has been stopped for a minute while it held a
    /// lock.</exception>
    /// <exception cref="ObjectDisposedException">The batch or its map was disposed.</exception>
    public bool Commit() => _session.Commit(this);

    /// <summary>Releases the slot of the batch and drops uncommitted changes. Idempotent; dispose batches before their map.</summary>
    public void Dispose() => _session.Dispose();
}

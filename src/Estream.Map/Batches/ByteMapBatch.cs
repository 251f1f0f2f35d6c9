using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// An atomic batch of changes to several keys of a <see cref="ByteMap"/>, on conditions. Created by <see cref="ByteMap.CreateBatch"/>,
/// filled, committed, and filled again.
/// </summary>
/// <remarks>
/// <para>After a crash at any moment the map has all of the batch or nothing: the next writer that opens the map completes a committed
/// batch. A snapshot has all of the batch or nothing. After a power cut the map has the whole batch if a later <see cref="ByteMap.Flush"/>
/// returned. Without a flush it may have part of the batch, which <see cref="ByteMap.HostCrashed"/> reports.</para>
/// <para>Reads of single keys are independent: while a batch is applied, a reader may see some of its keys changed and others not. If the
/// writer crashes meanwhile, that lasts until the next writer opens the map. A change once seen is never undone. Take a snapshot to see
/// several keys together.</para>
/// <para>The batch copies keys and values, up to 256 MiB in all, and keeps the memory until it is collected. A batch that is filled again
/// with as many bytes allocates nothing.</para>
/// <para>Thread-safety: that of the map's writes.</para>
/// </remarks>
public sealed class ByteMapBatch : IDisposable
{
    private readonly ByteBatchPlan _plan;
    private readonly ByteBatchSession _session;

    internal ByteMapBatch(ByteMap map, ByteBatchPlan plan, MapBatch<nuint, nuint> references)
    {
        _plan = plan;
        _session = new ByteBatchSession(map, plan, references, isVersioned: false);
    }

    /// <summary>The maximum number of keys in the batch.</summary>
    public int Capacity => _plan.Capacity;

    /// <summary>The number of keys in the batch, to be changed or checked.</summary>
    public int Count => _plan.Count;

    /// <summary>Adds a change that stores a value under a key. Of several changes of one key the last counts.</summary>
    /// <param name="key">0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="value">0 to <see cref="ByteMap.MaxValueBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, by keys or by bytes.</exception>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        HeapErrors.RequireLengths(key, value, ByteMap.MaxValueBytes);
        _plan.Put(key, value, Stamp.Never);
    }

    /// <summary>Adds a change that removes a key, if the map has it. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException">The key is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, by keys or by bytes.</exception>
    public void Remove(ReadOnlySpan<byte> key)
    {
        HeapErrors.RequireLengths(key, default, ByteMap.MaxValueBytes);
        _plan.Remove(key);
    }

    /// <summary>Requires that a key has a value, byte by byte; otherwise the batch changes nothing. Conditions apply to the state before
    /// the batch. Of several conditions for one key the last counts.</summary>
    /// <param name="key">The key, which may be changed as well.</param>
    /// <param name="value">The value it must have.</param>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, by keys or by bytes.</exception>
    public void Require(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        HeapErrors.RequireLengths(key, value, ByteMap.MaxValueBytes);
        _plan.Require(key, value);
    }

    /// <summary>Requires that the map does not have a key; otherwise as <see cref="Require"/>.</summary>
    /// <param name="key">The key, which may be put as well.</param>
    /// <exception cref="ArgumentException">The key is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, by keys or by bytes.</exception>
    public void RequireAbsent(ReadOnlySpan<byte> key)
    {
        HeapErrors.RequireLengths(key, default, ByteMap.MaxValueBytes);
        _plan.RequireAbsent(key);
    }

    /// <summary>Empties the batch.</summary>
    public void Clear() => _plan.Clear();

    /// <summary>Applies the batch atomically, if every condition is met. Costs about as much as <see cref="ByteMap.Put"/> for each key; no
    /// system call, unless a new file is needed.</summary>
    /// <returns>Whether it was applied, and the batch is empty again. Otherwise a condition is not met, nothing changed, and the batch is
    /// unchanged.</returns>
    /// <exception cref="EstreamStorageException">Another file was needed and the disk is full, or the device reported an error. Nothing
    /// changed, and the batch keeps its content.</exception>
    /// <exception cref="EstreamCorruptionException">The entry of one of the keys is damaged. The message names file and offset.</exception>
    /// <exception cref="ObjectDisposedException">The batch or its map was disposed.</exception>
    public bool Commit() => _session.Commit(this);

    /// <summary>Releases the slot of the batch and drops uncommitted changes. Idempotent; dispose batches before their map.</summary>
    public void Dispose() => _session.Dispose();
}

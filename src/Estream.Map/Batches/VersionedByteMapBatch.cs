using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// An atomic batch of changes to several keys of a <see cref="VersionedByteMap"/>, on conditions on their versions. Created by
/// <see cref="VersionedByteMap.CreateBatch"/>, filled, committed, and filled again.
/// </summary>
/// <remarks>The remarks of <see cref="ByteMapBatch"/> on crashes, power cuts, readers, memory and threads hold here.</remarks>
public sealed class VersionedByteMapBatch : IDisposable
{
    private readonly ByteBatchPlan _plan;
    private readonly ByteBatchSession _session;
    private readonly IClock _clock;

    internal VersionedByteMapBatch(ByteMap map, ByteBatchPlan plan, MapBatch<nuint, nuint> references, IClock clock)
    {
        _plan = plan;
        _session = new ByteBatchSession(map, plan, references, isVersioned: true);
        _clock = clock;
    }

    /// <summary>The maximum number of keys in the batch.</summary>
    public int Capacity => _plan.Capacity;

    /// <summary>The number of keys in the batch, to be changed or checked.</summary>
    public int Count => _plan.Count;

    /// <summary>Adds a change that stores a value under a key, with a new version. Of several changes of one key the last counts.</summary>
    /// <param name="key">0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="value">0 to <see cref="VersionedByteMap.MaxValueBytes"/> bytes.</param>
    /// <param name="timeToLive">The time until the entry expires, from now and not from the commit; <see langword="null"/>: it does not
    /// expire.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, by keys or by bytes.</exception>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? timeToLive = null)
    {
        HeapErrors.RequireLengths(key, value, VersionedByteMap.MaxValueBytes);
        _plan.Put(key, value, Stamp.EndOf(timeToLive, _clock));
    }

    /// <summary>Adds a change that removes a key, if the map has it. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException">The key is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, by keys or by bytes.</exception>
    public void Remove(ReadOnlySpan<byte> key)
    {
        HeapErrors.RequireLengths(key, default, VersionedByteMap.MaxValueBytes);
        _plan.Remove(key);
    }

    /// <summary>Requires that an entry has a version; otherwise the batch changes nothing. Conditions apply to the state before the batch.
    /// Of several conditions for one key the last counts.</summary>
    /// <param name="key">The key, which may be changed as well.</param>
    /// <param name="version">The version its entry must have; 0: the map must not have the key.</param>
    /// <exception cref="ArgumentOutOfRangeException">The version is below 0.</exception>
    /// <exception cref="ArgumentException">The key is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, by keys or by bytes.</exception>
    public void RequireVersion(ReadOnlySpan<byte> key, long version)
    {
        HeapErrors.RequireLengths(key, default, VersionedByteMap.MaxValueBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        _plan.RequireVersion(key, version);
    }

    /// <summary>Empties the batch.</summary>
    public void Clear() => _plan.Clear();

    /// <summary>Applies the batch atomically, if every condition is met; see <see cref="ByteMapBatch.Commit"/>.</summary>
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

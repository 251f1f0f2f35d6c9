using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// Changes of several keys of a <see cref="VersionedByteMap"/> that happen in one step, wholly or not at all, and on condition of versions.
/// Made by <see cref="VersionedByteMap.CreateBatch"/>, filled, committed, and filled again.
/// </summary>
/// <remarks>What <see cref="ByteMapBatch"/> says of kills, power cuts, readers, memory and threads holds here.</remarks>
public sealed class VersionedByteMapBatch : IDisposable
{
    private readonly ByteMap _map;
    private readonly ByteBatchPlan _plan;
    private readonly MapBatch<nuint, nuint> _references;
    private readonly IClock _clock;

    internal VersionedByteMapBatch(ByteMap map, ByteBatchPlan plan, MapBatch<nuint, nuint> references, IClock clock) => (_map, _plan, _references, _clock) = (map, plan, references, clock);

    /// <summary>How many keys it takes.</summary>
    public int Capacity => _plan.Capacity;

    /// <summary>How many keys it has, to be changed or looked at.</summary>
    public int Count => _plan.Count;

    /// <summary>Is going to store a value under a key, which gets a new version. Of several changes of one key the last counts.</summary>
    /// <param name="key">0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="value">0 to <see cref="VersionedByteMap.MaxValueBytes"/> bytes.</param>
    /// <param name="timeToLive">How long it is there from now on, and not from the commit; <see langword="null"/>: until it is removed or
    /// replaced.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time to live is not above zero.</exception>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch has as many keys, or bytes, as it takes.</exception>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? timeToLive = null)
    {
        HeapErrors.RequireLengths(key, value, VersionedByteMap.MaxValueBytes);
        _plan.Put(key, value, Stamp.EndOf(timeToLive, _clock));
    }

    /// <summary>Is going to remove a key, if it is there. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException">The key is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch has as many keys, or bytes, as it takes.</exception>
    public void Remove(ReadOnlySpan<byte> key)
    {
        HeapErrors.RequireLengths(key, default, VersionedByteMap.MaxValueBytes);
        _plan.Remove(key);
    }

    /// <summary>Changes something only if an entry has this version. Conditions are about what was before the batch; of several of one key
    /// the last counts.</summary>
    /// <param name="key">The key, which may be changed as well.</param>
    /// <param name="version">The version its entry must have; 0: the key must not be there.</param>
    /// <exception cref="ArgumentOutOfRangeException">The version is below 0.</exception>
    /// <exception cref="ArgumentException">The key is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch has as many keys, or bytes, as it takes.</exception>
    public void RequireVersion(ReadOnlySpan<byte> key, long version)
    {
        HeapErrors.RequireLengths(key, default, VersionedByteMap.MaxValueBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        _plan.RequireVersion(key, version);
    }

    /// <summary>Forgets what the batch was going to do.</summary>
    public void Clear() => _plan.Clear();

    /// <summary>Does all of it in one step, if every condition is met; see <see cref="ByteMapBatch.Commit"/>.</summary>
    /// <returns>Whether it was done, and the batch is empty again. Otherwise something it requires is not so, nothing changed, and the
    /// batch is as it was.</returns>
    /// <exception cref="EstreamStorageException">Another file was needed and the disk is full, or the device reported an error. Nothing
    /// changed, and the batch is as it was.</exception>
    /// <exception cref="EstreamCorruptionException">What is stored under one of the keys is damaged; file and offset are named.</exception>
    /// <exception cref="ObjectDisposedException">The batch or its map was disposed.</exception>
    public bool Commit()
    {
        ObjectDisposedException.ThrowIf(_references.IsDisposed, this);
        bool isDone = _map.CommitStamped(_plan, _references);
        if (isDone)
        {
            _plan.Clear();
        }

        return isDone;
    }

    /// <summary>Gives back what the batch writes with. What was not committed does not happen. Idempotent; dispose batches before their
    /// map.</summary>
    public void Dispose() => _references.Dispose();
}

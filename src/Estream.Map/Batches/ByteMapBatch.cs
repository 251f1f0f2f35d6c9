using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// Changes of several keys of a <see cref="ByteMap"/> that happen in one step, wholly or not at all, and on conditions. Made by
/// <see cref="ByteMap.CreateBatch"/>, filled, committed, and filled again.
/// </summary>
/// <remarks>
/// <para>A kill at any moment leaves all of it or nothing: what a dead writer had begun is made by the next one that opens the map. A
/// snapshot has all of it or nothing. After a power cut a batch is there whole if <see cref="ByteMap.Flush"/> was called behind it and
/// returned; what was not flushed may be there in part, which <see cref="ByteMap.HostCrashed"/> says.</para>
/// <para>Who gets single keys looks at each of them by itself: while a batch is made some of its keys may be seen as they will be and
/// others as they were; and where its writer was killed in the middle, until the next writer opens the map. What was seen of a batch is
/// never taken back. Take a snapshot to see several keys together.</para>
/// <para>It keeps copies of keys and values until it is committed or cleared, and the memory for them until it is gone: up to 256 MiB in
/// all. Filled again and again with as much, it allocates nothing.</para>
/// <para>Thread-safety: that of the calls of the map that write.</para>
/// </remarks>
public sealed class ByteMapBatch : IDisposable
{
    private readonly ByteMap _map;
    private readonly ByteBatchPlan _plan;
    private readonly MapBatch<nuint, nuint> _references;

    internal ByteMapBatch(ByteMap map, ByteBatchPlan plan, MapBatch<nuint, nuint> references) => (_map, _plan, _references) = (map, plan, references);

    /// <summary>How many keys it takes.</summary>
    public int Capacity => _plan.Capacity;

    /// <summary>How many keys it has, to be changed or looked at.</summary>
    public int Count => _plan.Count;

    /// <summary>Is going to store a value under a key. Of several changes of one key the last counts.</summary>
    /// <param name="key">0 to <see cref="ByteMap.MaxKeyBytes"/> bytes.</param>
    /// <param name="value">0 to <see cref="ByteMap.MaxValueBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch has as many keys, or bytes, as it takes.</exception>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        HeapErrors.RequireLengths(key, value, ByteMap.MaxValueBytes);
        _plan.Put(key, value, Stamp.Never);
    }

    /// <summary>Is going to remove a key, if it is there. Of several changes of one key the last counts.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException">The key is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch has as many keys, or bytes, as it takes.</exception>
    public void Remove(ReadOnlySpan<byte> key)
    {
        HeapErrors.RequireLengths(key, default, ByteMap.MaxValueBytes);
        _plan.Remove(key);
    }

    /// <summary>Changes something only if a key has, byte by byte, this value. Conditions are about what was before the batch; of several
    /// of one key the last counts.</summary>
    /// <param name="key">The key, which may be changed as well.</param>
    /// <param name="value">What its value must be.</param>
    /// <exception cref="ArgumentException">Key or value is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch has as many keys, or bytes, as it takes.</exception>
    public void Require(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        HeapErrors.RequireLengths(key, value, ByteMap.MaxValueBytes);
        _plan.Require(key, value);
    }

    /// <summary>Changes something only if a key is not there; otherwise as <see cref="Require"/>.</summary>
    /// <param name="key">The key, which may be put as well.</param>
    /// <exception cref="ArgumentException">The key is too long.</exception>
    /// <exception cref="InvalidOperationException">The batch has as many keys, or bytes, as it takes.</exception>
    public void RequireAbsent(ReadOnlySpan<byte> key)
    {
        HeapErrors.RequireLengths(key, default, ByteMap.MaxValueBytes);
        _plan.RequireAbsent(key);
    }

    /// <summary>Forgets what the batch was going to do.</summary>
    public void Clear() => _plan.Clear();

    /// <summary>Does all of it in one step, if every condition is met. Costs for each key about what <see cref="ByteMap.Put"/> costs; no
    /// system call but where another file is needed.</summary>
    /// <returns>Whether it was done, and the batch is empty again. Otherwise something it requires is not so, nothing changed, and the
    /// batch is as it was.</returns>
    /// <exception cref="EstreamStorageException">Another file was needed and the disk is full, or the device reported an error. Nothing
    /// changed, and the batch is as it was.</exception>
    /// <exception cref="EstreamCorruptionException">What is stored under one of the keys is damaged; file and offset are named.</exception>
    /// <exception cref="ObjectDisposedException">The batch or its map was disposed.</exception>
    public bool Commit()
    {
        ObjectDisposedException.ThrowIf(_references.IsDisposed, this);
        bool isDone = _map.Commit(_plan, _references);
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

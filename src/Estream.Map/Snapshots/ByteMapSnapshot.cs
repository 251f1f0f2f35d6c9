using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>A map of byte strings as it was at one moment; see <see cref="ByteMap.CreateSnapshot"/>. It stays as it is whatever is written,
/// until the map is disposed.</summary>
/// <remarks>Thread-safety: any thread may read at any time. <see cref="Dispose"/>, and that of the map, must not run while another thread
/// uses this object.</remarks>
public sealed class ByteMapSnapshot : IDisposable
{
    private readonly MapSnapshot<nuint, nuint> _hashes;
    private readonly PinnedHeap _heap;
    private readonly ByteHash _hash;
    private int _isDisposed;

    internal ByteMapSnapshot(MapSnapshot<nuint, nuint> hashes, long count, PinnedHeap heap, in ByteHash hash, string? directory)
    {
        _hashes = hashes;
        _heap = heap;
        _hash = hash;
        Count = count;
        Directory = directory;
    }

    /// <summary>The directory of the map, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory { get; }

    /// <summary>The number of entries.</summary>
    public long Count { get; }

    internal long TakenAt => _hashes.TakenAt;

    internal string Place => Directory ?? "memory";

    /// <summary>Looks a key up and copies its value; as <see cref="ByteMap.TryGet(ReadOnlySpan{byte}, Span{byte}, out int)"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Where the value goes.</param>
    /// <param name="length">The length of the value, also when there is no room for it; 0 when the key is not there.</param>
    /// <returns>Ok, NotFound, or Full when the destination is shorter than the value.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
    public Status TryGet(ReadOnlySpan<byte> key, Span<byte> destination, out int length)
    {
        length = 0;
        if (!TryFind(key, out FoundBlock found))
        {
            return new Status(StatusCode.NotFound);
        }

        length = found.Head.ValueBytes;
        if (length > destination.Length)
        {
            return new Status(StatusCode.Full);
        }

        Copy(in found, destination);
        return Status.Ok;
    }

    /// <summary>Looks a key up and returns a copy of its value. This form allocates the copy.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, or <see langword="null"/> when the key is not there.</param>
    /// <returns>Whether the key is there.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
    public bool TryGet(ReadOnlySpan<byte> key, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        if (!TryFind(key, out FoundBlock found))
        {
            return false;
        }

        value = GC.AllocateUninitializedArray<byte>(found.Head.ValueBytes);
        Copy(in found, value);
        return true;
    }

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key) => TryFind(key, out _);

    /// <summary>The user word as it was; see <see cref="MapSnapshot{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index)
    {
        RequireAlive();
        return _hashes.UserWord(index);
    }

    /// <summary>Puts the entries in the order of their keys, byte by byte. The result is independent of this object.</summary>
    /// <remarks>Costs 16 bytes an entry outside the garbage-collected heap, a look at every key, and the sorting: about a microsecond an
    /// entry with a million of them.</remarks>
    /// <exception cref="NotSupportedException">There are more than 2^31 entries.</exception>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no address space for it.</exception>
    public OrderedByteMapSnapshot OrderByKey()
    {
        RequireAlive();
        return OrderedByteMapSnapshot.Of(_hashes, Count, _heap, Place, leavesOut: null);
    }

    /// <summary>The same without entries whose time was over at the moment of the image.</summary>
    internal OrderedByteMapSnapshot OrderShownByKey()
    {
        RequireAlive();
        return OrderedByteMapSnapshot.Of(_hashes, Count, _heap, Place, TakenAt);
    }

    /// <summary>Looks a key up whose value has a stamp, and was not over at the moment of the image.</summary>
    internal bool TryFind(ReadOnlySpan<byte> key, out FoundBlock found, out Stamp stamp)
    {
        stamp = default;
        if (!TryFind(key, out found))
        {
            return false;
        }

        if (found.Segment.ReadStamp(found.At, in found.Head, TakenAt, out stamp) != BlockOutcome.Found)
        {
            HeapErrors.NoSuchBlock(Place, found.At);
        }

        return !Stamp.IsOver(stamp.ExpiresAt, TakenAt);
    }

    /// <summary>Goes through all entries in no particular order.</summary>
    public Enumerator GetEnumerator()
    {
        RequireAlive();
        return new Enumerator(this);
    }

    /// <summary>Lets go of the index and of the files. Idempotent.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _hashes.Dispose();
            _heap.LetGo();
        }
    }

    private bool TryFind(ReadOnlySpan<byte> key, out FoundBlock found)
    {
        RequireAlive();
        nuint hash = _hash.Of(key);
        found = default;
        if (!_hashes.TryGet(in hash, out nuint word))
        {
            return false;
        }

        BlockRef root = new(word);
        BlockOutcome outcome = _heap.View.Find(root, key, out found);
        if (outcome is not (BlockOutcome.Found or BlockOutcome.OtherKey))
        {
            HeapErrors.NoSuchBlock(Place, root);
        }

        return outcome == BlockOutcome.Found;
    }

    internal void Copy(in FoundBlock found, Span<byte> destination, int from = 0)
    {
        if (found.Segment.CopyValue(found.At, in found.Head, destination, from) != BlockOutcome.Found)
        {
            HeapErrors.NoSuchBlock(Place, found.At);
        }
    }

    private void RequireAlive()
    {
        if (Volatile.Read(ref _isDisposed) != 0)
        {
            ThrowHelper.SnapshotDisposed();
        }

        _heap.RequireOpen();
    }

    /// <summary>
    /// Goes through the entries of a snapshot. Not thread-safe itself. Allocates nothing but a buffer it borrows, as large as the largest
    /// entry it met, until it is disposed.
    /// </summary>
    public struct Enumerator : IDisposable
    {
        private readonly ByteMapSnapshot _snapshot;
        private MapSnapshot<nuint, nuint>.Enumerator _roots;
        private EntryCopies _copies = new();

        internal Enumerator(ByteMapSnapshot snapshot)
        {
            _snapshot = snapshot;
            _roots = snapshot._hashes.GetEnumerator();
        }

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public readonly ByteMapEntry Current => new(_copies.Key, _copies.Value);

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="EstreamCorruptionException">The next entry is damaged. Another call goes on behind it.</exception>
        /// <exception cref="ObjectDisposedException">The snapshot or the map was disposed.</exception>
        public bool MoveNext()
        {
            _snapshot.RequireAlive();
            while (!_copies.TryNext())
            {
                if (!_roots.MoveNext())
                {
                    return false;
                }

                _snapshot._heap.CopyAll(new BlockRef(_roots.Current.Value), ref _copies, _snapshot.Place);
            }

            return true;
        }

        /// <summary>Gives the buffer back.</summary>
        public void Dispose() => _copies.Dispose();
    }
}

using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>A map of byte strings as it was at one moment; see <see cref="ByteMap.CreateSnapshot"/>. It is valid until the map is
/// disposed.</summary>
/// <remarks>Thread-safety: any thread may read at any time. Do not dispose this object or the map while another thread uses this
/// object.</remarks>
public sealed class ByteMapSnapshot : IDisposable
{
    private readonly MapSnapshot<nuint, nuint> _hashes;
    private readonly ByteHash _hash;
    private HeapPin _pin;

    internal ByteMapSnapshot(MapSnapshot<nuint, nuint> hashes, long count, PinnedHeap heap, in ByteHash hash, string? directory)
    {
        _hashes = hashes;
        _pin = new HeapPin(heap);
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
    /// <param name="destination">Receives the value.</param>
    /// <param name="length">The length of the value, also if the destination is too short; 0 if the snapshot does not have the key.</param>
    /// <returns>Ok, NotFound, or Full if the destination is shorter than the value.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are damaged.</exception>
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
    /// <param name="value">The value, or <see langword="null"/> if the snapshot does not have the key.</param>
    /// <returns>Whether the snapshot has the key.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are damaged.</exception>
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

    /// <summary>Whether the snapshot has a key.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key) => TryFind(key, out _);

    /// <summary>Returns a word of user metadata; see <see cref="MapSnapshot{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index)
    {
        _pin.RequireAlive();
        return _hashes.UserWord(index);
    }

    /// <summary>Orders the entries by key, byte by byte. The result is independent of this object.</summary>
    /// <remarks>Takes 16 bytes an entry outside the garbage-collected heap, reads every key, and sorts: about a microsecond an entry for a
    /// million entries.</remarks>
    /// <exception cref="NotSupportedException">There are more than 2^31 entries.</exception>
    /// <exception cref="EstreamCorruptionException">The stored bytes are damaged.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no address space for the order.</exception>
    public OrderedByteMapSnapshot OrderByKey()
    {
        _pin.RequireAlive();
        return OrderedByteMapSnapshot.Of(_hashes, Count, _pin.Heap, Place, leavesOut: null);
    }

    /// <summary>As <see cref="OrderByKey"/>, without the entries that had expired at the time of the snapshot.</summary>
    internal OrderedByteMapSnapshot OrderShownByKey()
    {
        _pin.RequireAlive();
        return OrderedByteMapSnapshot.Of(_hashes, Count, _pin.Heap, Place, TakenAt);
    }

    /// <summary>Looks a key up whose value has a stamp and had not expired at the time of the snapshot.</summary>
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

    /// <summary>Enumerates all entries in no particular order.</summary>
    public Enumerator GetEnumerator()
    {
        _pin.RequireAlive();
        return new Enumerator(this);
    }

    /// <summary>Releases the index and the files. Idempotent.</summary>
    public void Dispose() => _pin.Release(_hashes);

    private bool TryFind(ReadOnlySpan<byte> key, out FoundBlock found)
    {
        _pin.RequireAlive();
        nuint hash = _hash.Of(key);
        found = default;
        if (!_hashes.TryGet(in hash, out nuint word))
        {
            return false;
        }

        BlockRef root = new(word);
        BlockOutcome outcome = _pin.Heap.View.Find(root, key, out found);
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

    /// <summary>
    /// Enumerates the entries of a snapshot. Not thread-safe. Allocates nothing, but rents a buffer for its largest entry until it is
    /// disposed.
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

        /// <summary>The current entry.</summary>
        public readonly ByteMapEntry Current => new(_copies.Key, _copies.Value);

        /// <summary>Advances to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="EstreamCorruptionException">The next entry is damaged. The next call skips it.</exception>
        /// <exception cref="ObjectDisposedException">The snapshot or the map was disposed.</exception>
        public bool MoveNext()
        {
            _snapshot._pin.RequireAlive();
            while (!_copies.TryNext())
            {
                if (!_roots.MoveNext())
                {
                    return false;
                }

                _snapshot._pin.Heap.CopyAll(
                    new BlockRef(_roots.Current.Value), _roots.Current.Key, ref _copies, _snapshot.Place);
            }

            return true;
        }

        /// <summary>Returns the buffer.</summary>
        public void Dispose() => _copies.Dispose();
    }
}

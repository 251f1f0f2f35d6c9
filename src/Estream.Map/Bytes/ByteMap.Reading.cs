using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class ByteMap
{
    /// <summary>Looks a key up and copies its value. Costs two or three cache misses, and the copy.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Receives the value.</param>
    /// <param name="length">The length of the value, even if it does not fit; 0 if the map does not have the key.</param>
    /// <returns>
    /// <see cref="Status.IsOk"/>: the destination has the value. <see cref="Status.IsNotFound"/>: the map does not have the key.
    /// <see cref="Status.IsFull"/>: the destination is shorter than the value, and its content is invalid.
    /// </returns>
    /// <exception cref="EstreamCorruptionException">The entry is damaged: its bytes are not those that were stored.</exception>
    public Status TryGet(ReadOnlySpan<byte> key, Span<byte> destination, out int length)
    {
        nuint hash = _hash.Of(key);
        if (!Index.TryGet(in hash, out nuint word))
        {
            length = 0;
            return new Status(StatusCode.NotFound);
        }

        if (_view.TryCopy(new BlockRef(word), key, destination, out length))
        {
            return Status.Ok;
        }

        return FindAndCopy(hash, key, destination, out length);
    }

    // The slow path of TryGet: handles every case and reports the reason of a failure.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Status FindAndCopy(nuint hash, ReadOnlySpan<byte> key, Span<byte> destination, out int length)
    {
        while (TryFind(hash, key, out FoundBlock found))
        {
            length = found.Head.ValueBytes;
            if (length > destination.Length)
            {
                return new Status(StatusCode.Full);
            }

            if (IsCopied(in found, destination))
            {
                return Status.Ok;
            }
        }

        length = 0;
        return new Status(StatusCode.NotFound);
    }

    /// <summary>Looks a key up and appends its value to a writer, which provides the space.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Receives the value; nothing if the map does not have the key.</param>
    /// <returns>Whether the map has the key.</returns>
    /// <exception cref="EstreamCorruptionException">The entry is damaged: its bytes are not those that were stored.</exception>
    public bool TryGet(ReadOnlySpan<byte> key, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return Append(_hash.Of(key), key, destination) != NotThere;
    }

    /// <summary>Looks a key up and returns a copy of its value, which this overload allocates.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, or <see langword="null"/> if the map does not have the key.</param>
    /// <returns>Whether the map has the key.</returns>
    /// <exception cref="EstreamCorruptionException">The entry is damaged: its bytes are not those that were stored.</exception>
    public bool TryGet(ReadOnlySpan<byte> key, [NotNullWhen(true)] out byte[]? value)
    {
        while (TryFind(key, out FoundBlock found))
        {
            value = GC.AllocateUninitializedArray<byte>(found.Head.ValueBytes);
            if (IsCopied(in found, value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>Whether the map has a key.</summary>
    public bool ContainsKey(ReadOnlySpan<byte> key) => TryFind(key, out _);

    /// <returns>The length of the value, or <see cref="NotThere"/>.</returns>
    private int Append(nuint hash, ReadOnlySpan<byte> key, IBufferWriter<byte> destination)
    {
        while (TryFind(hash, key, out FoundBlock found))
        {
            int length = found.Head.ValueBytes;
            if (IsCopied(in found, destination.GetSpan(length)))
            {
                destination.Advance(length);
                return length;
            }
        }

        return NotThere;
    }

    private bool TryFind(ReadOnlySpan<byte> key, out FoundBlock found) => TryFind(_hash.Of(key), key, out found);

    // A hash is looked up again if the segment of its reference was released meanwhile. The index then has another reference, or none. The
    // same reference a second time means damaged files. The loop continues only while the writer releases each segment before it is read.
    private bool TryFind(nuint hash, ReadOnlySpan<byte> key, out FoundBlock found)
    {
        BlockRef before = default;
        while (Index.TryGet(in hash, out nuint word))
        {
            // The lookup in the index ends with a read barrier: what is read from here on is no older than the reference.
            BlockRef root = new(word);
            BlockOutcome outcome = _view.Find(root, key, out found);
            if (outcome is BlockOutcome.Found or BlockOutcome.OtherKey)
            {
                return outcome == BlockOutcome.Found;
            }

            if (outcome == BlockOutcome.Damaged || root == before)
            {
                HeapErrors.NoSuchBlock(Place, root);
            }

            before = root;
        }

        found = default;
        return false;
    }

    /// <summary>Looks a key up in a map whose values have stamps. An expired entry counts as absent.</summary>
    internal bool TryFind(ReadOnlySpan<byte> key, IClock clock, out FoundBlock found, out Stamp stamp) =>
        TryFind(_hash.Of(key), key, clock, out found, out stamp);

    /// <summary>Looks up a key whose hash is known, in a map whose values have stamps.</summary>
    internal bool TryFind(nuint hash, ReadOnlySpan<byte> key, IClock clock, out FoundBlock found, out Stamp stamp)
    {
        long now = clock.CoarseUtcNanos;
        while (TryFind(hash, key, out found))
        {
            BlockOutcome outcome = found.Segment.ReadStamp(found.At, in found.Head, now, out stamp);
            if (outcome == BlockOutcome.Found)
            {
                return !Stamp.IsOver(stamp.ExpiresAt, now);
            }

            if (outcome == BlockOutcome.Damaged)
            {
                HeapErrors.NoSuchBlock(Place, found.At);
            }
        }

        stamp = default;
        return false;
    }

    internal bool IsCopied(in FoundBlock found, Span<byte> destination, int from = 0)
    {
        BlockOutcome outcome = found.Segment.CopyValue(found.At, in found.Head, destination, from);
        if (outcome == BlockOutcome.Damaged)
        {
            HeapErrors.NoSuchBlock(Place, found.At);
        }

        return outcome == BlockOutcome.Found;
    }

    /// <summary>Takes a snapshot of the map at this moment; writing goes on, and the snapshot has no later changes. It is valid until this
    /// object is disposed.</summary>
    /// <remarks>
    /// <para>The snapshot of the index is that of a <see cref="StateMap{TKey, TValue}"/>, see
    /// <see cref="StateMap{TKey, TValue}.CreateSnapshot"/>. Keys and values are not copied. A file without live entries is deleted instead
    /// of reused while there is a snapshot, and its space is freed when the snapshot is disposed. The more entries are replaced meanwhile,
    /// the more additional space the map takes, up to its present size.</para>
    /// <para>Costs the creation of an index, and an object for each file, of which most maps have 16 to 20.</para>
    /// <para>Thread-safety: that of a write. Any thread may use the snapshot.</para>
    /// </remarks>
    /// <exception cref="EstreamStorageException">The disk has no room for another index, or the device reported an error. Nothing
    /// changed.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only: only the writer of the map can keep the values that it
    /// replaces. Enumerating needs no snapshot if it is enough that each entry is whole.</exception>
    public ByteMapSnapshot CreateSnapshot()
    {
        _ = Writable(default, default);
        MapSnapshot<nuint, nuint> hashes = _index.CreateSnapshot();
        return new ByteMapSnapshot(hashes, hashes.Count + _meta.Collisions, PinnedHeap.Of(this, _view), _hash, Directory);
    }

    internal void RequireOpen() => _ = Index;
}

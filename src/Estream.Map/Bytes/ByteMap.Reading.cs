using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class ByteMap
{
    /// <summary>Looks a key up and copies its value. Two or three cache misses, and the copy.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Where the value goes.</param>
    /// <param name="length">The length of the value, also when there is no room for it; 0 when the key is not there.</param>
    /// <returns>
    /// <see cref="Status.IsOk"/>: the value is in the destination. <see cref="Status.IsNotFound"/>: the key is not there.
    /// <see cref="Status.IsFull"/>: the destination is shorter than the value; what is in it then is not to be used.
    /// </returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
    public Status TryGet(ReadOnlySpan<byte> key, Span<byte> destination, out int length)
    {
        while (TryFind(key, out FoundBlock found))
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

    /// <summary>Looks a key up and appends its value to a writer, which makes the room it needs.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Gets the value; nothing when the key is not there.</param>
    /// <returns>Whether the key is there.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
    public bool TryGet(ReadOnlySpan<byte> key, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return Append(_hash.Of(key), key, destination) != NotThere;
    }

    /// <summary>Looks a key up and returns a copy of its value. This form allocates the copy.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, or <see langword="null"/> when the key is not there.</param>
    /// <returns>Whether the key is there.</returns>
    /// <exception cref="EstreamCorruptionException">The stored bytes are not what was put there.</exception>
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

    /// <summary>Whether a key is there.</summary>
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

    // A reference is looked up again when its segment was given up meanwhile. By then the index has another one, or none: the same twice
    // means that the files are damaged, and so the loop ends unless the writer goes on for ever giving up segments in time.
    private bool TryFind(nuint hash, ReadOnlySpan<byte> key, out FoundBlock found)
    {
        BlockRef before = default;
        while (Index.TryGet(in hash, out nuint word))
        {
            // The look at the index ends with a read barrier: what is read from here on is no older than the reference.
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

    /// <summary>The same in a map whose values have stamps: an entry whose time is over is not there.</summary>
    internal bool TryFind(ReadOnlySpan<byte> key, IClock clock, out FoundBlock found, out Stamp stamp) =>
        TryFind(_hash.Of(key), key, clock, out found, out stamp);

    /// <summary>The same for a key whose hash is known.</summary>
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

    /// <summary>Takes an image of the map as it is now, and lets writing go on; what is written later is not in it. It ends with this
    /// object.</summary>
    /// <remarks>
    /// <para>The index is left behind like a <see cref="StateMap{TKey, TValue}"/>, see <see cref="StateMap{TKey, TValue}.CreateSnapshot"/>.
    /// Keys and values are where they were: nothing is copied. A file of which nothing is in use any more is deleted meanwhile, and not
    /// used again, and its space comes back when the snapshot is disposed: so the map takes more space the more of it is replaced while
    /// there is a snapshot, up to all of it once more.</para>
    /// <para>Costs the making of an index, and an object for each file, of which there are 16 to 20 in most maps.</para>
    /// <para>Thread-safety: a call that writes. What it returns may be used by any thread.</para>
    /// </remarks>
    /// <exception cref="EstreamStorageException">The disk has no room for another index, or the device reported an error. Nothing
    /// changed.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only: only its writer can keep what it replaces. Enumerating
    /// needs no snapshot where it is enough that each entry is whole.</exception>
    public ByteMapSnapshot CreateSnapshot()
    {
        _ = Writable(default, default);
        MapSnapshot<nuint, nuint> hashes = _index.CreateSnapshot();
        return new ByteMapSnapshot(hashes, hashes.Count + _meta.Collisions, PinnedHeap.Of(this, _view), _hash, Directory);
    }

    internal void RequireOpen() => _ = Index;
}

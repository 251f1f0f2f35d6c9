using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>A block that was found: its location and its header.</summary>
internal struct FoundBlock
{
    public HeapSegment Segment;
    public BlockRef At;
    public BlockHead Head;

    /// <summary>The index of the block in its collision list, or -1 if the index refers to the block itself.</summary>
    public int Member;
}

/// <summary>Finds blocks by their references, from any thread of any process. A reader maps a segment on first use.</summary>
internal sealed class HeapView(RegionSource? reopened, ulong identity, MapKeys? keys)
{
    private readonly Lock _gate = new();

    public SegmentTable Segments { get; } = new();

    public ulong Identity { get; } = identity;

    /// <summary>Prefetches a block that is looked up next, if its segment is mapped.</summary>
    public void Prefetch(BlockRef root) => Segments.Find(root.Segment)?.Prefetch(root);

    /// <summary>Finds the block of a key by the reference that the index has for its hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BlockOutcome Find(BlockRef root, ReadOnlySpan<byte> key, out FoundBlock found)
    {
        if (root.IsList)
        {
            return FindInList(root, key, out found);
        }

        found = default;
        found.At = root;
        found.Member = -1;
        HeapSegment? segment = Segment(root.Segment);
        if (segment is null)
        {
            return BlockOutcome.Retired;
        }

        found.Segment = segment;

        // Loads the cache line of the value together with that of the key. Match would load the value's line only after the key's.
        segment.Prefetch(root);
        return segment.Match(root, key, out found.Head);
    }

    /// <summary>The fast path of a get: copies the value if the segment is mapped and the entry is neither sealed nor in a list.</summary>
    /// <returns>Whether the destination has the value. If not, <see cref="Find"/> determines the result.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCopy(BlockRef root, ReadOnlySpan<byte> key, Span<byte> destination, out int length)
    {
        // As SegmentTable.Find, with fewer instructions.
        HeapSegment? segment = Segments.AtSlotOf(root.Segment);
        if (segment is null || segment.Id != root.Segment)
        {
            length = 0;
            return false;
        }

        return segment.TryCopy(root, key, destination, out length);
    }

    /// <summary>Copies the members of a collision list.</summary>
    /// <param name="root">The reference to the list.</param>
    /// <param name="buffer">A buffer of <see cref="BlockRefList.MaxBytes"/>.</param>
    /// <param name="members">The part of the buffer that was filled.</param>
    public BlockOutcome ReadList(BlockRef root, Span<byte> buffer, out Span<byte> members)
    {
        members = default;
        HeapSegment? segment = Segment(root.Segment);
        if (segment is null)
        {
            return BlockOutcome.Retired;
        }

        BlockOutcome outcome = segment.ReadHead(root, out BlockHead head);
        if (outcome != BlockOutcome.Found)
        {
            return outcome;
        }

        if (!BlockRefList.IsPossible(head.ValueBytes))
        {
            return BlockOutcome.Damaged;
        }

        members = buffer[..head.ValueBytes];
        return segment.CopyValue(root, in head, members);
    }

    /// <summary>Copies the entry that a reference leads to, or all entries of a collision list.</summary>
    /// <param name="root">The reference.</param>
    /// <param name="hash">The hash that the index has for the reference, which sealed entries must have; null if that was checked
    /// before.</param>
    /// <param name="copies">Receives the copies.</param>
    public BlockOutcome CopyAll(BlockRef root, nuint? hash, ref EntryCopies copies)
    {
        if (!root.IsList)
        {
            return Segment(root.Segment) is { } segment ? copies.Add(segment, root, hash) : BlockOutcome.Retired;
        }

        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes];
        BlockOutcome outcome = ReadList(root, buffer, out Span<byte> members);
        for (int member = 0; outcome == BlockOutcome.Found && member < BlockRefList.CountOf(members); member++)
        {
            BlockRef at = BlockRefList.At(members, member);
            outcome = at.IsList ? BlockOutcome.Damaged : CopyAll(at, hash, ref copies);
        }

        return outcome;
    }

    /// <summary>The segment of a number, or <see langword="null"/> if it was released.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HeapSegment? Segment(long id) => Segments.Find(id) ?? Open(id);

    public void Dispose()
    {
        foreach (HeapSegment segment in Segments.ToList())
        {
            Segments.Remove(segment);
            segment.Memory.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private BlockOutcome FindInList(BlockRef root, ReadOnlySpan<byte> key, out FoundBlock found)
    {
        found = default;
        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes];
        BlockOutcome outcome = ReadList(root, buffer, out Span<byte> members);
        if (outcome != BlockOutcome.Found)
        {
            return outcome;
        }

        for (int member = 0; member < BlockRefList.CountOf(members); member++)
        {
            BlockRef at = BlockRefList.At(members, member);
            if (at.IsList)
            {
                return BlockOutcome.Damaged;
            }

            outcome = Find(at, key, out found);
            found.Member = member;
            if (outcome != BlockOutcome.OtherKey)
            {
                return outcome;
            }
        }

        return BlockOutcome.OtherKey;
    }

    // A writer has all segments open. A reader maps them on first use, and drops those that were released since.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private HeapSegment? Open(long id)
    {
        if (reopened is null)
        {
            return null;
        }

        lock (_gate)
        {
            if (Segments.Find(id) is { } known)
            {
                return known;
            }

            foreach (HeapSegment segment in Segments.ToList())
            {
                if (!segment.IsCurrent())
                {
                    Segments.Remove(segment);
                    segment.Memory.Retire();
                }
            }

            HeapSegment? opened = SegmentFile.TryOpen(reopened, id, Identity, keys, RegionAccess.ReadOnly);
            if (opened is not null)
            {
                Segments.Add(opened);
            }

            return opened;
        }
    }
}

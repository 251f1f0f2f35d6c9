using System.Runtime.CompilerServices;

namespace Estream.Map.Internal;

/// <summary>
/// The segments that a process has mapped, by number. Finding is lock-free from any thread. The slot of a segment is its number modulo the
/// size of the table, which grows until no two segments share a slot. A writer does not assign a number whose slot among
/// <see cref="HeapFormat.MaxSegments"/> is taken.
/// </summary>
internal sealed class SegmentTable
{
    private const int FirstSize = 16;

    private readonly Lock _gate = new();
    private HeapSegment?[] _places = new HeapSegment?[FirstSize];

    public int Count { get; private set; }

    public HeapSegment? Find(long id) => AtSlotOf(id) is { } segment && segment.Id == id ? segment : null;

    /// <summary>The segment in the slot of a number. The segment may have another number; null if the slot is empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HeapSegment? AtSlotOf(long id)
    {
        HeapSegment?[] places = Volatile.Read(ref _places);
        return Volatile.Read(ref places[(int)id & (places.Length - 1)]);
    }

    /// <summary>Whether a segment would share its slot with another one in a table of the largest size.</summary>
    public bool IsPlaceTaken(long id)
    {
        lock (_gate)
        {
            // Two segments that share a slot in the largest table share one in every smaller table.
            HeapSegment? other = _places[(int)id & (_places.Length - 1)];
            return other is not null && (other.Id - id) % HeapFormat.MaxSegments == 0;
        }
    }

    public void Add(HeapSegment segment)
    {
        lock (_gate)
        {
            while (_places.Length < HeapFormat.MaxSegments && _places[(int)segment.Id & (_places.Length - 1)] is not null)
            {
                Volatile.Write(ref _places, Doubled());
            }

            ref HeapSegment? place = ref _places[(int)segment.Id & (_places.Length - 1)];
            Count += place is null ? 1 : 0;
            place?.Memory.Retire();
            Volatile.Write(ref place, segment);
        }
    }

    public void Remove(HeapSegment segment)
    {
        lock (_gate)
        {
            ref HeapSegment? place = ref _places[(int)segment.Id & (_places.Length - 1)];
            if (place == segment)
            {
                Volatile.Write(ref place, null);
                Count--;
            }
        }
    }

    /// <summary>Returns the current segments.</summary>
    public List<HeapSegment> ToList()
    {
        lock (_gate)
        {
            return [.. _places.OfType<HeapSegment>()];
        }
    }

    // Two segments with different slots in the smaller table also have different slots in the larger one.
    private HeapSegment?[] Doubled()
    {
        var places = new HeapSegment?[_places.Length * 2];
        foreach (HeapSegment segment in _places.OfType<HeapSegment>())
        {
            places[(int)segment.Id & (places.Length - 1)] = segment;
        }

        return places;
    }
}

namespace Estream.Map.Internal;

/// <summary>Code that the ordered snapshots of all map families share.</summary>
internal static class KeyOrder
{
    /// <summary>Returns the number of keys that sort before a key. Costs a binary search.</summary>
    /// <param name="count">The number of keys, which are in ascending order.</param>
    /// <param name="probe">Compares one of them with the wanted key.</param>
    public static int CountBefore<TProbe>(int count, TProbe probe)
        where TProbe : IOrderProbe, allows ref struct
    {
        int first = 0;
        int end = count;
        while (first < end)
        {
            int middle = first + ((end - first) / 2);
            if (probe.IsBefore(middle))
            {
                first = middle + 1;
            }
            else
            {
                end = middle;
            }
        }

        return first;
    }

    /// <exception cref="NotSupportedException">There are more entries than an order can have.</exception>
    public static int RequireCount(long count) => count <= int.MaxValue
        ? (int)count
        : throw new NotSupportedException(
            $"The snapshot has {count} entries; at most {int.MaxValue} can be ordered. Enumerate it, and sort on storage.");
}

/// <summary>Compares the keys of an order with a wanted key.</summary>
internal interface IOrderProbe
{
    /// <summary>Whether the key at an index comes before the wanted one.</summary>
    bool IsBefore(int index);
}

/// <summary>The number of unexpired entries of a snapshot, counted on first use.</summary>
internal struct UnexpiredCount(long count, bool isKnown)
{
    private const long NotCounted = -1;

    private long _count = isKnown ? count : NotCounted;

    public bool TryGet(out long count)
    {
        count = Volatile.Read(ref _count);
        return count != NotCounted;
    }

    public long Set(long count)
    {
        Volatile.Write(ref _count, count);
        return count;
    }
}

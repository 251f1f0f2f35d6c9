using System.Buffers;

namespace Estream.Esf.Internal;

/// <summary>
/// Checks whether the keys of a map are distinct. Few keys are compared pair by pair. Many keys go into a hash table rented from the
/// array pool and hashed with a per-process seed, so that an attacker cannot choose colliding keys.
/// </summary>
internal static class DistinctKeys
{
    private const int PairwiseLimit = 12;

    /// <summary>Checks the keys of a map region that was already validated by walking it.</summary>
    public static bool Check(ValuePlan map, ReadOnlySpan<byte> region)
    {
        if (!SequenceWalker.TryStart(region, map.Key!.MinItemSize + map.Element!.MinItemSize, out SequenceWalker walker))
        {
            return false;
        }

        return walker.Count <= PairwiseLimit ? CheckPairs(map, walker) : CheckHashed(map, region, walker);
    }

    private static bool CheckPairs(ValuePlan map, SequenceWalker walker)
    {
        for (int i = 1; i < walker.Count; i++)
        {
            walker.TryNext(map.Key!, out ReadOnlySpan<byte> key);
            walker.TryNext(map.Element!, out _);
            SequenceWalker rest = walker;
            for (int j = i; j < walker.Count; j++)
            {
                rest.TryNext(map.Key!, out ReadOnlySpan<byte> other);
                rest.TryNext(map.Element!, out _);
                if (key.SequenceEqual(other))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool CheckHashed(ValuePlan map, ReadOnlySpan<byte> region, SequenceWalker walker)
    {
        // The map has more entries than the key type has values, so some key must be repeated.
        if (map.Key!.Size is 1 or 2 && walker.Count > 1 << (8 * map.Key.Size))
        {
            return false;
        }

        int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)walker.Count * 2);
        Slot[] slots = ArrayPool<Slot>.Shared.Rent(size);
        slots.AsSpan(0, size).Clear();
        bool distinct = true;
        bool sawEmpty = false;
        for (int i = 0; i < walker.Count && distinct; i++)
        {
            walker.TryNext(map.Key!, out ReadOnlySpan<byte> key);
            walker.TryNext(map.Element!, out _);
            if (key.IsEmpty)
            {
                // An empty key has no offset in the region, so it is tracked separately.
                distinct = !sawEmpty;
                sawEmpty = true;
                continue;
            }

            distinct = TryInsert(slots, size - 1, region, key);
        }

        ArrayPool<Slot>.Shared.Return(slots);
        return distinct;
    }

    private static bool TryInsert(Slot[] slots, int mask, ReadOnlySpan<byte> region, ReadOnlySpan<byte> key)
    {
        HashCode seeded = default;
        seeded.AddBytes(key);
        int hash = seeded.ToHashCode();
        for (int at = hash & mask; ; at = (at + 1) & mask)
        {
            Slot slot = slots[at];
            if (slot.End == 0)
            {
                // A key starts after the item count, so the end of a stored key is never 0.
                region.Overlaps(key, out int start);
                slots[at] = new Slot(hash, start, start + key.Length);
                return true;
            }

            if (slot.Hash == hash && region[slot.Start..slot.End].SequenceEqual(key))
            {
                return false;
            }
        }
    }

    private readonly record struct Slot(int Hash, int Start, int End);
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Finds a key among the slots of one bucket. Uses no branch if the bucket has several slots, because a misprediction costs more.
/// </summary>
internal static class SlotSearch<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Whether to compare a bucket as eight words: the control word, three pairs of key and value, and one unused word.</summary>
    public static readonly bool IsEightWords =
        Vector256.IsHardwareAccelerated
        && SlotLayout<TKey, TValue>.KeyBytes == sizeof(long)
        && SlotLayout<TKey, TValue>.ValueBytes == sizeof(long);

    /// <returns>The slot, or -1. While a writer may be active, the result is valid only if the control word is unchanged
    /// afterwards.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Find(RegionBlock block, long control, ref readonly TKey key)
    {
        uint hits = (uint)control & SlotLayout<TKey, TValue>.TakenMask;
        if (IsEightWords)
        {
            hits = HitsAmongWords(block, control, in key);
        }
        else if (SlotLayout<TKey, TValue>.SlotsPerBucket > 1 && SlotLayout<TKey, TValue>.KeyBytes <= sizeof(long))
        {
            hits &= CompareAll(block, key);
        }
        else
        {
            return FindOneByOne(block, hits, in key);
        }

        return hits == 0 ? -1 : ControlWord.SlotOf(hits);
    }

    /// <summary>
    /// Returns the taken bit of the slot with the key, whose position is also the number of the key's word. Requires <see
    /// cref="IsEightWords"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint HitsAmongWords(RegionBlock block, long control, ref readonly TKey key) =>
        (uint)control & SlotLayout<TKey, TValue>.TakenMask & CompareWords(block, (long)RawValue.WordAt(in key, 0));

    // Word w of the bucket gives bit w: keys are words 1, 3 and 5, whose bits are the taken bits of slots 0, 1 and 2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint CompareWords(RegionBlock block, long key)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return (uint)Vector512.Equals(block.ReadOnlyAt<Vector512<long>>(0), Vector512.Create(key)).ExtractMostSignificantBits();
        }

        Vector256<long> wanted = Vector256.Create(key);
        return Vector256.Equals(block.ReadOnlyAt<Vector256<long>>(0), wanted).ExtractMostSignificantBits()
            | (Vector256.Equals(block.ReadOnlyAt<Vector256<long>>(Vector256<byte>.Count), wanted).ExtractMostSignificantBits() << 4);
    }

    // Unrolled by hand, because the compiler does not unroll a loop over offsets. The code for slots that a bucket does not have is left
    // out.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint CompareAll(RegionBlock block, TKey key)
    {
        uint hits = Bit(block, 0, in key) | Bit(block, 1, in key);
        if (SlotLayout<TKey, TValue>.SlotsPerBucket > 2)
        {
            hits |= Bit(block, 2, in key);
        }

        if (SlotLayout<TKey, TValue>.SlotsPerBucket > 3)
        {
            hits |= Bit(block, 3, in key) | Bit(block, 4, in key) | Bit(block, 5, in key) | Bit(block, 6, in key);
        }

        return hits;
    }

    private static int FindOneByOne(RegionBlock block, uint taken, ref readonly TKey key)
    {
        for (; taken != 0; taken &= taken - 1)
        {
            int slot = ControlWord.SlotOf(taken);
            if (IsAt(block, slot, in key))
            {
                return slot;
            }
        }

        return -1;
    }

    // The compiler turns a shift of the comparison's result into code without a jump, but not a choice between two results.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bit(RegionBlock block, int slot, ref readonly TKey key)
    {
        if (slot >= SlotLayout<TKey, TValue>.SlotsPerBucket)
        {
            return 0;
        }

        return (IsAt(block, slot, in key) ? 1u : 0u) << ControlWord.TakenBit(slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsAt(RegionBlock block, int slot, ref readonly TKey key) =>
        RawValue.AreEqual(in block.ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot)), in key);
}

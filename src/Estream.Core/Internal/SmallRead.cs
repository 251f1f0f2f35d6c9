using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Estream.Core.Internal;

/// <summary>
/// Copies and compares short byte strings in shared memory with inlined code. A call of the .NET method takes several times as many
/// instructions. With fewer instructions, more lookups overlap in the processor's window.
/// </summary>
internal static unsafe class SmallRead
{
    private const int MaxBytes = 256;
    private const int Step = 32;
    private const int Half = 16;

    /// <summary>Copies bytes. The caller has checked that source and destination are long enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* source, ref byte destination, int length)
    {
        if ((uint)(length - Step) > MaxBytes - Step)
        {
            CopyOther(source, ref destination, length);
            return;
        }

        // SAFETY: each access ends at or before the length, which is at least one step.
        nuint last = (uint)(length - Step);
        for (nuint at = 0; at < last; at += Step)
        {
            Vector256.Load(source + at).StoreUnsafe(ref destination, at);
        }

        Vector256.Load(source + last).StoreUnsafe(ref destination, last);
    }

    /// <summary>Whether memory starts with the given bytes. The caller has checked that the memory is long enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreEqual(byte* memory, ReadOnlySpan<byte> bytes) =>
        (uint)(bytes.Length - Half) <= MaxBytes - Half ? AreEqualSmall(memory, bytes) : AreEqualOther(memory, bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AreEqualSmall(byte* memory, ReadOnlySpan<byte> bytes)
    {
        // SAFETY: each read ends at or before the length, which is at least half a step.
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        nuint last = (uint)(bytes.Length - Half);
        Vector128<byte> difference = Vector128.Load(memory + last) ^ Vector128.LoadUnsafe(ref start, last);
        for (nuint at = 0; at < last; at += Half)
        {
            difference |= Vector128.Load(memory + at) ^ Vector128.LoadUnsafe(ref start, at);
        }

        return difference == Vector128<byte>.Zero;
    }

    // SAFETY: as for Copy.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CopyOther(byte* source, ref byte destination, int length) =>
        new ReadOnlySpan<byte>(source, length).CopyTo(MemoryMarshal.CreateSpan(ref destination, length));

    // SAFETY: as for AreEqual.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool AreEqualOther(byte* memory, ReadOnlySpan<byte> bytes) =>
        new ReadOnlySpan<byte>(memory, bytes.Length).SequenceEqual(bytes);
}

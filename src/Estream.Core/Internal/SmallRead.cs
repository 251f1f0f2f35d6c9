using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Estream.Core.Internal;

/// <summary>
/// Copies and compares short byte strings in shared memory with inlined code. A call of the platform's method takes several times the
/// instructions, and fewer instructions keep more lookups in the processor's window.
/// </summary>
internal static unsafe class SmallRead
{
    private const int MaxBytes = 256;

    /// <summary>Copies bytes; the caller has checked that both sides have them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* source, ref byte destination, int length)
    {
        const int Step = 32;
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

    /// <summary>Whether memory has the same bytes; the caller has checked that it is long enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreEqual(byte* memory, ReadOnlySpan<byte> bytes)
    {
        const int Step = 16;
        if ((uint)(bytes.Length - Step) > MaxBytes - Step)
        {
            return AreEqualOther(memory, bytes);
        }

        // SAFETY: each read ends at or before the length, which is at least one step.
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        nuint last = (uint)(bytes.Length - Step);
        Vector128<byte> difference = Vector128.Load(memory + last) ^ Vector128.LoadUnsafe(ref start, last);
        for (nuint at = 0; at < last; at += Step)
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

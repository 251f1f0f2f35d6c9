using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>The bytes of a value of a type without references. Pure, thread-safe, allocates nothing.</summary>
/// <remarks>Includes padding bytes, in which values with equal fields may differ. Use types without padding.</remarks>
public static unsafe class RawValue
{
    /// <summary>The size in bytes; a constant to the compiler.</summary>
    public static int SizeOf<T>()
        where T : unmanaged => sizeof(T);

    // SAFETY: the span covers exactly the value, which has no references, and the compiler ties its lifetime to that of the value.
    /// <summary>The bytes of a value, valid as long as the value is.</summary>
    public static ReadOnlySpan<byte> AsBytes<T>(ref readonly T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));

    /// <summary>Reads a value from its bytes.</summary>
    /// <param name="bytes">Exactly as many bytes as the size of <typeparamref name="T"/>; need not be aligned.</param>
    /// <exception cref="ArgumentException">The length differs from the size.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        if (bytes.Length != sizeof(T))
        {
            throw new ArgumentException($"{bytes.Length} bytes are not a {typeof(T).Name} of {sizeof(T)} bytes.", nameof(bytes));
        }

        // SAFETY: the span has as many bytes as the value, which has no references.
        return Unsafe.ReadUnaligned<T>(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(bytes));
    }

    /// <summary>Whether two values have the same bytes. One compare for sizes of 1, 2, 4 and 8, vectors beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreEqual<T>(ref readonly T left, ref readonly T right)
        where T : unmanaged
    {
        // SAFETY: each cast reads exactly sizeof(T) bytes of a value of that size; loads of x64 and arm64 need no alignment.
        return sizeof(T) switch
        {
            1 => Unsafe.BitCast<T, byte>(left) == Unsafe.BitCast<T, byte>(right),
            2 => Unsafe.BitCast<T, short>(left) == Unsafe.BitCast<T, short>(right),
            4 => Unsafe.BitCast<T, int>(left) == Unsafe.BitCast<T, int>(right),
            8 => Unsafe.BitCast<T, long>(left) == Unsafe.BitCast<T, long>(right),
            _ => AsBytes(in left).SequenceEqual(AsBytes(in right)),
        };
    }

    /// <summary>
    /// Eight bytes of a value as a little-endian number, for hashing and comparing by words. Bytes after its end count as zero.
    /// </summary>
    /// <param name="value">The value.</param>
    /// <param name="offset">The first byte, 0 up to the size of <typeparamref name="T"/> minus 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is outside the value.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong WordAt<T>(ref readonly T value, int offset)
        where T : unmanaged
    {
        if ((uint)offset >= (uint)sizeof(T))
        {
            ThrowHelper.OutOfRegion(offset, sizeof(ulong), sizeof(T));
        }

        // SAFETY: the offset was just checked, and a whole word is only read where the value has eight bytes left.
        ref byte first = ref Unsafe.As<T, byte>(ref Unsafe.AsRef(in value));
        return offset <= sizeof(T) - sizeof(ulong)
            ? Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, offset))
            : Tail(ref Unsafe.Add(ref first, offset), sizeof(T) - offset);
    }

    private static ulong Tail(ref byte first, int count)
    {
        ulong word = 0;
        for (int index = 0; index < count; index++)
        {
            // SAFETY: the value has `count` more bytes from `first` on, fewer than eight.
            word |= (ulong)Unsafe.Add(ref first, index) << (8 * index);
        }

        return word;
    }
}

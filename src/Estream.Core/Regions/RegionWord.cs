using System.Runtime.CompilerServices;

namespace Estream.Core;

/// <summary>One aligned word of a <see cref="RegionSpan"/>, checked once, for a word that every call reads: an access costs one
/// load.</summary>
/// <remarks>Safe from any thread. Does not keep the region alive. Accesses of the default value throw <see
/// cref="NullReferenceException"/>.</remarks>
public readonly unsafe struct RegionWord
{
    private readonly long* _address;

    /// <summary>Checks that the word is inside a window and aligned.</summary>
    /// <param name="span">The window.</param>
    /// <param name="offset">The first byte; the address must be a multiple of 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">The word is not inside the window.</exception>
    /// <exception cref="ArgumentException">It is not aligned.</exception>
    public RegionWord(RegionSpan span, long offset)
    {
        RegionSpan word = span.Slice(offset, sizeof(long));
        if ((word.Address & (sizeof(long) - 1)) != 0)
        {
            throw new ArgumentException($"A word at offset {offset} is not aligned to {sizeof(long)} bytes.", nameof(offset));
        }

        _address = (long*)word.Address;
    }

    internal long* Address => _address;

    /// <summary>Reads the word; no later access of this thread happens before it.</summary>
    // SAFETY: the constructor found eight aligned bytes inside the window; the region guarantees the memory until it is disposed. The
    // default value has the address 0, which the runtime turns into an exception.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadAcquire() => Volatile.Read(ref *_address);
}

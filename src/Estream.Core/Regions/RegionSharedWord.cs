using System.Runtime.CompilerServices;

namespace Estream.Core;

/// <summary>
/// One aligned word of a writable <see cref="RegionSpan"/>, checked once, for a word that several threads or processes write on every call.
/// </summary>
/// <remarks>Thread-safe. Does not keep the region alive. Accesses of the default value throw
/// <see cref="NullReferenceException"/>.</remarks>
public readonly unsafe struct RegionSharedWord
{
    private readonly long* _address;

    /// <summary>Checks that the word is inside a window, aligned and writable.</summary>
    /// <param name="span">The window.</param>
    /// <param name="offset">The first byte; the address must be a multiple of 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">The word is not inside the window, or the window is read-only.</exception>
    /// <exception cref="ArgumentException">It is not aligned.</exception>
    public RegionSharedWord(RegionSpan span, long offset)
    {
        // Throws if the window is read-only; RegionWord checks the rest.
        _ = span.At<long>(offset);
        _address = new RegionWord(span, offset).Address;
    }

    /// <summary>Reads the word; no later access of this thread happens before it.</summary>
    // SAFETY, here and below: the constructor has found eight aligned, writable bytes inside the window; the region guarantees the memory
    // until it is disposed. The default value has the address 0, which the runtime turns into an exception.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadAcquire() => Volatile.Read(ref *_address);

    /// <summary>Writes the word; no earlier access of this thread happens after it.</summary>
    // SAFETY: as above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRelease(long value) => Volatile.Write(ref *_address, value);

    /// <summary>Adds to the word, wrapping around; a full fence.</summary>
    /// <returns>The sum.</returns>
    // SAFETY: as above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Add(long value) => Interlocked.Add(ref *_address, value);
}

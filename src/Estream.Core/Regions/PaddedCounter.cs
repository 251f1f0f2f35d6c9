using System.Runtime.InteropServices;

namespace Estream.Core;

/// <summary>A 64-bit counter that shares its cache lines with nothing else, so that cores do not slow each other down.</summary>
/// <remarks>128 bytes of padding on either side, because processors fetch cache lines in pairs. Any thread may read; each member states
/// which threads may write.</remarks>
public sealed class PaddedCounter
{
    private Storage _storage;

    /// <summary>The value, read with acquire ordering. Any thread.</summary>
    public long Value => Volatile.Read(ref _storage.Count);

    /// <summary>Adds without an atomic operation. One thread at a time; about the cost of a store.</summary>
    /// <returns>The sum.</returns>
    public long AddUnsynchronized(long value)
    {
        long sum = _storage.Count + value;
        Volatile.Write(ref _storage.Count, sum);
        return sum;
    }

    /// <summary>Adds atomically. Any thread.</summary>
    /// <returns>The sum.</returns>
    public long Add(long value) => Interlocked.Add(ref _storage.Count, value);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Storage
    {
        [FieldOffset(128)]
        public long Count;
    }
}

namespace Estream.Wire;

/// <summary>Limits the memory that the connections of an adapter use together for long messages. Thread-safe.</summary>
/// <param name="max">The limit in bytes.</param>
internal sealed class ByteBudget(long max)
{
    /// <summary>The size up to which the buffer of a connection does not count.</summary>
    public const int UncountedBytes = 64 * 1024;

    private long _taken;

    /// <summary>The counted bytes.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Counts the new size of a buffer.</summary>
    /// <param name="counted">The counted size of the buffer, which the call changes.</param>
    /// <param name="length">The new size.</param>
    /// <exception cref="IOException">The limit is reached: the connection must end, and its peer sends again later.</exception>
    public void Resize(ref long counted, int length)
    {
        long size = length > UncountedBytes ? length : 0;
        long change = size - counted;
        if (Interlocked.Add(ref _taken, change) > max && change > 0)
        {
            Interlocked.Add(ref _taken, -change);
            throw new IOException($"the connections receive long messages of {max} bytes together (MaxBufferedBytes). Send again later");
        }

        counted = size;
    }
}

namespace Estream.Queue.TestProcess;

/// <summary>A message whose bytes all follow from its sequence number, so that a reader can detect a torn message.</summary>
public static class SeededMessage
{
    /// <summary>The length of the longest seeded message.</summary>
    public const int MaxBytes = 6_000;

    /// <summary>Writes message number <paramref name="sequence"/> and returns its length: mostly short, sometimes some thousand
    /// bytes.</summary>
    public static int Write(long sequence, Span<byte> destination)
    {
        ulong state = Mix((ulong)sequence + 1);
        int length = state % 16 == 0 ? (int)(Mix(state) % MaxBytes) : (int)(Mix(state) % 200);
        for (int i = 0; i < length; i++)
        {
            destination[i] = (byte)(state >> (i % 8 * 8) ^ (ulong)i);
        }

        return length;
    }

    /// <summary>Returns whether a payload is the whole message number <paramref name="sequence"/>.</summary>
    public static bool Is(ReadOnlySpan<byte> payload, long sequence)
    {
        Span<byte> expected = stackalloc byte[MaxBytes];
        int length = Write(sequence, expected);
        return payload.SequenceEqual(expected[..length]);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

using Estream.Core;

namespace Estream.Compatibility;

/// <summary>The content of message or entry number n, which depends only on n. Never change it: files of old versions contain its
/// results.</summary>
public static class SeededBytes
{
    /// <summary>Returns the content: mostly short, sometimes several thousand bytes.</summary>
    public static byte[] Of(long number)
    {
        ulong state = Mix((ulong)number + 1);
        int length = state % 16 == 0 ? (int)(Mix(state) % 5_000) : (int)(Mix(state) % 150);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)((state >> (i % 8 * 8)) ^ (ulong)i);
        }

        return bytes;
    }

    /// <summary>Spreads a number over all 64 bits.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

/// <summary>A clock that advances by whole units of a frame's time field with each message, so that stored times are exact.</summary>
internal sealed class SteppingClock : IClock
{
    /// <summary>2026-01-01 00:00:00 UTC.</summary>
    private const long Start = 1_767_225_600_000_000_000;

    public long Now { get; private set; } = Start;

    public long UtcNanos => Now;

    public long CoarseUtcNanos => Now;

    public long MonotonicNanos => Now;

    public void Step(long number) => Now += (long)(SeededBytes.Mix((ulong)number) % 50) * 100_000;
}

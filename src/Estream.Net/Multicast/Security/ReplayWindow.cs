namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Remembers which packet numbers of one sender arrived: the highest one, and a bitmap of the 1,024 numbers up to it. The sliding window of
/// RFC 4303, section 3.4.3, as a ring of words, so that it moves without shifting bits.
/// </summary>
internal sealed class ReplayWindow
{
    public const int Size = 1024;
    private const int Words = (Size / 64) + 1;

    private readonly ulong[] _ring = new ulong[Words];
    private ulong _highest;

    /// <summary>Whether a number is newer than the window or lies in it and has not arrived.</summary>
    public bool IsFresh(ulong number)
    {
        if (number > _highest)
        {
            return true;
        }

        return number != 0 && _highest - number < Size && (_ring[IndexOf(number)] & BitOf(number)) == 0;
    }

    /// <summary>Records a number. The caller has checked <see cref="IsFresh"/> and the authenticity of the packet.</summary>
    public void Record(ulong number)
    {
        if (number > _highest)
        {
            ulong passed = Math.Min((number / 64) - (_highest / 64), Words);
            for (ulong word = 1; word <= passed; word++)
            {
                _ring[((_highest / 64) + word) % Words] = 0;
            }

            _highest = number;
        }

        _ring[IndexOf(number)] |= BitOf(number);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_ring);
        _highest = 0;
    }

    private static int IndexOf(ulong number) => (int)(number / 64 % Words);

    private static ulong BitOf(ulong number) => 1UL << (int)(number & 63);
}

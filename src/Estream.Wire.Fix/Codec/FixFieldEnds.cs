using System.Numerics;
using System.Runtime.Intrinsics;

namespace Estream.Wire.Fix.Codec;

/// <summary>Where the fields of a message end, one behind the other: 64 bytes are looked at together, and what was found in them is kept as bits.</summary>
internal ref struct FixFieldEnds
{
    private const int BlockLength = 64;
    private const int HalfLength = BlockLength / 2;

    private readonly ReadOnlySpan<byte> _message;
    private int _block;
    private int _next;
    private ulong _ends;

    public FixFieldEnds(ReadOnlySpan<byte> message)
    {
        _message = message;
    }

    /// <summary>The place of the next SOH; the length of the message where there is none any more.</summary>
    public int Next()
    {
        while (_ends == 0)
        {
            if (_next >= _message.Length)
            {
                return _message.Length;
            }

            _block = _next;
            _ends = ReadBlock();
        }

        int end = _block + BitOperations.TrailingZeroCount(_ends);
        _ends &= _ends - 1;
        return end;
    }

    /// <summary>Goes on behind a SOH that lies ahead: those before it are of a value.</summary>
    public void Pass(int end)
    {
        while (Next() < end)
        {
        }
    }

    // The bits of the block that begins here; the last one of a message is read together with bytes before it.
    private ulong ReadBlock()
    {
        int rest = _message.Length - _block;
        if (rest >= BlockLength)
        {
            _next = _block + BlockLength;
            return Bits(_message.Slice(_block, BlockLength));
        }

        if (_message.Length >= BlockLength)
        {
            _next = _message.Length;
            return Bits(_message[^BlockLength..]) >> (BlockLength - rest);
        }

        // A message of less than a block: none that does anything is as short.
        _next = _message.Length;
        ulong ends = 0;
        for (int place = 0; place < rest; place++)
        {
            ends |= _message[place] == FixText.Soh ? 1UL << place : 0;
        }

        return ends;
    }

    private static ulong Bits(ReadOnlySpan<byte> block)
    {
        Vector256<byte> soh = Vector256.Create(FixText.Soh);
        uint low = Vector256.Equals(Vector256.Create(block), soh).ExtractMostSignificantBits();
        uint high = Vector256.Equals(Vector256.Create(block[HalfLength..]), soh).ExtractMostSignificantBits();
        return low | ((ulong)high << HalfLength);
    }
}

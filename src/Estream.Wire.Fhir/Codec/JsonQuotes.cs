using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Estream.Core;

namespace Estream.Wire.Fhir.Codec;

/// <summary>
/// Finds the unescaped quotes of a JSON text in blocks of 64 bytes. The search for the end of a string therefore does not wait for the
/// token before the string (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019). Also finds backslashes, bytes beyond
/// ASCII, and control characters in strings. Allocates nothing.
/// </summary>
internal ref struct JsonQuotes
{
    private const int BlockBytes = 64;

    private readonly ReadOnlySpan<byte> _json;

    // The quotes of the block that were not taken yet; bit 0 is the first byte.
    private ulong _quotes;
    private int _block;

    // Bit 0: whether the block before ends with a backslash that escapes the first byte of this one.
    private ulong _escaped;

    // All bits are set if the block before ends inside a string; otherwise zero.
    private ulong _isInString;

    public JsonQuotes(ReadOnlySpan<byte> json)
    {
        _json = json;
        _block = -BlockBytes;
        FirstControl = int.MaxValue;
    }

    /// <summary>The offset of the first control character in a string so far; <see cref="int.MaxValue"/> if there is none.</summary>
    public int FirstControl { get; private set; }

    /// <summary>The end of the last block with a backslash. Strings after it in the searched text have no escapes.</summary>
    public int EscapesEnd { get; private set; }

    /// <summary>The end of the last block with a byte beyond ASCII. Strings after it in the searched text are ASCII.</summary>
    public int WideEnd { get; private set; }

    /// <summary>Takes the next quote.</summary>
    /// <returns>Its offset; -1 if there is none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next()
    {
        while (_quotes == 0)
        {
            if (!Advance())
            {
                return -1;
            }
        }

        int at = _block + BitOperations.TrailingZeroCount(_quotes);
        _quotes &= _quotes - 1;
        return at;
    }

    private bool Advance()
    {
        int next = _block + BlockBytes;
        if (next + BlockBytes <= _json.Length)
        {
            _block = next;
            Search(SpanValue.Read<Vector512<byte>>(_json, next));
            return true;
        }

        return AdvanceToLast(next);
    }

    private bool AdvanceToLast(int next)
    {
        if (next >= _json.Length)
        {
            return false;
        }

        Span<byte> last = stackalloc byte[BlockBytes];
        last.Fill((byte)' ');
        _json[next..].CopyTo(last);
        _block = next;
        Search(SpanValue.Read<Vector512<byte>>(last, 0));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Search(Vector512<byte> bytes)
    {
        ulong quotes = Vector512.Equals(bytes, Vector512.Create((byte)'"')).ExtractMostSignificantBits();
        ulong escapes = Vector512.Equals(bytes, Vector512.Create((byte)'\\')).ExtractMostSignificantBits();
        ulong controls = Vector512.LessThan(bytes, Vector512.Create((byte)' ')).ExtractMostSignificantBits();
        if (bytes.ExtractMostSignificantBits() != 0)
        {
            WideEnd = _block + BlockBytes;
        }

        if ((escapes | _escaped) != 0)
        {
            quotes &= ~Escape(escapes);
        }

        if (controls != 0)
        {
            NoteControls(controls, quotes);
        }

        _isInString ^= 0UL - ((ulong)BitOperations.PopCount(quotes) & 1);
        _quotes = quotes;
    }

    /// <summary>Returns which bytes are escaped: those after a backslash that is not escaped itself.</summary>
    private ulong Escape(ulong backslashes)
    {
        if (backslashes != 0)
        {
            EscapesEnd = _block + BlockBytes;
        }

        ulong escaped = _escaped;
        ulong last = 0;
        for (ulong left = backslashes & ~escaped; left != 0; left &= ~(last | (last << 1)))
        {
            last = left & (0UL - left);
            escaped |= last << 1;
        }

        _escaped = last >> (BlockBytes - 1);
        return escaped;
    }

    private void NoteControls(ulong controls, ulong quotes)
    {
        // Each bit becomes the parity of the quotes up to it: 1 inside a string.
        ulong inside = quotes;
        for (int shift = 1; shift < BlockBytes; shift <<= 1)
        {
            inside ^= inside << shift;
        }

        controls &= inside ^ _isInString;
        if (controls != 0 && FirstControl == int.MaxValue)
        {
            FirstControl = _block + BitOperations.TrailingZeroCount(controls);
        }
    }
}

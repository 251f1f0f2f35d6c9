using System.Buffers;

namespace Estream.Esf.Addressing;

/// <summary>
/// One segment of an address as it is written: a path segment of RFC 3986, in which every byte that is not unreserved, a sub-delimiter,
/// ':' or '@' is percent-encoded, and '*' as well, which stands for any segment in a pattern. One text per value, so addresses compare by
/// bytes.
/// </summary>
internal static class AddressText
{
    private static readonly SearchValues<byte> s_plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()+,;=:@"u8);

    /// <summary>Writes a value as a segment.</summary>
    /// <returns>False when it does not fit.</returns>
    public static bool TryEncode(ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        written = 0;

        // As they stand, '.' and '..' would be steps through a path, not names in it.
        bool isDots = value.Length is 1 or 2 && value.IndexOfAnyExcept((byte)'.') < 0;
        foreach (byte b in value)
        {
            int length = isDots || !s_plain.Contains(b) ? 3 : 1;
            if (written + length > destination.Length)
            {
                return false;
            }

            if (length == 1)
            {
                destination[written] = b;
            }
            else
            {
                destination[written] = (byte)'%';
                destination[written + 1] = Digit(b >> 4);
                destination[written + 2] = Digit(b & 15);
            }

            written += length;
        }

        return true;
    }

    /// <summary>Reads a segment that a person wrote: any character may be percent-encoded or not, but '%' has to be.</summary>
    /// <returns>False when a '%' is not followed by two hexadecimal digits.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> destination, out int written)
    {
        written = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte b = text[i];
            if (b == (byte)'%')
            {
                int high = i + 2 < text.Length ? Internal.HexText.Digit(text[i + 1]) : -1;
                int low = i + 2 < text.Length ? Internal.HexText.Digit(text[i + 2]) : -1;
                if ((high | low) < 0)
                {
                    return false;
                }

                b = (byte)((high << 4) | low);
                i += 2;
            }

            destination[written++] = b;
        }

        return true;
    }

    private static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'A' + value - 10);
}

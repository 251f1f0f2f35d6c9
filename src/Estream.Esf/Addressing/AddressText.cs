using System.Buffers;

namespace Estream.Esf.Addressing;

/// <summary>
/// Encodes one segment of an address as a path segment of RFC 3986. Every byte that is not unreserved, a sub-delimiter, ':' or '@' is
/// percent-encoded, and so is '*', which matches any segment in a pattern. Each value has exactly one encoding, so addresses can be
/// compared by bytes.
/// </summary>
internal static class AddressText
{
    private static readonly SearchValues<byte> s_plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()+,;=:@"u8);

    /// <summary>Encodes a value as a segment.</summary>
    /// <returns>False if the destination is too short.</returns>
    public static bool TryEncode(ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        written = 0;

        // Unencoded, '.' and '..' would be relative path steps instead of names.
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

    /// <summary>Decodes a segment of a hand-written pattern. Any character may be percent-encoded, and '%' must be.</summary>
    /// <returns>False if a '%' is not followed by two hexadecimal digits.</returns>
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

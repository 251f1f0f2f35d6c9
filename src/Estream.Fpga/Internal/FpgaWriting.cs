namespace Estream.Fpga.Internal;

/// <summary>Writes requests as submissions.</summary>
internal static class FpgaWriting
{
    /// <summary>Writes an append; a short message goes into the submission itself.</summary>
    public static void Append(CardBurst burst, ref FpgaSubmission place, ushort lane, ReadOnlySpan<byte> payload)
    {
        place.Argument = 0;
        if (payload.Length <= CardLayout.MaxInlineBytes)
        {
            place.Head(CardOperation.Append, lane, FpgaSubmission.InlineLength(payload.Length));
            place.Address = 0;
            place.SetInline(payload);
            return;
        }

        place.Head(CardOperation.Append, lane, (uint)payload.Length);
        payload.CopyTo(burst.Take(payload.Length, out place.Address));
        place.Inline = default;
    }

    /// <summary>Writes an operation on a key of the map.</summary>
    public static void Entry(ref FpgaSubmission place, CardOperation operation, ushort lane, KeyPrint key, ulong value, ulong argument)
    {
        place.Head(operation, lane,
            FpgaSubmission.EntryLength(2 * sizeof(ulong), operation is CardOperation.MapPut or CardOperation.MapCas ? sizeof(ulong) : 0));
        place.Address = 0;
        place.Inline[0] = key.Low;
        place.Inline[1] = key.High;
        place.Inline[2] = value;
        place.Inline[3] = 0;
        place.Argument = argument;
    }

    /// <summary>Writes a leaf to hash; the card writes the hash to <paramref name="result"/>.</summary>
    public static void Leaf(ref FpgaSubmission place, ulong address, int bytes, ulong result)
    {
        place.Head(CardOperation.LeafHash, 0, (uint)bytes);
        place.Address = address;
        place.Inline = default;
        place.Argument = result;
    }
}

using System.Globalization;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>
/// Makes the logical ids of observations from the filler or placer order, or else from the message, and from the numbers and codes of OBR
/// and OBX. A corrected result has the id of the result before. OBX of one message that agree in all of these have different ids: a repeat
/// has its ordinal.
/// </summary>
internal static class ObservationIds
{
    private const int MaxDetail = 1_024;

    /// <summary>Writes the id of the OBX with an index among the segments.</summary>
    /// <param name="pseudonyms">Makes ids.</param>
    /// <param name="message">The message.</param>
    /// <param name="order">The index of the OBR; less than 0 for none.</param>
    /// <param name="index">The index of the OBX.</param>
    /// <param name="work">The buffers.</param>
    /// <param name="id">Receives the id.</param>
    /// <returns>False if the numbers and codes are too long.</returns>
    public static bool TryWrite(Pseudonyms pseudonyms, in Hl7Message message, int order, int index, Hl7Work work, Span<byte> id)
    {
        Hl7Segment obr = order < 0 ? default : message[order];
        Hl7Segment obx = message[index];
        Span<byte> detail = stackalloc byte[MaxDetail];
        int length = 0;
        if (!TryAdd(obr[1].Bytes, detail, ref length) || !TryAdd(obr[4].Component(1), detail, ref length)
            || !TryAdd(PropertyOf(obx), detail, ref length) || !TryAdd(obx[1].Bytes, detail, ref length)
            || !TryAdd(obx[4].Bytes, detail, ref length))
        {
            return false;
        }

        Span<byte> digits = stackalloc byte[16];
        Ordinal(message, order, index).TryFormat(digits, out int written, default, CultureInfo.InvariantCulture);
        if (!TryAdd(digits[..written], detail, ref length))
        {
            return false;
        }

        bool isFiller = Hl7Value.IsPresent(obr[3].Component(1));
        Hl7Field number = isFiller ? obr[3].First : obr[2].First;
        ReadOnlySpan<byte> assigner = Hl7Value.IsPresent(number.Component(2)) ? number.Component(2) : number.Component(3);
        bool isOrdered = Hl7Value.IsPresent(number.Component(1));
        if (isOrdered && Hl7Value.IsPresent(assigner))
        {
            return pseudonyms.TryWrite(isFiller ? 'F' : 'L', assigner, number.Component(1), detail[..length], work.Scratch, id);
        }

        // The numbers of an order without an assigner, and of a message, are those of the sending application and facility.
        return TryAdd(message.Header[4].Bytes, detail, ref length)
            && pseudonyms.TryWrite(
                isOrdered ? isFiller ? 'f' : 'l' : 'M', message.Header[3].Bytes,
                isOrdered ? number.Component(1) : message.Header[10].Bytes, detail[..length], work.Scratch, id);
    }

    private static ReadOnlySpan<byte> PropertyOf(Hl7Segment obx) =>
        Hl7Value.IsPresent(obx[3].Component(1)) ? obx[3].Component(1) : obx[3].Component(2);

    /// <summary>The number of OBX before this one with the same order, number and property.</summary>
    private static int Ordinal(in Hl7Message message, int order, int index)
    {
        Hl7Segment obx = message[index];
        int ordinal = 0;
        for (int i = message.IndexOf("OBX"u8); i >= 0 && i < index; i = message.IndexOf("OBX"u8, i + 1))
        {
            Hl7Segment other = message[i];
            if (other[1].Bytes.SequenceEqual(obx[1].Bytes) && other[4].Bytes.SequenceEqual(obx[4].Bytes)
                && PropertyOf(other).SequenceEqual(PropertyOf(obx)) && IsSameOrder(message, message.LastIndexOf("OBR"u8, i), order))
            {
                ordinal++;
            }
        }

        return ordinal;
    }

    private static bool IsSameOrder(in Hl7Message message, int one, int other)
    {
        if (one == other)
        {
            return true;
        }

        return one >= 0 && other >= 0 && message[one][1].Bytes.SequenceEqual(message[other][1].Bytes)
            && message[one][2].Bytes.SequenceEqual(message[other][2].Bytes)
            && message[one][3].Bytes.SequenceEqual(message[other][3].Bytes)
            && message[one][4].Component(1).SequenceEqual(message[other][4].Component(1));
    }

    private static bool TryAdd(ReadOnlySpan<byte> value, Span<byte> detail, ref int length)
    {
        if (length + value.Length + 1 > detail.Length)
        {
            return false;
        }

        value.CopyTo(detail[length..]);
        length += value.Length;
        detail[length++] = 0;
        return true;
    }
}

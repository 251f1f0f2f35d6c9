using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Internal;

/// <summary>Redacts messages for dead letters. The submitter of an order is private. Other messages also name the submitter: a cancellation
/// in its header (115), an answer in its header (128). Both messages may also name the submitter in parties and texts.
/// Thread-safe.</summary>
/// <param name="protocol">The version of the messages.</param>
internal sealed class FixLetters(FixProtocol protocol)
{
    private const int MaxFields = 2_048;

    // Ids that orders and fills carry in plaintext, codes, numbers and times: enough to identify the refused message and the rule that
    // refused it.
    private static readonly FrozenSet<int> s_kept = new[]
    {
        35, 34, 43, 49, 56, 52, 97, 122, 6, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 31, 32, 37, 38, 39, 40, 41, 44, 45, 48, 54, 55, 59,
        60, 63, 64, 75, 99, 102, 103, 110, 111, 117, 126, 132, 133, 134, 135, 150, 151, 152, 168, 198, 211, 262, 268, 269, 270, 271, 272,
        273, 278, 279, 280, 285, 290, 346, 371, 372, 373, 378, 379, 380, 387, 432, 434, 526, 636, 779, 836, 851, 1023, 1094, 1138,
    }.ToFrozenSet();

    /// <summary>Returns the kept fields as received, in their order, without CheckSum.</summary>
    public byte[] Keep(ReadOnlySpan<byte> message)
    {
        FixFieldIndex index = new(protocol.DataTags, MaxFields);
        index.Parse(message);
        ArrayBufferWriter<byte> kept = new();
        for (int field = 0; field < index.Count; field++)
        {
            if (s_kept.Contains(index.TagOf(field)))
            {
                kept.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{index.TagOf(field)}=")));
                kept.Write(message.Slice(index.StartOf(field), index.LengthOf(field)));
                kept.Write([FixText.Soh]);
            }
        }

        return kept.WrittenSpan.ToArray();
    }
}

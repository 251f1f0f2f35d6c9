using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Internal;

/// <summary>
/// What dead letters keep of messages between those who send orders for somebody and those who take them. Who submitted an order is
/// private, and other messages name him too: a cancellation in its header (115), an answer in its own (128), and both may in parties and
/// texts. Thread-safe.
/// </summary>
/// <param name="protocol">The version of the messages.</param>
internal sealed class FixLetters(FixProtocol protocol)
{
    private const int MaxFields = 2_048;

    // Names that orders and fills have in clear, codes, numbers and times: enough to see what was refused, and by which rule.
    private static readonly FrozenSet<int> s_kept = new[]
    {
        35, 34, 43, 49, 56, 52, 97, 122, 6, 11, 14, 17, 19, 20, 31, 32, 37, 38, 39, 40, 41, 44, 45, 54, 55, 59, 60, 99, 102, 103, 150, 151,
        371, 372, 373,
        378, 379, 380, 434,
    }.ToFrozenSet();

    /// <summary>The fields that are kept, as they came: a fragment of the message, with its MsgType in front and without a
    /// checksum.</summary>
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

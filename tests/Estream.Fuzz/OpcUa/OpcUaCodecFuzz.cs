using Estream.Testing;
using Estream.Wire.OpcUa;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Monitoring;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Fuzz.OpcUa;

/// <summary>The codec on arbitrary bytes: no exception, no read outside of the bytes, and results within the limits.</summary>
public sealed class OpcUaCodecFuzz
{
    private static readonly byte[][] s_seeds =
    [
        .. new[]
        {
            "0B000000000000F83F", "8602000000010000000200000", "0C0400000074657874", "C6040000000100000002000000030000000400000002000000"
                + "0200000002000000", "9802000000060100000006020000000", "15030200000065 6E0100000078", "16010000000001030000000102 03",
            "17050B000000000000F83F0080F5D2B59C0100", "11030100050000004C6576656C",
        }.Select(hex => hex.Replace(" ", "", StringComparison.Ordinal)).Select(hex => Convert.FromHexString(hex[..(hex.Length & ~1)])),
    ];

    [Property(2_000, 3_400_000)]
    public void Variants_and_data_values_never_throw(byte seed, int place, byte value, byte[] noise)
    {
        byte[] bytes = Damage(seed, place, value, noise);
        UaReader reader = new(bytes);
        VariantView view = VariantView.Read(ref reader);
        if (!reader.IsFailed)
        {
            Assert.True(view.Content.Length < bytes.Length);
            Assert.Equal(view.IsArray ? view.Count : 1, (VariantDecoder.Decode(view).Value as object?[])?.Length ?? 1);
        }

        UaReader second = new(bytes);
        VariantDecoder.DataValue(ref second);
    }

    [Property(2_000, 3_400_000)]
    public void Notifications_and_headers_never_throw(byte seed, int place, byte value, byte[] noise)
    {
        byte[] bytes = Damage(seed, place, value, noise);
        NotificationReader reader = new([1, 0, 0, 0, 1, 0, 43, 3, 1, (byte)(bytes.Length + 8), 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, .. bytes]);
        int count = 0;
        while (reader.MoveNext())
        {
            Assert.True(reader.Value.Length <= bytes.Length + 8);
            count++;
        }

        Assert.InRange(count, 0, 1);
        if (bytes.Length >= ChunkHeader.Bytes)
        {
            ChunkHeader.Read(bytes);
        }
    }

    [Property(2_000, 3_400_000)]
    public void A_node_that_is_parsed_is_written_as_it_was_read(string? text)
    {
        if (UaNodeId.TryParse(text, out UaNodeId node))
        {
            Assert.True(UaNodeId.TryParse(node.ToString(), out UaNodeId again));
            Assert.Equal(node, again);
        }
    }

    private static byte[] Damage(byte seed, int place, byte value, byte[] noise)
    {
        byte[] bytes = [.. s_seeds[seed % s_seeds.Length], .. noise];
        bytes[(int)((uint)place % (uint)bytes.Length)] = value;
        return bytes;
    }
}

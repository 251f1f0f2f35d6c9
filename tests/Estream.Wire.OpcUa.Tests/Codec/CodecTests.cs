using Estream.Testing;
using Estream.Wire.OpcUa.Adapter;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Monitoring;
using Estream.Wire.OpcUa.Tests.Adapter;

namespace Estream.Wire.OpcUa.Tests.Codec;

/// <summary>Goal: the codec writes the bytes of the specification, reads back what it writes, and no input makes it throw.</summary>
public sealed class CodecTests
{
    private const int EverydayMutations = 100_000;
    private const int LongMutations = 10_000_000;

    public static TheoryData<string> InvalidVariants => new()
    {
        "", "0B00", "80", "8BFFFFFF7F", "8BFEFFFFFF", "4B", "18", "0CFEFFFFFF", "0C05000000AB", "C60400000001000000020000000300000004000000"
            + "0200000003000000020000", "1106", "16000003", "1740",
    };

    [Theory]
    [MemberData(nameof(InvalidVariants))]
    public void Invalid_variants_fail_the_reader(string hex)
    {
        UaReader reader = new(Convert.FromHexString(hex));
        VariantView.Read(ref reader);
        Assert.True(reader.IsFailed);
    }

    [Theory]
    [InlineData(0x97, 0x01)]
    [InlineData(0x98, 0x98)]
    [InlineData(0x19, 0x40)]
    public void Nested_values_have_a_maximum_depth(byte first, byte nested)
    {
        // Arrays of one variant in each other, data values with variants, and inner diagnostics.
        List<byte> bytes = [];
        for (int depth = 0; depth < 10_000; depth++)
        {
            byte[] array = nested == 0x01 ? [first, 1, 0, 0, 0, nested] : [first, 1, 0, 0, 0];
            bytes.AddRange(nested == 0x40 ? [depth == 0 ? first : nested] : array);
        }

        UaReader reader = new(bytes.ToArray());
        VariantView.Read(ref reader);
        Assert.True(reader.IsFailed);
    }

    /// <summary>The examples of Part 6, 5.2.2.</summary>
    [Theory]
    [InlineData("i=72", "0048")]
    [InlineData("ns=5;i=1025", "01050104")]
    [InlineData("ns=1;s=Hot水", "030100060000" + "00486F74E6B0B4")]
    public void Node_identifiers_have_the_bytes_of_the_specification(string text, string hex)
    {
        Assert.True(UaNodeId.TryParse(text, out UaNodeId node));
        UaWriter writer = new();
        writer.NodeId(node);
        Assert.Equal(hex, Convert.ToHexString(writer.Written));
        UaReader reader = new(writer.Written);
        Assert.Equal(node, reader.NodeId());
        Assert.Equal(text, node.ToString());
    }

    [Property(500, 100_000)]
    public void Variants_are_read_as_they_were_written(double real, long whole, string? text, byte[] bytes, Guid identifier, bool isArray)
    {
        UaVariant[] all =
        [
            new(UaType.Double, real), new(UaType.Int64, whole), new(UaType.Guid, identifier), new(UaType.ByteString, bytes),
            new(UaType.NodeId, new UaNodeId((ushort)whole, (object)identifier)), new(UaType.StatusCode, new UaStatus((uint)whole)),
            new(UaType.LocalizedText, new UaLocalizedText(null, Plain(text))), new(UaType.String, Plain(text)),
        ];
        foreach (UaVariant one in all)
        {
            UaVariant value = isArray ? new UaVariant(one.Type, new object?[] { one.Value, one.Value }) : one;
            UaWriter writer = new();
            writer.Variant(value);
            UaReader reader = new(writer.Written);
            Assert.Equal(value, VariantDecoder.Variant(ref reader));
            Assert.False(reader.IsFailed);
            Assert.True(reader.Rest.IsEmpty);
        }
    }

    [Fact]
    public void Notifications_after_a_value_whose_end_is_unknown_are_read()
    {
        byte[] bad = NotificationAllocationTests.Message(
            new UaVariant(UaType.Double, 1.0), new UaVariant(UaType.Byte, (byte)2), new UaVariant(UaType.Double, 3.0));
        byte[] good = NotificationAllocationTests.Message(new UaVariant(UaType.Double, 4.0));

        // The type of the second value is reserved.
        bad[bad.AsSpan().IndexOf([(byte)0x0D, (byte)UaType.Byte, (byte)2]) + 1] = 0x3F;
        NotificationReader reader = new([2, .. bad.AsSpan(1), .. good.AsSpan(sizeof(int))]);
        List<(uint Handle, int Lost)> read = [];
        while (reader.MoveNext())
        {
            read.Add((reader.Handle, reader.Lost));
        }

        Assert.False(reader.IsFailed);
        Assert.Equal([(0u, 0), (0u, 2), (0u, 0)], read);
    }

    [Fact]
    public void Mutated_notifications_never_throw()
    {
        bool isLong = Environment.GetEnvironmentVariable("ESTREAM_TEST_LONG") is { Length: > 0 };
        byte[] data = NotificationAllocationTests.Message(
            new UaVariant(UaType.Double, 1.5), new UaVariant(UaType.String, "text"),
            new UaVariant(UaType.Int32, new object?[] { 1, 2 }, [2]),
            new UaVariant(UaType.Variant, new object?[] { new UaVariant(UaType.Guid, Guid.Empty) }),
            new UaVariant(UaType.LocalizedText, new UaLocalizedText("en", "x")));
        AdapterItem item = new(0, 0, 0, new OpcUaItemOptions { Name = "a", Node = "ns=1;s=a" }, "line"u8.ToArray(), "a"u8.ToArray());
        IPayloadTranslator[] translators = [new ReadingTranslator([item]), new ValueTranslator([item])];
        Random random = new(7);
        byte[] mutated = new byte[data.Length];
        byte[] payload = new byte[data.Length + ItemRecord.HeaderBytes];
        byte[] esf = new byte[65_536];
        for (int round = 0; round < (isLong ? LongMutations : EverydayMutations); round++)
        {
            data.CopyTo(mutated, 0);
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            NotificationReader reader = new(mutated.AsSpan(0, random.Next(mutated.Length + 1)));
            while (reader.MoveNext())
            {
                ItemRecord.WriteHeader(payload, 0, 1);
                reader.Value.CopyTo(payload.AsSpan(ItemRecord.HeaderBytes));
                int length = ItemRecord.HeaderBytes + reader.Value.Length;
                Array.ForEach(translators, one => one.Translate(new WireMessage("a"u8, payload.AsSpan(0, length)), esf, out _));
            }
        }
    }

    // Lone surrogates have no form in UTF-8.
    private static string Plain(string? text) =>
        System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text ?? ""));
}

using System.Buffers;
using System.Reflection;
using Estream.Esf;
using Estream.Scenarios.Codecs;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

/// <summary>
/// Tests the codecs of every schema: all hold the same values, the product's messages are valid, and the reference rejects truncated
/// messages. A reference that lost a field would falsify the ratio of the codec that is compared with it.
/// </summary>
public sealed class CodecTests
{
    public static TheoryData<string> Schemas => [.. CodecCases.All.Select(one => one.Schema)];

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Every_codec_reads_the_same_digest_from_a_message(string schema)
    {
        CodecCase one = Find(schema);
        byte[] slot = new byte[one.Workload.SlotBytes];

        for (int i = 0; i < one.Workload.Messages; i++)
        {
            ulong[] digests = [.. one.Codecs.Select(codec => codec.Digest(slot.AsSpan(0, codec.Encode(i, slot))))];
            Assert.All(digests, digest => Assert.Equal(digests[0], digest));
        }
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void A_digest_distinguishes_most_messages(string schema)
    {
        CodecCase one = Find(schema);
        byte[] slot = new byte[one.Workload.SlotBytes];

        int different = Enumerable.Range(0, one.Workload.Messages)
            .Select(i => one.HandWritten.Digest(slot.AsSpan(0, one.HandWritten.Encode(i, slot)))).Distinct().Count();

        Assert.InRange(different, one.Workload.Messages * 3 / 4, one.Workload.Messages);
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void A_message_encoded_by_the_product_is_valid(string schema)
    {
        CodecCase one = Find(schema);
        byte[] slot = new byte[one.Workload.SlotBytes];

        for (int i = 0; i < one.Workload.Messages; i++)
        {
            Assert.Equal("", Describe(EsfValidator.Check(one.Description(), slot.AsSpan(0, one.Product.Encode(i, slot)))));
        }
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Dynamic_code_writes_the_bytes_of_the_generated_writer(string schema)
    {
        CodecCase one = Find(schema);
        byte[] slot = new byte[one.Workload.SlotBytes];
        byte[] other = new byte[one.Workload.SlotBytes];
        ArrayBufferWriter<byte> json = new();

        for (int i = 0; i < one.Workload.Messages; i++)
        {
            byte[] message = slot[..one.Product.Encode(i, slot)];
            json.ResetWrittenCount();
            Assert.Equal("", Describe(EsfJson.WriteJson(one.Description(), message, json, EsfDisclosure.Disclosed)));
            Assert.Equal("", Describe(EsfJson.TryEncode(one.Description(), json.WrittenSpan, other, out int length)));
            Assert.Equal(Convert.ToHexString(message), Convert.ToHexString(other, 0, length));
        }
    }

    [Fact]
    public void The_reference_rejects_a_value_longer_than_its_length_field_allows()
    {
        byte[] slot = new byte[70_000];
        Assert.Equal(256, ByHand.Put8(slot, 0, new byte[255]));
        Assert.Throws<ArgumentException>(() => ByHand.Put8(slot, 0, new byte[256]));
        Assert.Equal(65_537, ByHand.Put16(slot, 0, new byte[65_535]));
        Assert.Throws<ArgumentException>(() => ByHand.Put16(slot, 0, new byte[65_536]));
        Assert.Throws<ArgumentException>(() => ByHand.Count(65_536));
    }

    /// <summary>A codec writes only into its own message and leaves no bytes of an earlier message in it.</summary>
    [Theory]
    [MemberData(nameof(Schemas))]
    public void A_message_does_not_depend_on_earlier_bytes_of_the_slot(string schema)
    {
        CodecCase one = Find(schema);
        byte[] clean = new byte[one.Workload.SlotBytes];
        byte[] used = new byte[one.Workload.SlotBytes];

        foreach (Codec codec in one.Codecs)
        {
            used.AsSpan().Fill(0xA5);
            int length = codec.Encode(0, used);

            Assert.Equal(clean.AsSpan(0, codec.Encode(0, clean)).ToArray(), used.AsSpan(0, length).ToArray());
            Assert.Equal(-1, used.AsSpan(length).IndexOfAnyExcept((byte)0xA5));
        }
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void The_hand_written_reader_rejects_a_truncated_message(string schema)
    {
        CodecCase one = Find(schema);
        byte[] slot = new byte[one.Workload.SlotBytes];
        int length = one.HandWritten.Encode(0, slot);

        for (int cut = 0; cut < length; cut++)
        {
            Exception? refusal = Record.Exception(() => one.HandWritten.Digest(slot.AsSpan(0, cut)));
            Assert.True(refusal is InvalidDataException or ArgumentOutOfRangeException or IndexOutOfRangeException,
                $"{cut} of {length} bytes: {refusal?.GetType().Name ?? "taken"}");
        }
    }

    /// <summary>The reference reader may be used on untrusted bytes: it never reads outside of them, and it terminates.</summary>
    [Theory]
    [MemberData(nameof(Schemas))]
    public void The_hand_written_reader_reads_or_rejects_randomly_changed_bytes(string schema)
    {
        CodecCase one = Find(schema);
        byte[] slot = new byte[one.Workload.SlotBytes];
        int length = one.HandWritten.Encode(0, slot);
        Random random = new(1);

        for (int round = 0; round < 500; round++)
        {
            byte[] changed = slot.AsSpan(0, length).ToArray();
            changed[random.Next(length)] = (byte)random.Next(256);
            Exception? refusal = Record.Exception(() => one.HandWritten.Digest(changed));
            Assert.True(refusal is null or InvalidDataException or ArgumentOutOfRangeException or IndexOutOfRangeException,
                $"round {round}: {refusal}");
        }
    }

    /// <summary>If the JIT inlined one codec of a ratio, that codec would save a call that the other codec pays for.</summary>
    [Theory]
    [MemberData(nameof(Schemas))]
    public void Every_codec_method_is_called_and_not_inlined(string schema)
    {
        Assert.All(
            Find(schema).Codecs.SelectMany(codec =>
                codec.Type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)),
            method => Assert.True(method.MethodImplementationFlags.HasFlag(MethodImplAttributes.NoInlining),
                $"{method.DeclaringType}.{method.Name}"));
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Neither_side_of_a_ratio_allocates(string schema)
    {
        CodecCase one = Find(schema);
        byte[] slot = new byte[one.Workload.SlotBytes];

        foreach (Codec codec in (Codec[])[one.HandWritten, one.Product])
        {
            ulong sum = codec.Digest(slot.AsSpan(0, codec.Encode(0, slot)));
            long before = GC.GetAllocatedBytesForCurrentThread();
            sum += codec.Digest(slot.AsSpan(0, codec.Encode(0, slot)));
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.NotEqual(0UL, sum);
        }
    }

    [Fact]
    public void Every_schema_of_every_pack_is_a_case()
    {
        string packs = Path.Combine(RepositoryRoot.Path, "schemas");
        IEnumerable<string> provided = Directory.EnumerateFiles(packs, "estream-component.toml", SearchOption.AllDirectories)
            .Select(file => File.ReadAllText(file).Split("\nprovides = [")[1])
            .SelectMany(list => list[..list.IndexOf(']', StringComparison.Ordinal)].Split('"').Where((_, i) => i % 2 == 1));

        Assert.Equal(provided.Order(), CodecCases.All.Select(one => one.Schema).Order());
    }

    [Fact]
    public void Message_counts_are_powers_of_two_that_divide_a_batch()
    {
        Assert.All(CodecCases.All, one => Assert.True(
            int.IsPow2(one.Workload.Messages) && CodecWorkload.BatchOperations % one.Workload.Messages == 0
                && one.Workload.Batches % CodecWorkload.LargestPortion == 0, one.Schema));
    }

    [PeerFact("protoc", "protobuf-compiler")]
    public void Google_Protobuf_takes_part_if_protoc_is_installed()
    {
        Assert.True(ProtobufCodecs.AreBuilt);
        Assert.All(CodecCases.All, one => Assert.Contains(one.Codecs, codec => codec.Implementation == CodecCase.Protobuf));
    }

    private static string Describe(EsfStatus status) => status.IsOk ? "" : status.ToString();

    private static CodecCase Find(string schema) => CodecCases.All.Single(one => one.Schema == schema);
}

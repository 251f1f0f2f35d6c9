using System.Buffers.Binary;
using Estream.Crypto;
using Estream.Esf.Internal;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;

namespace Estream.Esf.Tests.Sealing;

/// <summary>Sealing and opening: missing, wrong and old keys, sessions, and cost.</summary>
public sealed class SealerTests
{
    private const int KeyIdBytes = 8;

    [Fact]
    public void Constructor_names_an_audience_without_a_key()
    {
        EsfAudienceKeys some = EsfAudienceKeys.None.With("default", TestKeys.Of("default").PublicKey)
            .With("owner", TestKeys.Of("owner").PublicKey);
        EsfKeyException missing = Assert.Throws<EsfKeyException>(() => new EsfSealer(SealCase.Schema, some));
        Assert.Equal("auditor", missing.Audience);
        Assert.Contains("'auditor.pub.pem'", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_throws_for_more_keys_than_recipients()
    {
        EsfSchema schema = Schemas.One("S: { fields: { a: { type: u8, privacy: encrypted } } }");
        EsfAudienceKeys keys = EsfAudienceKeys.None;
        for (int i = 0; i < EsfLimits.MaxRecipients; i++)
        {
            keys = keys.With("default", TestKeys.Of("k" + i).PublicKey);
        }

        Assert.Throws<ArgumentException>(() => keys.With("default", TestKeys.Of("one more").PublicKey));
        using EsfSealer sealer = new(schema, keys);
        byte[] message = sealer.SealOrFail(Schemas.Encode(schema, """{"a":7}"""));
        using EsfKeyRing last = TestKeys.RingOf("k63");
        Assert.Equal("""{"a":7}""", SealCase.Print(schema, message, last));
    }

    [Fact]
    public void SealTarget_rejects_another_key_with_the_same_id()
    {
        SealTarget target = new(4711, TestKeys.Of("owner").PublicKey, 0b01);
        Assert.Equal(0b11u, target.For(TestKeys.Of("owner").PublicKey, 0b10).Groups);
        Assert.Contains("same 64-bit id", Assert.Throws<EsfKeyException>(() => target.For(TestKeys.Of("auditor").PublicKey, 0b10)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>A sealed message has the regions of each record in field order, whatever the order of writing. Otherwise no reader could
    /// open the message.</summary>
    [Fact]
    public void Seal_orders_regions_by_field_whatever_the_writing_order()
    {
        const string Fields = "fields: { first: { type: string }, second: { type: string, optional: true }, third: { type: string } }";
        EsfSchema schema = Schemas.One($$"""
            Visit:
              fields:
                open: { type: object, {{Fields}} }
                open_many: { type: "map(string, array(object))", {{Fields}} }
                shut: { type: object, privacy: encrypted, {{Fields}} }
                shut_many: { type: array(object), privacy: encrypted, {{Fields}} }
                around: { type: object, privacy: encrypted, fields: { name: { type: string, privacy: encrypted }, within: { type: object, {{Fields}} } } }
            """);
        const string Ordered = """{"first":"1","second":"22","third":"333"}""";
        const string Mixed = """{"third":"333","first":"1","second":"22"}""";
        const string Less = """{"third":"333","first":"1"}""";
        const string LessOrdered = """{"first":"1","third":"333"}""";
        using EsfSealer sealer = new(schema, TestKeys.Public);
        using EsfKeyRing ring = TestKeys.RingOf("default");
        byte[] message = sealer.SealOrFail(Schemas.Encode(schema, Json(Mixed, Less)));
        Assert.True(EsfValidator.Check(schema, message).IsOk);
        Assert.Equal(sealer.SealOrFail(Schemas.Encode(schema, Json(Ordered, LessOrdered))).Length, message.Length);
        Assert.Equal(Json(Ordered, LessOrdered), SealCase.Print(schema, message, ring));

        static string Json(string one, string two) =>
            $$$"""{"open":{{{one}}},"open_many":{"a":[{{{two}}},{{{one}}}]},"shut":{{{one}}},"shut_many":[{{{one}}},{{{two}}}],"around":{"name":"n","within":{{{one}}}}}""";
    }

    [Theory]
    [InlineData(EsfError.AlreadySealed)]
    [InlineData(EsfError.WrongSchema)]
    [InlineData(EsfError.MissingField)]
    [InlineData(EsfError.Withheld)]
    [InlineData(EsfError.Truncated)]
    public void Seal_rejects_an_invalid_message_with_a_reason(EsfError error)
    {
        using EsfSealer sealer = new(SealCase.Schema, TestKeys.Public);
        byte[] message = SealCase.Open();
        switch (error)
        {
            case EsfError.AlreadySealed:
                message = SealCase.Sealed();
                break;
            case EsfError.WrongSchema:
                message[0] ^= 1;
                break;
            case EsfError.MissingField:
                message.AsSpan(24, 8).Clear();
                break;
            case EsfError.Withheld:
                message[31] |= 0x80;
                break;
            default:
                message = message[..15];
                break;
        }

        byte[] destination = new byte[64 * 1024];
        destination.AsSpan().Fill(1);
        EsfStatus status = sealer.Seal(message, destination, out int written);
        Assert.Equal((error, 0), (status.Error, written));
        Assert.All(destination, b => Assert.Equal(0, b));
    }

    [Fact]
    public void Seal_copies_a_message_without_private_values()
    {
        EsfSchema schema = Schemas.One("S: { fields: { a: { type: u8 }, b: { type: string, optional: true, privacy: encrypted } } }");
        using EsfSealer sealer = new(schema, TestKeys.Public);
        byte[] message = Schemas.Encode(schema, """{"a":7}""");
        Assert.Equal(message, sealer.SealOrFail(message));
    }

    [Fact]
    public void Open_withholds_values_for_a_wrong_key()
    {
        using EsfKeyRing strangers = TestKeys.RingOf("stranger", "another stranger");
        using EsfUnsealer unsealer = new(SealCase.Schema, strangers);
        byte[] message = SealCase.Sealed();
        Assert.True(unsealer.Open(message, out ReadOnlySpan<byte> opened, out int withheld).IsOk);
        Assert.Equal(12, withheld);
        Assert.Equal(Schemas.Print(SealCase.Schema, message), Schemas.Print(SealCase.Schema, opened));
    }

    [Fact]
    public void Ring_with_old_and_new_keys_opens_messages_of_both()
    {
        EsfSchema schema = Schemas.One("S: { fields: { a: { type: string, privacy: encrypted } } }");
        using EsfSealer before = new(schema, EsfAudienceKeys.None.With("default", TestKeys.Of("old").PublicKey));
        using EsfSealer after = new(schema, EsfAudienceKeys.None.With("default", TestKeys.Of("new").PublicKey));
        byte[][] messages =
            [before.SealOrFail(Schemas.Encode(schema, """{"a":"then"}""")), after.SealOrFail(Schemas.Encode(schema, """{"a":"now"}"""))];
        using EsfKeyRing both = TestKeys.RingOf("old", "new");
        using EsfKeyRing onlyNew = TestKeys.RingOf("new");
        Assert.Equal(["""{"a":"then"}""", """{"a":"now"}"""], messages.Select(message => SealCase.Print(schema, message, both)));
        Assert.Equal(["""{"a":{"$withheld":true}}""", """{"a":"now"}"""],
            messages.Select(message => SealCase.Print(schema, message, onlyNew)));
    }

    [Fact]
    public void Sealer_encapsulates_once_per_hour()
    {
        SettableTime time = new();
        using EsfSealer sealer = new(SealCase.Schema, TestKeys.Public, time);
        byte[] first = sealer.SealOrFail(SealCase.Open());
        time.Now = TimeSpan.FromMinutes(59);
        byte[] second = sealer.SealOrFail(SealCase.Open());
        time.Now = TimeSpan.FromMinutes(60);
        byte[] third = sealer.SealOrFail(SealCase.Open());
        Assert.Equal(FirstCiphertext(first), FirstCiphertext(second));
        Assert.NotEqual(FirstCiphertext(second), FirstCiphertext(third));
        Assert.Equal([0L, 1L, 0L], new[] { first, second, third }.Select(NumberInSession));
        using EsfKeyRing ring = TestKeys.RingOf(TestKeys.Audiences);
        Assert.Single(new[] { first, second, third }.Select(message => SealCase.Print(SealCase.Schema, message, ring)).Distinct());
    }

    [Fact]
    public void Session_ends_after_its_maximum_number_of_messages()
    {
        EsfSchema schema = Schemas.One("S: { fields: { a: { type: u8, privacy: encrypted } } }");
        using EsfSealer sealer = new(schema, EsfAudienceKeys.None.With("default", TestKeys.Of("default").PublicKey), null,
            SealRandomness.System, sessionMessages: 3);
        byte[][] messages = [.. Enumerable.Range(0, 5).Select(_ => sealer.SealOrFail(Schemas.Encode(schema, """{"a":7}""")))];
        Assert.Equal([0L, 1L, 2L, 0L, 1L], messages.Select(NumberInSession));
        Assert.Equal(FirstCiphertext(messages[0]), FirstCiphertext(messages[2]));
        Assert.NotEqual(FirstCiphertext(messages[2]), FirstCiphertext(messages[3]));
        Assert.Equal(1UL << 20, SealSession.MaxMessages);
    }

    [Fact]
    public void Open_reads_a_short_message_after_a_long_one()
    {
        EsfSchema schema = Schemas.One("S: { fields: { a: { type: string, privacy: encrypted } } }");
        using EsfSealer sealer = new(schema, TestKeys.Public);
        using EsfKeyRing ring = TestKeys.RingOf(TestKeys.Audiences);
        using EsfUnsealer unsealer = new(schema, ring);
        string text = new('x', 5000);
        Assert.True(
            unsealer.Open(sealer.SealOrFail(Schemas.Encode(schema, $$"""{"a":"{{text}}"}""")), out ReadOnlySpan<byte> opened, out _).IsOk);
        Assert.Equal($$"""{"a":"{{text}}"}""", Schemas.Print(schema, opened));
        Assert.True(unsealer.Open(sealer.SealOrFail(Schemas.Encode(schema, """{"a":"y"}""")), out opened, out _).IsOk);
        Assert.Equal("""{"a":"y"}""", Schemas.Print(schema, opened));
    }

    [Fact]
    public void EsfField_reports_sealed_fields_as_present_and_withheld()
    {
        byte[] open = SealCase.Open();
        byte[] message = SealCase.Sealed();
        byte[] text = new byte[64];
        foreach (EsfField field in SealCase.Schema.Fields.Where(field => field.IsPrivate))
        {
            Assert.True(field.IsPresent(open) && !field.IsWithheld(open));
            Assert.True(field.IsPresent(message) && field.IsWithheld(message));
            Assert.False(field.TryGetBytes(message, out _) || field.TryGetInt64(message, out _) || field.TryGetDouble(message, out _)
                || field.TryFormat(message, text, out _));
        }

        Assert.True(SealCase.Schema.TryGetField("age", out EsfField? age) && age.TryGetUInt64(open, out ulong years)
            && years == 9007199254740993);
        Assert.True(SealCase.Schema.TryGetField("id", out EsfField? id) && id.TryFormat(message, text, out int written)
            && text.AsSpan(0, written).SequenceEqual("visit-1"u8));
    }

    [Fact]
    public void TryEncode_rejects_redacted_values()
    {
        byte[] message = SealCase.Sealed();
        EsfStatus status = Schemas.TryEncode(SealCase.Schema, Schemas.Print(SealCase.Schema, message));
        Assert.Equal((EsfError.Withheld, "age"), (status.Error, status.Field));
        Assert.Contains("withheld", status.ToString(), StringComparison.Ordinal);
        status = Schemas.TryEncode(SealCase.Schema, """{"codes":{"$withheld":true}}""");
        Assert.Equal((EsfError.Withheld, "codes"), (status.Error, status.Field));
    }

    [Fact]
    public void ToText_and_ToString_never_disclose_private_values()
    {
        string text = EsfJson.ToText(SealCase.Schema, SealCase.Open());
        Assert.Contains("visit-1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Musterfrau", text, StringComparison.Ordinal);
        Assert.Equal("ring of 3 keys", TestKeys.RingOf(TestKeys.Audiences).ToString());
        Assert.Equal("keys of auditor, default, owner", TestKeys.Public.ToString());
    }

    [Fact]
    public void MaxSealedLength_bounds_messages_with_repeated_values()
    {
        EsfSchema schema = Schemas.One(
            """S: { fields: { all: { type: array(object), fields: { a: { type: u8, optional: true, privacy: encrypted }, b: { type: u8, optional: true, privacy: encrypted } } } } }""");
        using EsfSealer sealer = new(schema, TestKeys.Public);
        byte[] message = Schemas.Encode(schema, """{"all":[""" + string.Join(",", Enumerable.Repeat("""{"a":1,"b":2}""", 500)) + "]}");
        byte[] sealedMessage = sealer.SealOrFail(message);
        Assert.InRange(sealedMessage.Length, message.Length + (1000 * 20), sealer.MaxSealedLength(message.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => sealer.MaxSealedLength(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => sealer.MaxSealedLength(int.MaxValue));
    }

    [Fact]
    public void Sealed_values_of_a_message_have_distinct_numbers()
    {
        EsfSchema schema = Schemas.One("S: { fields: { all: { type: array(object), fields: { a: { type: u8, privacy: encrypted } } } } }");
        using EsfSealer sealer = new(schema, TestKeys.Public);
        byte[] message =
            sealer.SealOrFail(Schemas.Encode(schema, """{"all":[""" + string.Join(",", Enumerable.Repeat("""{"a":1}""", 300)) + "]}"));
        HashSet<uint> numbers = [];
        for (int i = 0, at = 24 + 4; i < 300; i++)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(at));
            Assert.True(numbers.Add(BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at + 4 + 10))));
            at += 4 + length;
        }
    }

    [Fact]
    public void Sealing_allocates_only_for_ciphers_and_nothing_without_private_values()
    {
        EsfSchema schema = Schemas.One(
            "S: { fields: { a: { type: u8 }, b: { type: string, optional: true, privacy: encrypted }, c: { type: u8, optional: true, "
            + "privacy: encrypted } } }");
        using EsfSealer sealer = new(schema, TestKeys.Public);
        using EsfKeyRing ring = TestKeys.RingOf(TestKeys.Audiences);
        using EsfUnsealer unsealer = new(schema, ring);
        byte[] clear = Schemas.Encode(schema, """{"a":1}""");
        byte[] message = Schemas.Encode(schema, """{"a":1,"b":"text","c":2}""");
        byte[] destination = new byte[sealer.MaxSealedLength(message.Length)];
        int length = 0;
        Assert.Equal(0, AllocationMeter.OnThisThread(1000, () => Assert.True(sealer.Seal(clear, destination, out _).IsOk)));
        Assert.InRange(AllocationMeter.OnThisThread(1000, () => Assert.True(sealer.Seal(message, destination, out length).IsOk)), 1,
            1000 * 400);
        Assert.InRange(
            AllocationMeter.OnThisThread(1000, () => Assert.True(unsealer.Open(destination.AsSpan(0, length), out _, out _).IsOk)), 1,
            1000 * 400);
        Assert.Equal(0,
            AllocationMeter.OnThisThread(1000, () => Assert.True(EsfValidator.CheckStored(schema, destination.AsSpan(0, length)).IsOk)));
    }

    [Fact]
    public void Sealer_and_unsealer_throw_after_Dispose()
    {
        EsfSealer sealer = new(SealCase.Schema, TestKeys.Public);
        sealer.Dispose();
        sealer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sealer.Seal(SealCase.Open(), new byte[9000], out _));
        using EsfKeyRing ring = TestKeys.RingOf("default");
        EsfUnsealer unsealer = new(SealCase.Schema, ring);
        unsealer.Dispose();
        unsealer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => unsealer.Open(SealCase.Sealed(), out _, out _));
    }

    private static Span<byte> Envelope(byte[] message)
    {
        int records = message.Length - BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(message.Length - 4));
        return message.AsSpan(records);
    }

    private static byte[] FirstCiphertext(byte[] message) => Envelope(message).Slice(3 + KeyIdBytes + 4 + 8, MlKem1024.CiphertextBytes)
        .ToArray();

    private static long NumberInSession(byte[] message) =>
        BinaryPrimitives.ReadInt64LittleEndian(Envelope(message)[(3 + KeyIdBytes + 4)..]);

    private sealed class SettableTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}

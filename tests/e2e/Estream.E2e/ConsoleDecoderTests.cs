using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.E2e;

/// <summary>
/// Compares the library with the console's decoder, which was written from docs/formats/esf.md alone. Over random schemas, values and
/// damage, both return the same values or both reject the message. A test fails here if one implementation differs from the format page.
/// </summary>
public sealed class ConsoleDecoderTests(ConsoleDecoder decoder) : IClassFixture<ConsoleDecoder>
{
    private const int Versions = 3;

    private static readonly int s_messages = LongRun.Count(500, 20_000);

    [PeerTheory("node", "nodejs")]
    [InlineData(1)]
    [InlineData(2)]
    public void Library_and_console_decode_the_same_values(int seed)
    {
        Random random = new(seed);
        Sample[] samples = [.. Enumerable.Range(0, s_messages).Select(_ => Draw(random))];
        foreach ((Sample sample, ConsoleDecoder.Answer answer) in Ask(samples))
        {
            AssertSame(sample, answer);
        }
    }

    [PeerTheory("node", "nodejs")]
    [InlineData(3)]
    [InlineData(4)]
    public void Library_and_console_reject_the_same_damaged_messages(int seed)
    {
        Random random = new(seed);
        Sample[] samples = [.. Enumerable.Range(0, s_messages).Select(_ => Draw(random)).Select(sample =>
            sample with { Message = [.. sample.Message[..8], .. Damage.Of(random, sample.Message[8..], EsfMessageHeader.Length - 8)] })];
        int refused = 0;
        foreach ((Sample sample, ConsoleDecoder.Answer answer) in Ask(samples))
        {
            if (EsfValidator.Check(sample.Schema, sample.Message) is { IsOk: false } status)
            {
                Assert.True(answer.Fault is not null, $"{sample}: the console reads {answer.Json}, the library says {status}");
                refused++;
            }
            else
            {
                AssertSame(sample, answer);
            }
        }

        Assert.InRange(refused, s_messages / 10, s_messages * 9 / 10);
    }

    /// <summary>The versions of a schema add fields at any depth, and enum values. Half of the messages are sealed and read without a
    /// key.</summary>
    [PeerFact("node", "nodejs")]
    public void A_reader_of_another_version_sees_the_common_fields()
    {
        Random random = new(5);
        List<Sample> samples = [];
        List<string> expected = [];
        int others = 0;
        for (int i = 0; i < s_messages; i++)
        {
            EsfSchema[] versions = [.. One(HistoryGen.Versions(Versions), random).Select(version => new EsfSchema(version))];
            EsfSchema writer = versions[random.Next(Versions)];
            EsfSchema reader = versions[random.Next(Versions)];
            Sample written = Draw(writer, random);
            string common = CommonPart.Of(Print(written), writer.Definition.Record, reader.Definition.Record, out _);
            bool isSealed = i % 2 == 0;
            samples.Add((isSealed ? Seal(written) : written) with { Schema = reader });
            expected.Add(isSealed ? Redaction.Of(common, reader.Definition.Record, []) : common);
            others += writer.Id == reader.Id ? 0 : 1;
        }

        foreach (((Sample sample, ConsoleDecoder.Answer answer), string json) in Ask([.. samples]).Zip(expected))
        {
            Assert.Equal(json, Print(sample));
            Assert.True(answer.Json is not null, $"{sample}: rejected as {answer.Fault}");
            using JsonDocument known = JsonDocument.Parse(json);
            using JsonDocument answered = JsonDocument.Parse(answer.Json);
            Assert.True(IsSame(known.RootElement, answered.RootElement), $"{sample}: expected {json}, the console reads {answer.Json}");
        }

        Assert.InRange(others, s_messages / 4, s_messages);
        Assert.InRange(expected.Count(json => json.Contains(Redaction.Withheld, StringComparison.Ordinal)), s_messages / 20,
            s_messages / 2);
    }

    private IEnumerable<(Sample Sample, ConsoleDecoder.Answer Answer)> Ask(Sample[] samples) => samples.Zip(decoder.Decode(
        [.. samples.Select(sample =>
            new ConsoleDecoder.Question(sample.Schema.Definition.CanonicalText, Convert.ToHexStringLower(sample.Message)))]));

    private static void AssertSame(Sample sample, ConsoleDecoder.Answer answer)
    {
        Assert.True(answer.Json is not null, $"{sample}: the library reads {Print(sample)}, the console says {answer.Fault}");
        Assert.Equal(Print(sample), Respell(sample, answer.Json));
    }

    [PeerFact("node", "nodejs")]
    public void Library_and_console_withhold_private_fields_and_reject_damaged_sealed_messages()
    {
        Random random = new(6);
        Sample[] samples = [.. Enumerable.Range(0, s_messages).Select(_ => Seal(Draw(random)))
            .Select((sample, i) => i % 2 == 0 ? sample : Damaged(random, sample))];
        int refused = 0;
        int withheld = 0;
        foreach ((Sample sample, ConsoleDecoder.Answer answer) in Ask(samples))
        {
            if (EsfValidator.Check(sample.Schema, sample.Message) is { IsOk: false } status)
            {
                Assert.True(answer.Fault is not null, $"{sample}: the console reads {answer.Json}, the library says {status}");
                refused++;
            }
            else
            {
                AssertSame(sample, answer);
                withheld += answer.Json!.Contains(Redaction.Withheld, StringComparison.Ordinal) ? 1 : 0;
            }
        }

        Assert.InRange(refused, s_messages / 20, s_messages / 2);
        Assert.InRange(withheld, s_messages / 10, s_messages);
    }

    private static Sample Seal(Sample sample)
    {
        using EsfSealer sealer = new(sample.Schema, TestKeys.Public, null, new FakeVault());
        byte[] destination = new byte[sealer.MaxSealedLength(sample.Message.Length)];
        EsfStatus status = sealer.Seal(sample.Message, destination, out int written);
        Assert.True(status.IsOk, $"{sample}: {status}");
        return sample with { Message = destination[..written] };
    }

    /// <summary>Most of a sealed message is ciphertext, which neither decoder reads, so the records and the end of the envelope are
    /// damaged more often.</summary>
    private static Sample Damaged(Random random, Sample sample)
    {
        byte[] message = [.. sample.Message];
        int envelope = message[15] == 0
            ? message.Length
            : message.Length - System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(message.Length - 4));
        int at = random.Next(4) switch
        {
            0 => random.Next(8, message.Length),
            1 => Math.Min(envelope + random.Next(20), message.Length - 1),
            2 => message.Length - 1 - random.Next(4),
            _ => random.Next(12, envelope),
        };
        message[at] ^= (byte)(1 << random.Next(8));
        return sample with { Message = random.Next(8) == 0 ? message[..random.Next(EsfMessageHeader.Length, message.Length)] : message };
    }

    /// <summary>Returns the same values with the library's spelling of numbers and escapes, by encoding the answer and printing
    /// it.</summary>
    private static string Respell(Sample sample, string json)
    {
        if (json.Contains(Redaction.Withheld, StringComparison.Ordinal))
        {
            // Withheld values cannot be encoded, so the values are compared as they are.
            string own = Print(sample);
            using JsonDocument known = JsonDocument.Parse(own);
            using JsonDocument answered = JsonDocument.Parse(json);
            return IsSame(known.RootElement, answered.RootElement) ? own : json;
        }

        byte[] message = new byte[(json.Length * 8) + 65_536];
        EsfStatus status = EsfJson.TryEncode(sample.Schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, $"{sample}: {json} does not encode: {status}");
        return Print(sample with { Message = message[..length] });
    }

    /// <summary>Whether two texts have the same values. A single-precision number can have two shortest spellings, and each side chooses
    /// its own.</summary>
    private static bool IsSame(JsonElement known, JsonElement answered) => (known.ValueKind, answered.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.Object) => known.GetPropertyCount() == answered.GetPropertyCount()
            && known.EnumerateObject()
                .All(member => answered.TryGetProperty(member.Name, out JsonElement other) && IsSame(member.Value, other)),
        (JsonValueKind.Array, JsonValueKind.Array) => known.GetArrayLength() == answered.GetArrayLength()
            && known.EnumerateArray().Zip(answered.EnumerateArray()).All(pair => IsSame(pair.First, pair.Second)),
        (JsonValueKind.Number, JsonValueKind.Number) when IsOfSingle(known) => known.GetSingle().Equals(answered.GetSingle()),
        _ => JsonElement.DeepEquals(known, answered),
    };

    /// <summary>Whether a number may be a single: nine digits are enough for a single, and the library writes integers without a point or
    /// an exponent.</summary>
    private static bool IsOfSingle(JsonElement known)
    {
        string[] parts = known.GetRawText().Split('E');
        bool isFloat = parts.Length > 1 || parts[0].Contains('.', StringComparison.Ordinal);
        return isFloat && parts[0].Count(char.IsAsciiDigit) <= 9 && float.IsFinite(known.GetSingle()) && known.GetSingle() != 0;
    }

    private static string Print(Sample sample)
    {
        ArrayBufferWriter<byte> output = new();
        EsfStatus status = EsfJson.WriteJson(sample.Schema, sample.Message, output, EsfDisclosure.Disclosed);
        Assert.True(status.IsOk, $"{sample}: {status}");
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static Sample Draw(Random random) => Draw(new EsfSchema(One(SchemaGen.Schema, random)), random);

    private static Sample Draw(EsfSchema schema, Random random)
    {
        byte[] json = Encoding.UTF8.GetBytes(One(JsonGen.Record(schema.Definition.Record), random));
        byte[] message = new byte[1 << 18];
        EsfStatus status = EsfJson.TryEncode(schema, json, message, out int length);
        Assert.True(status.IsOk, status.Describe(json));
        return new Sample(schema, message[..length]);
    }

    private static T One<T>(Gen<T> gen, Random random) => gen.Sample(1, new Rnd((ulong)random.NextInt64(), 1), 10).Single();

    private sealed record Sample(EsfSchema Schema, byte[] Message)
    {
        public override string ToString() => $"{Schema.Definition.CanonicalText} {Convert.ToHexStringLower(Message)}";
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests;

/// <summary>
/// Passes messages and JSON with random damage to the validator, field access and the JSON writer. The result must always be a status: any
/// exception fails the test, and a message that passes the validator must print and encode again. The schema is generated, or sometimes the
/// telemetry of the pack. Half the messages are of another version than the schema that reads them. A failure prints its seed.
/// </summary>
public sealed class MutationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_messages_yield_a_status_and_no_exception(int seed)
    {
        Random random = new(seed);
        ArrayBufferWriter<byte> output = new(1 << 16);
        int mutations = LongRun.Count(50_000, 1_000_000);
        for (int i = 0; i < mutations;)
        {
            (EsfSchema schema, byte[] message, _) = random.Next(2) == 0 ? Sample(random, i) : SampleOfAnotherVersion(random);
            for (int j = 0; j < 100; j++, i++)
            {
                byte[] damaged = Damage.Of(random, message, EsfMessageHeader.Length);
                try
                {
                    Examine(schema, damaged, output);
                }
                catch (Exception e) when (e is not Xunit.Sdk.XunitException)
                {
                    Assert.Fail($"seed {seed}, mutation {i}, {schema.Definition.CanonicalText}, {Convert.ToHexString(damaged)}: {e}");
                }
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Damaged_json_yields_a_status_and_no_exception(int seed)
    {
        Random random = new(seed);
        byte[] destination = new byte[1 << 16];
        int mutations = LongRun.Count(50_000, 1_000_000);
        int refused = 0;
        for (int i = 0; i < mutations;)
        {
            (EsfSchema schema, _, byte[] json) = Sample(random, i);
            for (int j = 0; j < 100; j++, i++)
            {
                byte[] damaged = Damage.Of(random, json, 0);
                try
                {
                    EsfStatus status =
                        EsfJson.TryEncode(schema, damaged, destination.AsSpan(0, random.Next(destination.Length)), out int length);
                    refused += status.IsOk ? 0 : 1;
                    Assert.NotEmpty(status.Describe(damaged));
                    Assert.True(!status.IsOk || EsfValidator.Check(schema, destination.AsSpan(0, length)).IsOk);
                }
                catch (Exception e) when (e is not Xunit.Sdk.XunitException)
                {
                    Assert.Fail($"seed {seed}, mutation {i}, {schema.Definition.CanonicalText}, {Convert.ToHexString(damaged)}: {e}");
                }
            }
        }

        Assert.InRange(refused, mutations / 4, mutations);
    }

    private static void Examine(EsfSchema schema, byte[] message, ArrayBufferWriter<byte> output)
    {
        output.ResetWrittenCount();
        EsfStatus status = EsfJson.WriteJson(schema, message, output, EsfDisclosure.Disclosed);
        Assert.Equal(status.IsOk, EsfValidator.Check(schema, message).IsOk);
        Span<byte> text = stackalloc byte[256];
        foreach (EsfField field in schema.Fields)
        {
            field.TryGetBytes(message, out _);
            field.TryGetInt64(message, out _);
            field.TryGetDouble(message, out _);
            field.TryFormat(message, text, out _);
        }

        if (!status.IsOk)
        {
            Assert.Equal(0, output.WrittenCount);
            Assert.NotEmpty(status.ToString());
            return;
        }

        // Every byte of a message is printed at most once, as a value of a few characters or with the names of a record.
        Assert.InRange(output.WrittenCount, 2, message.Length * (schema.Definition.CanonicalText.Length + 64L));
        byte[] again = new byte[(output.WrittenCount * 8) + 4096];
        EsfStatus encoded = EsfJson.TryEncode(schema, output.WrittenSpan, again, out int length);
        if (BinaryPrimitives.ReadUInt64LittleEndian(message) != schema.Id && encoded.Error is EsfError.WrongType or EsfError.InvalidKey)
        {
            // A value is the ordinal of an enum value that only a later version has, so the JSON cannot be encoded again.
            return;
        }

        if (encoded.Error == EsfError.Withheld)
        {
            // The damage marked a private value as sealed, so the JSON has no value to encode.
            return;
        }

        Assert.True(encoded.IsOk, encoded.Describe(output.WrittenSpan));
        Assert.Equal(Encoding.UTF8.GetString(output.WrittenSpan), Schemas.Print(schema, again.AsSpan(0, length)));
    }

    private static (EsfSchema Schema, byte[] Message, byte[] Json) Sample(Random random, int i)
    {
        if (i % 200 == 0)
        {
            const string Json =
                """{"device_id":"pump-7","timestamp":1,"metric_name":"m","value":1,"unit":"C","quality":3,"location":{"latitude":1,"longitude":2},"metadata":{"a":"1","b":"2"}}""";
            return (Schemas.Telemetry, Schemas.Encode(Schemas.Telemetry, Json), Encoding.UTF8.GetBytes(Json));
        }

        MessageSchema definition = One(SchemaGen.Schema, random);
        string json = One(JsonGen.Record(definition.Record), random);
        EsfSchema schema = new(definition);
        return (schema, Schemas.Encode(schema, json), Encoding.UTF8.GetBytes(json));
    }

    private static (EsfSchema Schema, byte[] Message, byte[] Json) SampleOfAnotherVersion(Random random)
    {
        MessageSchema[] history = One(HistoryGen.Versions(3), random);
        MessageSchema written = history[random.Next(history.Length)];
        string json = One(JsonGen.Record(written.Record), random);
        return (new EsfSchema(history[random.Next(history.Length)]), Schemas.Encode(new EsfSchema(written), json),
            Encoding.UTF8.GetBytes(json));
    }

    private static T One<T>(Gen<T> gen, Random random) =>
        gen.Sample(1, new Rnd((ulong)random.NextInt64(), 1), 10).Single();
}

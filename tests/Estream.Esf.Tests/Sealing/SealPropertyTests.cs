using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests.Sealing;

/// <summary>Properties of every schema with private fields and every value. A reader with a key reads the private values sealed for the
/// key; a reader without a key reads only public values.</summary>
public sealed class SealPropertyTests
{
    private static readonly Gen<SchemaCase> s_case =
        from schema in SchemaGen.Schema
        where schema.Record.HasPrivateFields || schema.Record.HasTokenizedFields
        from json in JsonGen.Record(schema.Record)
        select new SchemaCase(schema, json);

    private static readonly string[][] s_subsets =
        [.. Enumerable.Range(0, 1 << TestKeys.Audiences.Length)
            .Select(bits => TestKeys.Audiences.Where((_, i) => (bits >> i & 1) != 0).ToArray())];

    [Property(200, 5_000, Arbitrary = [typeof(Cases)])]
    public void Reader_sees_its_own_values_and_the_others_as_withheld(SchemaCase c)
    {
        EsfSchema schema = new(c.Schema);
        byte[] sealedMessage = Seal(schema, c.Json, out byte[] message);
        string nothing = Redaction.Of(c.Json, schema.Definition.Record, []);
        Assert.Equal(nothing, Schemas.Print(schema, sealedMessage));
        Assert.Equal(Redaction.OfClear(c.Json, schema.Definition.Record), Redacted(schema, message));
        foreach (string[] audiences in s_subsets)
        {
            using EsfKeyRing ring = TestKeys.RingOf(audiences);
            using EsfUnsealer unsealer = new(schema, ring);
            EsfStatus status = unsealer.Open(sealedMessage, out ReadOnlySpan<byte> opened, out int withheld);
            Assert.True(status.IsOk, status.ToString());
            string expected = Redaction.Of(c.Json, schema.Definition.Record, audiences);
            Assert.Equal(expected, Schemas.Print(schema, opened));
            Assert.Equal(nothing, Redacted(schema, opened));
            Assert.Equal(CountWithheld(expected), withheld);
            using EsfUnsealer withCards = new(schema, ring, VaultOf(schema, message));
            Assert.True(withCards.Open(sealedMessage, out opened, out _).IsOk);
            Assert.Equal(Redaction.WithCards(c.Json, schema.Definition.Record, audiences), Schemas.Print(schema, opened));
            Assert.Equal(Redaction.OfClear(c.Json, schema.Definition.Record), Redacted(schema, opened));
        }
    }

    [Property(200, 5_000, Arbitrary = [typeof(Cases)])]
    public void CheckStored_accepts_a_sealed_message_and_rejects_plaintext(SchemaCase c)
    {
        EsfSchema schema = new(c.Schema);
        byte[] sealedMessage = Seal(schema, c.Json, out byte[] message);
        Assert.True(EsfValidator.CheckStored(schema, sealedMessage).IsOk);
        bool hasPrivate = Redaction.WithCards(c.Json, schema.Definition.Record, []) != c.Json;
        bool hasCard = Redaction.Of(c.Json, schema.Definition.Record, TestKeys.Audiences) != c.Json;
        Assert.Contains(EsfValidator.CheckStored(schema, message).Error, Refusals(hasPrivate, hasCard));
        Assert.Equal(hasPrivate, EsfMessageHeader.TryRead(sealedMessage, out EsfMessageHeader header) && header.IsSealed);
        Assert.Equal(schema.Id, header.SchemaId);
    }

    [Property(200, 5_000, Arbitrary = [typeof(Cases)])]
    public void Seal_leaves_a_destination_one_byte_short_empty(SchemaCase c)
    {
        EsfSchema schema = new(c.Schema);
        byte[] sealedMessage = Seal(schema, c.Json, out byte[] message);
        using EsfSealer sealer = new(schema, TestKeys.Public, null, new FakeVault());
        byte[] destination = new byte[sealedMessage.Length];
        Assert.True(sealer.Seal(message, destination.AsSpan(1), out int written).IsDestinationTooSmall);
        Assert.Equal(0, written);
        Assert.All(destination, b => Assert.Equal(0, b));
        Assert.True(sealer.Seal(message, destination, out written).IsOk);
        Assert.Equal(sealedMessage.Length, written);
    }

    [Property(60, 2_000, Arbitrary = [typeof(Cases)])]
    public void Each_version_opens_what_each_other_version_sealed(VersionedCase c)
    {
        using EsfKeyRing ring = TestKeys.RingOf(TestKeys.Audiences);
        EsfSchema[] versions = [.. c.History.Select(definition => new EsfSchema(definition))];
        for (int writer = 0; writer < versions.Length; writer++)
        {
            byte[] message = Seal(versions[writer], c.Json[writer], out _);
            foreach (EsfSchema reader in versions)
            {
                string common =
                    CommonPart.Of(c.Json[writer], versions[writer].Definition.Record, reader.Definition.Record, out bool numbersEnums);
                Assert.True(reader.Matches(message));
                Assert.True(EsfValidator.CheckStored(reader, message).IsOk);
                Assert.Equal(Redaction.Of(common, reader.Definition.Record, TestKeys.Audiences), SealCase.Print(reader, message, ring));
                if (!numbersEnums)
                {
                    Assert.Equal(Redaction.Of(common, reader.Definition.Record, []), Schemas.Print(reader, message));
                }
            }
        }
    }

    [Fact]
    public void Damaged_sealed_message_yields_a_status_or_unchanged_values()
    {
        Random random = new(11);
        using EsfKeyRing ring = TestKeys.RingOf(TestKeys.Audiences);
        int refused = 0;
        int rounds = LongRun.Count(100, 5_000);
        for (int round = 0; round < rounds; round++)
        {
            SchemaCase c = s_case.Sample(1, new Rnd((ulong)random.NextInt64(), 1), 10).Single();
            EsfSchema schema = new(c.Schema);
            byte[] message = Seal(schema, c.Json, out _);
            using EsfUnsealer unsealer = new(schema, ring);
            for (int i = 0; i < 100; i++)
            {
                byte[] damaged = Damage.Of(random, message, 0);
                EsfStatus status = unsealer.Open(damaged, out ReadOnlySpan<byte> opened, out _);
                refused += status.IsOk ? 0 : 1;
                Assert.NotEmpty(status.ToString());
                Assert.True(!status.IsOk || EsfValidator.Check(schema, opened).IsOk, $"{c}: {Convert.ToHexString(damaged)}");
                Assert.True(status.IsOk || opened.IsEmpty);
            }
        }

        Assert.InRange(refused, rounds * 40, rounds * 100);
    }

    private static byte[] Seal(EsfSchema schema, string json, out byte[] message)
    {
        message = Schemas.Encode(schema, json);
        using EsfSealer sealer = new(schema, TestKeys.Public, null, new FakeVault());
        byte[] sealedMessage = sealer.SealOrFail(message);
        Assert.True(sealedMessage.Length <= sealer.MaxSealedLength(message.Length));
        return sealedMessage;
    }

    /// <summary>Returns a vault that has the tokens of a message.</summary>
    private static FakeVault VaultOf(EsfSchema schema, byte[] message)
    {
        FakeVault vault = new();
        using EsfSealer sealer = new(schema, TestKeys.Public, null, vault);
        sealer.SealOrFail(message);
        return vault;
    }

    private static EsfError[] Refusals(bool hasPrivate, bool hasCard) => (hasPrivate, hasCard) switch
    {
        (false, false) => [EsfError.None],
        (true, false) => [EsfError.Unsealed],
        (false, true) => [EsfError.Untokenized],
        _ => [EsfError.Unsealed, EsfError.Untokenized],
    };

    private static string Redacted(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        Assert.True(EsfJson.WriteJson(schema, message, buffer).IsOk);
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static int CountWithheld(string json) =>
        (json.Length - json.Replace(Redaction.Withheld, "", StringComparison.Ordinal).Length) / Redaction.Withheld.Length;

    /// <summary>A schema with private or tokenized fields, and a value of it.</summary>
    public sealed record SchemaCase(MessageSchema Schema, string Json)
    {
        public override string ToString() => Schema.CanonicalText + " " + Json;
    }

    /// <summary>Versions of a schema, and a value of each.</summary>
    public sealed record VersionedCase(MessageSchema[] History, string[] Json)
    {
        /// <inheritdoc/>
        public override string ToString() => string.Join('\n', History.Zip(Json, (version, json) => version.CanonicalText + " " + json));
    }

    /// <summary>Schemas with private or tokenized fields, and histories of any schema.</summary>
    public static class Cases
    {
        /// <summary>One version.</summary>
        public static Arbitrary<SchemaCase> OneVersion() => s_case.ToArbitrary();

        /// <summary>Three versions.</summary>
        public static Arbitrary<VersionedCase> Versions() =>
            (from versions in HistoryGen.Versions(3)
             from json in Gen.CollectToArray(versions, version => JsonGen.Record(version.Record))
             select new VersionedCase(versions, json)).ToArbitrary();
    }
}

using System.Text;
using Estream.Core;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Generator.Tests;

/// <summary>Compiled readers of every version on messages of every version, for schemas with random changes.</summary>
public sealed class VersionMatrixTests
{
    private const int Versions = 3;
    private const int SchemasAtOnce = 6;
    private const int MessagesPerVersion = 12;

    private static readonly FakeVault s_vault = new();
    private static readonly int s_damages = LongRun.Count(60, 2_000);

    // Compilation takes most of the time, so all tests share the compiled programs.
    private static readonly Lazy<CompiledHistory[]> s_histories = new(() =>
        [.. Enumerable.Range(0, LongRun.Count(1, 8))
            .Select(_ => new CompiledHistory([.. Gen.Sample(HistoryGen.Versions(Versions), SchemasAtOnce)]))]);

    [Fact]
    public void Every_version_reads_messages_of_every_other_version()
    {
        int differing = 0;
        foreach ((CompiledHistory history, int s, int writer, byte[] message) in Messages(MessagesPerVersion))
        {
            for (int reader = 0; reader < Versions; reader++)
            {
                int known = Math.Min(writer, reader);
                string expected = history.Print(s, writer, known, message);
                AssertSame(expected, history.Print(s, reader, known, message), history, s, writer, reader);
                if (writer <= reader)
                {
                    // Fields appended later are absent, so a later reader prints only the fields that the writer knew.
                    AssertSame(expected, history.Print(s, reader, reader, message), history, s, writer, reader);
                }

                differing += history.Schemas[s][writer].Id == history.Schemas[s][reader].Id ? 0 : 1;
            }
        }

        Assert.InRange(differing, MessagesPerVersion, int.MaxValue);
    }

    /// <summary>Because the bytes are the same, readers of every version read the messages of compiled writers in the same way as the
    /// messages of dynamic code.</summary>
    [Fact]
    public void Writers_of_every_version_write_the_same_bytes_as_dynamic_code()
    {
        foreach ((CompiledHistory history, int s, int version, byte[] message) in Messages(MessagesPerVersion))
        {
            string expected = Convert.ToHexString(message);
            string written = Convert.ToHexString(history.Write(s, version, message));
            Assert.True(expected == written, $"{history.Schemas[s][version].CanonicalText}\nexpected {expected}\nwritten {written}");
        }
    }

    [Fact]
    public void Sealed_messages_are_complete_with_keys_and_withhold_private_values_without()
    {
        using EsfKeyRing ring = TestKeys.RingOf(TestKeys.Audiences);
        int sealedOnes = 0;
        foreach ((CompiledHistory history, int s, int writer, byte[] message) in Messages(MessagesPerVersion))
        {
            byte[] sealedMessage = Seal(new EsfSchema(history.Schemas[s][writer]), message);
            for (int reader = 0; reader < Versions; reader++)
            {
                using EsfUnsealer unsealer = new(new EsfSchema(history.Schemas[s][reader]), ring, s_vault);
                Assert.True(unsealer.Open(sealedMessage, out ReadOnlySpan<byte> opened, out _).IsOk);
                string expected = history.Print(s, reader, reader, message);
                AssertSame(expected, history.Print(s, reader, reader, opened.ToArray()), history, s, writer, reader);
                string withheld = history.Print(s, reader, reader, sealedMessage);
                Assert.Equal(EsfValidator.CheckStored(new EsfSchema(history.Schemas[s][reader]), message).IsOk, withheld == expected);
                sealedOnes += withheld.Contains('~', StringComparison.Ordinal) ? 1 : 0;
            }
        }

        Assert.InRange(sealedOnes, 1, int.MaxValue);
    }

    [Fact]
    public void Damaged_messages_of_other_versions_cause_only_typed_exceptions()
    {
        Random random = new(7);
        int refused = 0;
        int read = 0;
        foreach ((CompiledHistory history, int s, int writer, byte[] message) in Messages(2))
        {
            byte[] sealedMessage = Seal(new EsfSchema(history.Schemas[s][writer]), message);
            for (int i = 0; i < s_damages; i++)
            {
                byte[] damaged = Damage(random, i % 2 == 0 ? message : sealedMessage);
                int reader = random.Next(Versions);
                try
                {
                    history.Print(s, reader, reader, damaged);
                    read++;
                }
                catch (Exception e) when (e is EstreamCorruptionException or EstreamFormatException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > 0 && read > 0, $"{refused} refused, {read} read");
    }

    // Histories are random in every run, so a failure must print them.
    private static void AssertSame(string expected, string read, CompiledHistory history, int schema, int writer, int reader)
    {
        string versions =
            $"written by {history.Schemas[schema][writer].CanonicalText}\nread by {history.Schemas[schema][reader].CanonicalText}";
        Assert.True(expected == read, $"{versions}\nexpected {expected}\nread {read}");
    }

    private static IEnumerable<(CompiledHistory History, int Schema, int Writer, byte[] Message)> Messages(int perVersion)
    {
        foreach (CompiledHistory history in s_histories.Value)
        {
            for (int s = 0; s < SchemasAtOnce; s++)
            {
                for (int writer = 0; writer < Versions; writer++)
                {
                    EsfSchema schema = new(history.Schemas[s][writer]);
                    foreach (string json in Gen.Sample(JsonGen.Record(schema.Definition.Record), perVersion))
                    {
                        yield return (history, s, writer, Encode(schema, json));
                    }
                }
            }
        }
    }

    /// <summary>Changes bytes anywhere, often in the fixed length, and truncates some messages.</summary>
    private static byte[] Damage(Random random, byte[] message)
    {
        byte[] damaged = random.Next(4) == 0 ? message[..random.Next(EsfMessageHeader.Length, message.Length + 1)] : [.. message];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = random.Next(3) == 0 ? random.Next(12, 14) : random.Next(damaged.Length);
            damaged[at] =
                random.Next(3) switch { 0 => 0xff, 1 => (byte)random.Next(256), _ => (byte)(damaged[at] ^ (1 << random.Next(8))) };
        }

        return damaged;
    }

    private static byte[] Seal(EsfSchema schema, byte[] message)
    {
        using EsfSealer sealer = new(schema, TestKeys.Public, null, s_vault);
        byte[] destination = new byte[sealer.MaxSealedLength(message.Length)];
        EsfStatus status = sealer.Seal(message, destination, out int written);
        Assert.True(status.IsOk, status.ToString());
        return destination[..written];
    }

    private static byte[] Encode(EsfSchema schema, string json)
    {
        byte[] buffer = new byte[1 << 20];
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), buffer, out int length);
        Assert.True(status.IsOk, status.ToString());
        return buffer[..length];
    }
}

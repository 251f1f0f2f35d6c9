using System.Buffers;
using Esf.Generator.Hidden;
using Estream.Core;
using Estream.Esf.Tests.Generation;
using Estream.Testing;
using Microsoft.Win32.SafeHandles;
using Test.GeneratedCode;
using Test.Growing;

namespace Estream.Esf.Generator.Tests;

/// <summary>
/// Damaged messages and JSON at the end of readable memory. A reader that reads a byte too far crashes the test process. In other memory
/// such a reader would read unrelated bytes, and no test would notice.
/// </summary>
public sealed class EndOfMemoryTests : IDisposable
{
    private readonly GuardedMemory _input = new();
    private readonly GuardedMemory _output = new();
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly EsfKeyRing _ring = TestKeys.RingOf(TestKeys.Audiences);

    public void Dispose()
    {
        _ring.Dispose();
        _input.Dispose();
        _output.Dispose();
    }

    [Fact]
    public void Guarded_memory_is_not_readable_beyond_its_end()
    {
        // The kernel reads the memory here: it reports an error for a read that would crash this process.
        using TempDirectory directory = new();
        using SafeFileHandle file = File.OpenHandle(directory.Combine("copy"), FileMode.CreateNew, FileAccess.Write);
        RandomAccess.Write(file, _input.Last(1), 0);
        Assert.ThrowsAny<IOException>(() => RandomAccess.Write(file, _input.Forbidden[..1], 1));
        Assert.Equal(1, RandomAccess.GetLength(file));
    }

    [Fact]
    public void Readers_do_not_read_beyond_a_damaged_message() =>
        ReadDamaged(1, Everything.Schema, [HostileMessages.OfEverything()], WithFixedBlock(Everything.FixedLength),
            HostileMessages.ReadEverything);

    [Fact]
    public void Readers_do_not_read_beyond_a_damaged_message_with_private_fields() =>
        ReadDamaged(2, Admission.Schema, HostileMessages.OfAdmission(), WithFixedBlock(Admission.FixedLength),
            HostileMessages.ReadAdmission);

    [Fact]
    public void Readers_do_not_read_beyond_a_damaged_message_with_private_collections() =>
        ReadDamaged(3, Visits.Schema, HostileMessages.OfVisits(), WithFixedBlock(Visits.FixedLength), HostileMessages.ReadVisits);

    [Fact]
    public void Readers_do_not_read_beyond_a_damaged_message_of_another_version() =>
        ReadDamaged(5, Trip.Schema, GrowingViewTests.EveryVersion(), HostileMessages.DamageAnywhere, HostileMessages.ReadTrip);

    [Fact]
    public void Encoder_does_not_read_beyond_damaged_JSON_or_write_beyond_its_destination()
    {
        Random random = new(4);
        Assert.True(EsfJson.WriteJson(Everything.Schema, HostileMessages.OfEverything(), _json).IsOk);
        byte[] json = _json.WrittenSpan.ToArray();
        int written = 0;
        int mutations = LongRun.Count(20_000, 1_000_000);
        for (int i = 0; i < mutations; i++)
        {
            // The destination is often a few bytes short, and nothing may be written after it.
            EsfStatus status = EsfJson.TryEncode(Everything.Schema, _input.Copy(Damage.Of(random, json, 0)), _output.Last(random.Next(700)),
                out int length);
            Assert.Equal(status.IsOk, length > 0);
            written += status.IsOk ? 1 : 0;
        }

        Assert.InRange(written, 1, mutations - 1);
    }

    [Fact]
    public void Text_is_read_and_written_exactly_to_its_last_byte()
    {
        for (int length = 0; length < 600; length++)
        {
            byte[] text = [.. Enumerable.Repeat((byte)'a', length)];
            Everything.Writer writer = Everything.Write(_output.Last(Everything.FixedLength + length));
            writer.Text = _input.Copy(text);
            Assert.Equal(Everything.FixedLength + length, writer.Length);
            Assert.True(Everything.View.Of(_output.Last(Everything.FixedLength + length)).Text.SequenceEqual(text));
        }
    }

    private static Func<Random, byte[], byte[]> WithFixedBlock(int fixedLength) => (random, message) =>
        random.Next(2) == 0 ? HostileMessages.Damage(random, message, fixedLength) : Damage.Of(random, message, EsfMessageHeader.Length);

    private void ReadDamaged(int seed, EsfSchema schema, byte[][] messages, Func<Random, byte[], byte[]> damage,
        Func<ReadOnlySpan<byte>, long> readView)
    {
        Random random = new(seed);
        using EsfUnsealer unsealer = new(schema, _ring);
        int corrupt = 0;
        int mutations = LongRun.Count(10_000, 1_000_000);
        for (int i = 0; i < mutations; i++)
        {
            ReadOnlySpan<byte> message = _input.Copy(damage(random, messages[random.Next(messages.Length)]));
            ReadFields(schema, message);
            EsfStatus status = EsfValidator.Check(schema, message);
            _ = EsfValidator.CheckStored(schema, message);
            _json.ResetWrittenCount();
            Assert.Equal(status.IsOk, EsfJson.WriteJson(schema, message, _json, EsfDisclosure.Disclosed).IsOk);
            bool isOpened = unsealer.Open(message, out _, out _).IsOk;
            Assert.True(status.IsOk || !isOpened);
            try
            {
                _ = readView(message);
            }
            catch (Exception e) when (e is EstreamCorruptionException or EstreamFormatException)
            {
                corrupt++;
            }
        }

        Assert.InRange(corrupt, 1, mutations - 1);
    }

    private static void ReadFields(EsfSchema schema, ReadOnlySpan<byte> message)
    {
        Span<byte> text = stackalloc byte[256];
        foreach (EsfField field in schema.Fields)
        {
            _ = field.TryGetInt64(message, out _);
            _ = field.TryGetUInt64(message, out _);
            _ = field.TryGetDouble(message, out _);
            _ = field.TryFormat(message, text, out _);
            if (field.TryGetBytes(message, out ReadOnlySpan<byte> value))
            {
                // Reads the last byte, because a region may begin inside the message and end beyond the message.
                _ = value.Length > 0 ? value[^1] : 0;
            }
        }
    }
}

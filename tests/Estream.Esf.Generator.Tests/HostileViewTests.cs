using System.Buffers.Binary;
using Esf.Generator.Hidden;
using Estream.Core;
using Estream.Testing;
using Test.GeneratedCode;

namespace Estream.Esf.Generator.Tests;

/// <summary>
/// Generated views on bytes that were not validated. Every read stays inside the message, and returns a value or throws one of the two
/// typed exceptions.
/// </summary>
public sealed class HostileViewTests
{
    [Fact]
    public void Of_throws_with_a_reason_for_a_foreign_message()
    {
        byte[] message = EverythingTests.Required();
        AssertRefused("it has 3 bytes", message.AsSpan(0, 3).ToArray());
        AssertRefused($"it has {Everything.FixedLength - 1} bytes, but the fixed block needs {Everything.FixedLength}",
            message[..(Everything.FixedLength - 1)]);
        AssertRefused("format version", With(message, 14, 2));
        AssertRefused("format version", With(message, 15, 1));
        byte[] relative = With(message, 0, (byte)(message[0] + 1));
        byte[] shorter = With(relative, 12, (byte)(message[12] - 1));
        AssertRefused("matches no earlier version", shorter);
        AssertRefused("is truncated", With(relative, 13, 0xff));
        AssertRefused("format version", With(relative, 15, 2));
        AssertRefused("another schema", With(With(message, 0, (byte)(message[0] + 1)), 8, (byte)(message[8] + 1)));
        Assert.False(Everything.View.TryOf(shorter, out _));
        Assert.True(Everything.View.TryOf(message, out Everything.View view) && view.Flag);
    }

    [Fact]
    public void View_throws_for_a_reference_out_of_bounds_and_names_the_field()
    {
        byte[] message = EverythingTests.Required();
        int slot = message.AsSpan().IndexOf(Reference(Everything.FixedLength, "häuser"u8.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(slot + 4), uint.MaxValue);
        EstreamCorruptionException e = Assert.Throws<EstreamCorruptionException>(() => Everything.View.Of(message).Text.Length);
        Assert.Contains("Everything.text", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Clears eight bytes at every offset after the header, including the references of all required fields.</summary>
    [Fact]
    public void Zeroed_references_cause_only_typed_exceptions()
    {
        byte[] message = HostileMessages.OfEverything();
        int corrupt = 0;
        for (int at = EsfMessageHeader.Length; at <= message.Length - sizeof(long); at++)
        {
            byte[] damaged = [.. message];
            damaged.AsSpan(at, sizeof(long)).Clear();
            try
            {
                _ = HostileMessages.ReadEverything(damaged);
            }
            catch (EstreamCorruptionException)
            {
                corrupt++;
            }
        }

        Assert.NotEqual(0, corrupt);
        Assert.Throws<InvalidOperationException>(() => Everything.View.Of(EverythingTests.Required()).Place.Label.Length);
    }

    [Fact]
    public void Damaged_messages_cause_only_typed_exceptions() =>
        Hammer(5, LongRun.Count(100_000, 10_000_000), [HostileMessages.OfEverything()], WithFixedBlock(Everything.FixedLength),
            HostileMessages.ReadEverything);

    [Fact]
    public void Damaged_messages_with_private_fields_cause_only_typed_exceptions() =>
        Hammer(6, LongRun.Count(50_000, 10_000_000), HostileMessages.OfAdmission(), WithFixedBlock(Admission.FixedLength),
            HostileMessages.ReadAdmission);

    [Fact]
    public void Damaged_messages_with_private_collections_cause_only_typed_exceptions() =>
        Hammer(7, LongRun.Count(50_000, 10_000_000), HostileMessages.OfVisits(), WithFixedBlock(Visits.FixedLength),
            HostileMessages.ReadVisits);

    /// <summary>For a message of another version, the view takes the length of the fixed block from the message.</summary>
    [Fact]
    public void Damaged_messages_of_other_versions_cause_only_typed_exceptions()
    {
        int mutations = LongRun.Count(100_000, 10_000_000);
        int refused = Hammer(8, mutations, GrowingViewTests.EveryVersion(), HostileMessages.DamageAnywhere, HostileMessages.ReadTrip);
        Assert.InRange(refused, mutations / 20, mutations - (mutations / 50));
    }

    private static Func<Random, byte[], byte[]> WithFixedBlock(int fixedLength) => (random, message) =>
        HostileMessages.Damage(random, message, fixedLength);

    private static int Hammer(int seed, int mutations, byte[][] messages, Func<Random, byte[], byte[]> damage,
        Func<ReadOnlySpan<byte>, long> readAll)
    {
        Random random = new(seed);
        int corrupt = 0;
        for (int i = 0; i < mutations; i++)
        {
            byte[] damaged = damage(random, messages[random.Next(messages.Length)]);
            try
            {
                _ = readAll(damaged);
            }
            catch (Exception e) when (e is EstreamCorruptionException or EstreamFormatException)
            {
                corrupt++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, mutation {i}, {Convert.ToHexString(damaged)}: {e}");
            }
        }

        Assert.InRange(corrupt, mutations / 20, mutations);
        return corrupt;
    }

    private static byte[] With(byte[] message, int at, byte value)
    {
        byte[] copy = [.. message];
        copy[at] = value;
        return copy;
    }

    private static byte[] Reference(int offset, int length)
    {
        byte[] reference = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(reference, offset);
        BinaryPrimitives.WriteInt32LittleEndian(reference.AsSpan(4), length);
        return reference;
    }

    private static void AssertRefused(string expected, byte[] message)
    {
        EstreamFormatException e = Assert.Throws<EstreamFormatException>(() => { Everything.View.Of(message); });
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }
}

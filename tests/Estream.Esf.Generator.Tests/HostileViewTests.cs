using System.Buffers.Binary;
using Estream.Core;
using Estream.Testing;
using Test.GeneratedCode;

namespace Estream.Esf.Generator.Tests;

/// <summary>
/// Generated views over bytes nobody checked: every read stays inside the message and ends in a value or in one of the two
/// typed exceptions.
/// </summary>
public sealed class HostileViewTests
{
    [Fact]
    public void A_message_of_another_schema_says_which_it_is_not()
    {
        byte[] message = EverythingTests.Required();
        AssertRefused("it has 3 bytes", message.AsSpan(0, 3).ToArray());
        AssertRefused($"it has {Everything.FixedLength - 1} bytes and the fixed block takes {Everything.FixedLength}", message[..(Everything.FixedLength - 1)]);
        AssertRefused("format version", With(message, 14, 2));
        AssertRefused("format version", With(message, 15, 1));
        byte[] relative = With(message, 0, (byte)(message[0] + 1));
        byte[] shorter = With(relative, 12, (byte)(message[12] - 1));
        AssertRefused("that of no earlier version", shorter);
        AssertRefused("is cut short", With(relative, 13, 0xff));
        AssertRefused("format version", With(relative, 15, 2));
        AssertRefused("another schema", With(With(message, 0, (byte)(message[0] + 1)), 8, (byte)(message[8] + 1)));
        Assert.False(Everything.View.TryOf(shorter, out _));
        Assert.True(Everything.View.TryOf(message, out Everything.View view) && view.Flag);
    }

    [Fact]
    public void A_reference_out_of_bounds_is_corruption_and_names_its_field()
    {
        byte[] message = EverythingTests.Required();
        int slot = message.AsSpan().IndexOf(Reference(Everything.FixedLength, "häuser"u8.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(slot + 4), uint.MaxValue);
        EstreamCorruptionException e = Assert.Throws<EstreamCorruptionException>(() => Everything.View.Of(message).Text.Length);
        Assert.Contains("Everything.text", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_messages_cause_nothing_but_typed_exceptions()
    {
        byte[] buffer = new byte[2048];
        Everything.Writer writer = EverythingTests.WriteRequired(buffer);
        EverythingTests.WriteCollections(ref writer);
        byte[] message = buffer[..writer.Length];
        Random random = new(5);
        int corrupt = 0;
        int mutations = LongRun.Count(100_000, 2_000_000);
        for (int i = 0; i < mutations; i++)
        {
            byte[] damaged = Damage(random, message);
            try
            {
                ReadAll(damaged);
            }
            catch (Exception e) when (e is EstreamCorruptionException or EstreamFormatException)
            {
                corrupt++;
            }
            catch (InvalidOperationException)
            {
                Assert.False(Everything.View.Of(damaged).HasPlace);
            }
        }

        Assert.InRange(corrupt, mutations / 20, mutations);
    }

    private static byte[] Damage(Random random, byte[] message)
    {
        byte[] damaged = random.Next(4) == 0 ? message[..random.Next(Everything.FixedLength, message.Length)] : [.. message];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = random.Next(EsfMessageHeader.Length, damaged.Length);
            damaged[at] = random.Next(3) switch { 0 => 0xff, 1 => (byte)random.Next(256), _ => (byte)(damaged[at] ^ (1 << random.Next(8))) };
        }

        return damaged;
    }

    private static long ReadAll(ReadOnlySpan<byte> message)
    {
        Everything.View view = Everything.View.Of(message);
        long sum = (view.Flag ? 1 : 0) + (long)view.D + (long)view.State + Sum(view.Hash) + Sum(view.Text) + Sum(view.Raw) + Sum(view.ShortText) + Sum(view.Signature);
        foreach (int number in view.Numbers)
        {
            sum += number;
        }

        foreach (ReadOnlySpan<byte> name in view.Names)
        {
            sum += Sum(name);
        }

        foreach (var row in view.Grid)
        {
            foreach (byte cell in row)
            {
                sum += cell;
            }
        }

        foreach (var tag in view.Tags)
        {
            sum += Sum(tag.Key) + Sum(tag.Value);
        }

        foreach (var state in view.ByState)
        {
            sum += (long)state.Key + state.Value.Count;
        }

        foreach (Everything.PartsItemView part in view.Parts)
        {
            sum += part.Id + Sum(part.Note);
        }

        return sum + (view.Counts.TryGetValue(7, out ulong count) ? (long)count : 0) + view.Place.Inner.Numbers.Count + view.Place.Label.Length;
    }

    private static long Sum(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        foreach (byte b in bytes)
        {
            sum += b;
        }

        return sum;
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

using System.Text;
using System.Text.Unicode;
using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Translation;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Fix.Tests.Codec;

/// <summary>The loads that read a field also cover bytes around it. These bytes must not change the result.</summary>
public class FieldReadingTests
{
    [Property(20_000, 2_000_000, Arbitrary = [typeof(Fields)])]
    public void Number_of_a_field_does_not_depend_on_the_bytes_around_it(Field field)
    {
        for (int decimals = 0; decimals <= FixText.MaxDecimals; decimals += 3)
        {
            bool isNumber = FixText.TryFixed(field.Text, decimals, out long expected);

            Assert.Equal(isNumber, FixText.TryFixed(field.Message, field.Start, field.Length, decimals, out long value));
            Assert.Equal(expected, value);
        }
    }

    [Property(20_000, 2_000_000, Arbitrary = [typeof(Fields)])]
    public void Text_of_a_field_is_checked_without_the_bytes_around_it(Field field)
    {
        Assert.Equal(Utf8.IsValid(field.Text), FixText.IsUtf8(field.Message, field.Start, field.Length));
    }

    [Property(20_000, 2_000_000, Arbitrary = [typeof(Fields)])]
    public void Id_of_a_field_does_not_depend_on_the_bytes_around_it(Field field)
    {
        byte[] expected = new byte[FixIdText.Length];
        byte[] id = new byte[FixIdText.Length];
        id.AsSpan().Fill(0xFF);
        bool isId = FixIdText.TryRead(field.Text, expected);

        Assert.Equal(isId, FixIdText.TryRead(field.Message, field.Start, field.Length, id));
        Assert.True(!isId || expected.AsSpan().SequenceEqual(id), Convert.ToHexString(field.Text));
    }

    [Fact]
    public void Text_is_checked_at_every_length_and_position()
    {
        for (int length = 0; length <= 70; length++)
        {
            for (int after = 0; after <= 40; after += after < 3 ? 1 : 37)
            {
                for (int wrong = -1; wrong <= length; wrong++)
                {
                    byte[] text = Encoding.ASCII.GetBytes(new string('a', length));
                    byte[] message = [0xFF, (byte)'=', .. text, .. Enumerable.Repeat((byte)0xFF, after)];
                    if (wrong >= 0 && wrong < length)
                    {
                        message[2 + wrong] = 0x80;
                    }

                    Assert.Equal(wrong < 0 || wrong == length, FixText.IsUtf8(message, 2, length));
                    Assert.Equal(wrong < 0 || wrong == length, Utf8.IsValid(message.AsSpan(2, length)));
                }
            }
        }
    }

    /// <summary>A field inside a message.</summary>
    public sealed record Field(byte[] Message, int Start, int Length)
    {
        /// <summary>The value of the field.</summary>
        public ReadOnlySpan<byte> Text => Message.AsSpan(Start, Length);

        public override string ToString()
        {
            return $"{Convert.ToHexString(Message)}, {Start}, {Length}";
        }
    }

    /// <summary>Fields of all lengths, at the start, in the middle and at the end of short and long messages.</summary>
    public static class Fields
    {
        /// <summary>Values that are mostly numbers, ids or texts, between bytes that would change them.</summary>
        public static Arbitrary<Field> All() =>
            (from alphabet in Gen.Elements("0123456789", "0123456789.", "0123456789.-", "0123456789abcdef", "aZ09-_", "aZ 09~",
                 "\u0001 \u001f\u007f\u00ffa0", "\u00c3\u00a4a")
             from before in Gen.Elements("0123456789.\u0001\u00ff".ToCharArray()).ArrayOf(40)
             from text in Gen.Elements(alphabet.ToCharArray()).ArrayOf(70)
             from after in Gen.Elements("0123456789.\u0001\u00ff".ToCharArray()).ArrayOf(40)
             from start in Gen.Choose(0, 40)
             from isShort in Gen.Choose(0, 3)
             from length in isShort == 0 ? Gen.Choose(0, 70) : Gen.Choose(0, 12)
             from rest in Gen.Choose(0, 40)
             select new Field(
                 [.. Bytes(before, start), (byte)'=', .. Bytes(text, length), .. Bytes(after, rest)], start + 1, length)).ToArbitrary();

        private static byte[] Bytes(char[] text, int count)
        {
            return Encoding.Latin1.GetBytes(text, 0, count);
        }
    }
}

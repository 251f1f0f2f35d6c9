using System.Globalization;
using System.Text;
using Estream.Testing;
using Estream.Wire.Fix.Codec;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Fix.Tests.Codec;

public class EightBytesTests
{
    private const string Text = "abcdefghijkl";

    [Fact]
    public void Of_reads_a_text_of_any_length_padded_with_zeros()
    {
        for (int length = 0; length <= Text.Length; length++)
        {
            Assert.Equal(Text[..Math.Min(length, 8)], Back(EightBytes.Of(Encoding.ASCII.GetBytes(Text[..length]))));
        }
    }

    [Fact]
    public void IndexOf_finds_the_first_occurrence_and_Without_removes_it()
    {
        for (int place = 0; place < 8; place++)
        {
            Assert.Equal(place, EightBytes.IndexOf(Word(Text[..8]), (byte)Text[place]));
            Assert.Equal(Text[..8].Remove(place, 1), Back(EightBytes.Without(Word(Text[..8]), place)));
        }

        Assert.Equal(8, EightBytes.IndexOf(Word(Text[..8]), (byte)'='));
        Assert.Equal(3, EightBytes.IndexOf(Word("123=<=>?"), (byte)'='));
    }

    [Fact]
    public void HasControls_finds_a_control_character_at_any_position()
    {
        for (int place = 0; place < 8; place++)
        {
            for (int value = 0; value < 256; value++)
            {
                Assert.Equal(value < ' ', EightBytes.HasControls(With("abcdefgh", place, value)));
                Assert.Equal(value < ' ', EightBytes.HasControls(With("\u007f\u007f\u007f\u007f\u007f\u007f\u007f\u007f", place, value)));
                Assert.Equal(value < ' ', EightBytes.HasControls(With("        ", place, value)));
            }
        }
    }

    [Fact]
    public void First_and_Fraction_pad_digits_without_changing_the_value()
    {
        for (int count = 1; count <= 8; count++)
        {
            Assert.Equal("12345678"[..count].PadLeft(8, '0'), Back(EightBytes.First(Word("12345678"), count)));
            Assert.Equal("12345678"[..count].PadRight(8, '0'), Back(EightBytes.Fraction(Word("12345678"[..count]), count)));
        }
    }

    [Fact]
    public void TryFourDigits_reads_the_first_digits_and_refuses_other_characters()
    {
        for (int count = 1; count <= 4; count++)
        {
            for (int number = 0; number < (int)Math.Pow(10, count); number++)
            {
                string text = number.ToString($"D{count}", CultureInfo.InvariantCulture);
                Assert.True(EightBytes.TryFourDigits((uint)Word(text + "\u0001=9x"), count, out int value));
                Assert.Equal(number, value);
            }

            for (int place = 0; place < count; place++)
            {
                for (int character = 0; character < 256; character++)
                {
                    bool isDigit = character is >= '0' and <= '9';
                    Assert.Equal(isDigit, EightBytes.TryFourDigits((uint)With("12345678", place, character), count, out _));
                }
            }
        }
    }

    [Property(2_000, 1_000_000, Arbitrary = [typeof(Numbers)])]
    public void TryDigits_reads_any_eight_digits(int number)
    {
        Assert.True(EightBytes.TryDigits(Word(number.ToString("00000000", CultureInfo.InvariantCulture)), out int read));
        Assert.Equal(number, read);
    }

    [Fact]
    public void TryDigits_refuses_any_byte_that_is_not_a_digit()
    {
        for (int place = 0; place < 8; place++)
        {
            for (int value = 0; value < 256; value++)
            {
                Assert.Equal(value is >= '0' and <= '9', EightBytes.TryDigits(With("12345678", place, value), out _));
            }
        }
    }

    [Fact]
    public void TryClock_reads_only_two_digit_fields_with_colons()
    {
        for (int number = 0; number < 1_000_000; number++)
        {
            int hour = number / 1_00_00;
            int minute = number / 1_00 % 1_00;
            int second = number % 1_00;
            ulong text = Two(hour) | (Two(minute) << 24) | (Two(second) << 48) | ((ulong)':' << 16) | ((ulong)':' << 40);
            Assert.True(EightBytes.TryClock(text, out int readHour, out int readMinute, out int readSecond));
            Assert.True(readHour == hour && readMinute == minute && readSecond == second);
        }

        for (int place = 0; place < 8; place++)
        {
            for (int value = 0; value < 256; value++)
            {
                bool isRight = place is 2 or 5 ? value == ':' : value is >= '0' and <= '9';
                Assert.Equal(isRight, EightBytes.TryClock(With("23:59:59", place, value), out _, out _, out _));
            }
        }
    }

    private static ulong Two(int value)
    {
        return (ulong)(('0' + (value / 10)) | (('0' + (value % 10)) << 8));
    }

    private static ulong With(string text, int place, int value)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        bytes[place] = (byte)value;
        return EightBytes.Of(bytes);
    }

    private static ulong Word(string text)
    {
        return EightBytes.Of(Encoding.ASCII.GetBytes(text));
    }

    private static string Back(ulong text)
    {
        return Encoding.ASCII.GetString(BitConverter.GetBytes(text)).TrimEnd('\0');
    }

    /// <summary>Numbers of up to eight digits.</summary>
    public static class Numbers
    {
        /// <summary>Each number is equally likely.</summary>
        public static Arbitrary<int> All() => Gen.Choose(0, 99_999_999).ToArbitrary();
    }
}

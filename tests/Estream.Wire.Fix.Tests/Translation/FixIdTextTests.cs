using System.Text;
using Estream.Testing;
using Estream.Wire.Fix.Translation;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Fix.Tests.Translation;

public class FixIdTextTests
{
    [Theory]
    [InlineData("A", "0141000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("order 1", "076f726465722031000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("f1e1d1c1b1a191817161514131211101f0e0d0c0b0a090807060504030201000",
        "f1e1d1c1b1a191817161514131211101f0e0d0c0b0a090807060504030201000")]
    public void Id_text_is_encoded_as_32_bytes_and_back(string text, string expected)
    {
        Assert.Equal(expected, Convert.ToHexStringLower(Read(text)!));
        Assert.Equal(text, Write(Read(text)!));
    }

    [Theory]
    [InlineData("550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("550E8400-E29B-41D4-A716-446655440000")]
    [InlineData("abcdefghijklmnopqrstuvwxyz01234")]
    [InlineData("abcdefghijklmnopqrstuvwxyz012345")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij-_012")]
    [InlineData("Zürich 1")]
    public void Longer_id_text_round_trips(string text)
    {
        Assert.Equal(text, Write(Read(text)!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\u0001b")]
    [InlineData("abcdefghijklmnopqrstuvwxyz 12345")]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456789abcdef")]
    [InlineData("F1E1d1c1b1a191817161514131211101f0e0d0c0b0a090807060504030201000")]
    [InlineData("0141000000000000000000000000000000000000000000000000000000000000")]
    public void Invalid_id_text_is_refused(string text)
    {
        Assert.Null(Read(text));
    }

    [Property(5_000, 1_000_000, Arbitrary = [typeof(Ids)])]
    public void Any_id_is_written_as_text_that_reads_back_as_the_id(byte[] id) => Assert.Equal(id, Read(Write(id)));

    private static byte[]? Read(string text)
    {
        byte[] id = new byte[FixIdText.Length];
        return FixIdText.TryRead(Encoding.Latin1.GetBytes(text), id) ? id : null;
    }

    private static string Write(byte[] id)
    {
        byte[] text = new byte[FixIdText.MaxTextLength];
        return Encoding.Latin1.GetString(text, 0, FixIdText.Write(id, text));
    }

    /// <summary>Ids of 32 bytes.</summary>
    public static class Ids
    {
        /// <summary>Ids whose first byte may be a length, with zeros at the end.</summary>
        public static Arbitrary<byte[]> All() =>
            (from first in Gen.Choose(0, 70)
             from used in Gen.Choose(0, 31)
             from bytes in Gen.Choose(0, 255).ArrayOf(31)
             select (byte[])[(byte)first, .. bytes.Select((value, place) => place < used ? (byte)value : (byte)0)]).ToArbitrary();
    }
}

using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Tests.Rig;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Fix.Tests.Codec;

/// <summary>The index scans many bytes at once and must find the same fields as a byte-by-byte parser.</summary>
public class FixFieldsFoundTests
{
    private static readonly int[] s_lengths = [90, 93, 95, 348];
    private static readonly int[] s_data = [91, 89, 96, 349];

    [Fact]
    public void Field_end_is_found_at_any_offset()
    {
        for (int length = 1; length <= 200; length++)
        {
            for (int place = 0; place < length; place++)
            {
                byte[] message = new byte[length];
                message.AsSpan().Fill((byte)'x');
                "11="u8[..Math.Min(3, length)].CopyTo(message);
                message[place] = FixText.Soh;
                AssertSame(message);
            }
        }
    }

    [Property(20_000, 2_000_000, Arbitrary = [typeof(Messages)])]
    public void The_index_finds_the_same_fields_as_a_byte_by_byte_search_in_any_bytes(byte[] message) => AssertSame(message);

    [Property(100, 10_000, Arbitrary = [typeof(Messages)])]
    public void The_index_reads_a_message_the_same_whatever_came_before_it(Edit[] edits) => AssertSameInTurn(edits);

    private static void AssertSameInTurn(IEnumerable<Edit> edits)
    {
        FixFieldIndex index = NewIndex();
        byte[] message = Frames.Bytes("8=FIX.4.4|9=5|35=D|34=2|95=3|96=a|b|55=x|10=000|");
        foreach (Edit edit in edits)
        {
            int place = Math.Min(edit.Place, message.Length);
            int behind = Math.Min(place + edit.Taken, message.Length);
            message = [.. message[..place], .. edit.Part, .. message[behind..]];
            message = message.Length > 2_000 ? message[..100] : message;
            int[] before = index.Tags.ToArray();
            long shape = index.Shape;

            AssertRead(message, index);

            // Shape changes exactly when the tags change.
            Assert.Equal(before.AsSpan().SequenceEqual(index.Tags), shape == index.Shape);
        }
    }

    private static FixFieldIndex NewIndex()
    {
        return new FixFieldIndex(new FixDataTags(s_lengths, s_data), maxFields: 2_048);
    }

    private static void AssertSame(byte[] message)
    {
        AssertRead(message, NewIndex());
    }

    private static void AssertRead(byte[] message, FixFieldIndex index)
    {
        PlainFields expected = PlainFields.Of(message, s_lengths, s_data);

        index.Parse(message);

        Assert.Equal(expected.Fields,
            Enumerable.Range(0, index.Count).Select(field => (index.TagOf(field), index.StartOf(field), index.LengthOf(field))));
        Assert.Equal(expected.Fault.ToString(), index.Fault.ToString());
    }

    /// <summary>Replaces bytes of a message at an offset.</summary>
    public sealed record Edit(int Place, int Taken, byte[] Part)
    {
        /// <inheritdoc/>
        public override string ToString() => $"at {Place}, {Taken} bytes become {Convert.ToHexString(Part)}";
    }

    /// <summary>Bytes that resemble messages, and edits that turn one message into another.</summary>
    public static class Messages
    {
        /// <summary>Sequences of the bytes, fields, raw data and trailers that occur in messages, and of any other bytes.</summary>
        public static Arbitrary<byte[]> Any()
        {
            Gen<byte[]> parts = Gen.OneOf(
                Gen.Elements("1234=-0\u0001xX. "u8.ToArray()).Select(value => new[] { value }),
                Gen.Choose(0, 255).Select(value => new[] { (byte)value }),
                Gen.Choose(0, 30).Select(length => Frames.Bytes($"|95={length}|96=")),
                Gen.Choose(1, 2_000_000).Select(tag => Frames.Bytes($"|{tag}=v")),
                Gen.Constant(Frames.Bytes("|10=000|")));
            return parts.ListOf(60).Select(list => list.SelectMany(part => part).ToArray()).ToArbitrary();
        }

        /// <summary>Sixty edits that insert, remove or overwrite bytes, so that the tags that the index expects are right, nearly right and
        /// wrong. Some edits insert more fields than the initial capacity.</summary>
        public static Arbitrary<Edit[]> Edits()
        {
            Gen<byte[]> parts = Gen.Elements(
                "", "|", "=", "0", "1", "|35=D", "|3=", "|35", "|034=1", "|11=a", "|111=b", "|1111=c", "|-1=x", "|95=3", "|95=12", "|96=",
                "|96=a|b", "|90=2|91=", "|10=000|",
                string.Concat(Enumerable.Repeat("|55=x", 40)), new string('v', 70)).Select(part => Frames.Bytes(part));
            Gen<Edit> edit =
                from part in parts
                from place in Gen.Choose(0, 400)
                from taken in Gen.Choose(0, 12)
                select new Edit(place, taken, part);
            return edit.ArrayOf(60).ToArbitrary();
        }
    }
}

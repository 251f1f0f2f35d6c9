using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Tests.Rig;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Fix.Tests.Codec;

/// <summary>The index looks at many bytes together; what it finds is what is found byte by byte.</summary>
public class FixFieldsFoundTests
{
    private static readonly int[] s_lengths = [90, 93, 95, 348];
    private static readonly int[] s_data = [91, 89, 96, 349];

    [Fact]
    public void Fields_end_wherever_a_soh_stands()
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

    [Fact]
    public void Any_bytes_are_read_as_one_by_one()
    {
        // Few kinds of bytes, so that tags, values and ends come about; raw data among them.
        Gen<byte[]> parts = Gen.OneOf(
            Gen.Elements("1234=-0\u0001xX. "u8.ToArray()).Select(value => new[] { value }),
            Gen.Choose(0, 255).Select(value => new[] { (byte)value }),
            Gen.Choose(0, 30).Select(length => Frames.Bytes($"|95={length}|96=")),
            Gen.Choose(1, 2_000_000).Select(tag => Frames.Bytes($"|{tag}=v")),
            Gen.Constant(Frames.Bytes("|10=000|")));
        Gen<byte[]> messages = parts.ListOf(60).Select(list => list.SelectMany(part => part).ToArray());
        Prop.ForAll(messages.ToArbitrary(), AssertSame).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(20_000, 2_000_000)));
    }

    [Fact]
    public void Messages_are_read_the_same_whatever_came_before_them()
    {
        // Each is the one before with something put in, taken out or written over, so that guesses are right, nearly right and wrong; with
        // more fields than there is first room for.
        Gen<byte[]> parts = Gen.Elements(
            "", "|", "=", "0", "1", "|35=D", "|3=", "|35", "|034=1", "|11=a", "|111=b", "|1111=c", "|-1=x", "|95=3", "|95=12", "|96=", "|96=a|b", "|90=2|91=", "|10=000|",
            string.Concat(Enumerable.Repeat("|55=x", 40)), new string('v', 70)).Select(part => Frames.Bytes(part));
        Gen<Edit> edits = parts.SelectMany(part => Gen.Choose(0, 400).SelectMany(place => Gen.Choose(0, 12).Select(taken => new Edit(place, taken, part))));
        Prop.ForAll(edits.ListOf(60).ToArbitrary(), list => AssertSameInTurn(list)).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(100, 10_000)));
    }

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

            // What was found out by tags alone holds exactly as long as the tags are the same.
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

        Assert.Equal(expected.Fields, Enumerable.Range(0, index.Count).Select(field => (index.TagOf(field), index.StartOf(field), index.LengthOf(field))));
        Assert.Equal(expected.Fault.ToString(), index.Fault.ToString());
    }

    /// <summary>Bytes taken out of a message at a place, and others put there.</summary>
    private sealed record Edit(int Place, int Taken, byte[] Part);
}

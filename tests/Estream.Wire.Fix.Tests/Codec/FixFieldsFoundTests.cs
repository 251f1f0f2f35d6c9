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

    private static void AssertSame(byte[] message)
    {
        PlainFields expected = PlainFields.Of(message, s_lengths, s_data);
        FixFieldIndex index = new(new FixDataTags(s_lengths, s_data), maxFields: 2_048);

        index.Parse(message);

        Assert.Equal(expected.Fields, Enumerable.Range(0, index.Count).Select(field => (index.TagOf(field), index.StartOf(field), index.LengthOf(field))));
        Assert.Equal(expected.Fault.ToString(), index.Fault.ToString());
    }
}

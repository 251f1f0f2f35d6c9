using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;
using Estream.Wire.Fix.Tests.Rig;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Fix.Tests.Codec;

public class FixMessageBuilderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("D|")]
    [InlineData("ABCDEFGHIJKLMNOPQ")]
    public void Invalid_MsgType_is_refused(string msgType)
    {
        Assert.ThrowsAny<ArgumentException>(() => new FixMessageBuilder(msgType.Replace('|', '\u0001')));
        Assert.ThrowsAny<ArgumentException>(() => new FixMessageBuilder("D").Clear(msgType.Replace('|', '\u0001')));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-11)]
    [InlineData(8)]
    [InlineData(34)]
    [InlineData(115)]
    [InlineData(10)]
    [InlineData(89)]
    public void Add_refuses_header_and_trailer_fields(int tag)
    {
        FixMessageBuilder builder = new("D");

        Assert.Throws<ArgumentException>(() => builder.Add(tag, "x"));
        Assert.Throws<ArgumentException>(() => builder.Add(tag, 1));
        Assert.Throws<ArgumentException>(() => builder.AddFixed(tag, 1, 2));
        Assert.Throws<ArgumentException>(() => builder.AddTime(tag, 1));
        Assert.Throws<ArgumentException>(() => builder.AddData(95, tag, "x"u8));
        Assert.Equal(0, builder.BodyLength);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a|b")]
    [InlineData("|")]
    public void Empty_value_or_value_with_SOH_is_refused(string value)
    {
        FixMessageBuilder builder = new("D");
        byte[] bytes = Frames.Bytes(value);

        Assert.Throws<ArgumentException>(() => builder.Add(58, bytes));
        Assert.Throws<ArgumentException>(() => builder.AddHeader(115, bytes));
        Assert.Equal(0, builder.BodyLength);
    }

    [Theory]
    [InlineData(34)]
    [InlineData(43)]
    [InlineData(52)]
    [InlineData(122)]
    [InlineData(58)]
    public void AddHeader_refuses_session_fields_and_fields_outside_the_header(int tag)
    {
        Assert.Throws<ArgumentException>(() => new FixMessageBuilder("D").AddHeader(tag, "x"u8));
    }

    [Fact]
    public void Header_fields_are_unique_and_sorted_by_tag()
    {
        FixMessageBuilder builder = new FixMessageBuilder("D").AddHeader(347, "UTF-8"u8).AddHeader(115, "JCD"u8).AddHeader(129, "CS"u8);

        Assert.Throws<ArgumentException>(() => builder.AddHeader(115, "x"u8));
        int[] expected = [115, 129, 347];
        Assert.Equal(expected, builder.Header.Select(field => field.Tag));
    }

    [Fact]
    public void Body_fields_keep_the_order_in_which_they_were_added()
    {
        FixMessageBuilder builder = new FixMessageBuilder("8")
            .Add(37, "id").Add(54, 1).AddFixed(31, 10_825_000_000, 8).AddTime(60, 1_783_427_400_000_000_000)
            .AddData(95, 96, Frames.Bytes("a|b"));

        Assert.Equal("37=id|54=1|31=108.25|60=20260707-12:30:00.000|95=3|96=a|b|", Frames.Text(builder.Body));
        Assert.Equal("", Frames.Text(builder.Clear("D").Body));
        Assert.Equal("D", builder.MsgType);
    }

    [Fact]
    public void CopyBody_sorts_fields_by_tag_and_keeps_groups_together()
    {
        byte[] bytes = Frames.Message(
            "35=D|34=2|49=A|52=20260707-12:30:00|56=B|115=X|60=20260707-12:30:00|453=2|448=p2|447=B|802=1|523=s|803=1|448=p1|447=C|"
            + "55=MSFT|54=1|40=1|95=3|96=x|y|38=5|11=id|");
        FixMessage message = new(bytes, Frames.Index(bytes));
        new FixValidator(FixProtocol.Fix44).Validate(message);

        FixMessageBuilder copy = new FixMessageBuilder("D").CopyBody(message);

        Assert.Equal(
            "11=id|38=5|40=1|54=1|55=MSFT|60=20260707-12:30:00|95=3|96=x|y|453=2|448=p2|447=B|802=1|523=s|803=1|448=p1|447=C|",
            Frames.Text(copy.Body));
    }

    [Property(300, 20_000, Arbitrary = [typeof(Fields)])]
    public void Fields_that_were_added_are_read_back(BodyField[] list)
    {
        FixMessageBuilder builder = new("U1");
        Array.ForEach(list, field => builder.Add(field.Tag, field.Value));
        byte[] buffer = new byte[FixMessageWriter.Overhead + 20 + builder.BodyLength];
        FixMessageWriter writer = new(buffer);
        writer.Write(Tag.MsgType, "U1"u8);
        writer.WriteRaw(builder.Body);
        int length = writer.Finish("FIX.4.4"u8, out int start);
        byte[] bytes = buffer.AsSpan(start, length).ToArray();
        Assert.Equal(FixFrameStatus.Complete, FixFrame.TryRead(bytes, buffer.Length, out int whole, out _));
        Assert.Equal(bytes.Length, whole);
        FixMessage message = new(bytes, Frames.Index(bytes));
        Assert.Equal(list.Length + 4, message.Fields.Count);
        for (int place = 0; place < list.Length; place++)
        {
            Assert.Equal(list[place].Tag, message.Fields[place + 3].Tag);
            Assert.Equal(list[place].Value, message.Fields[place + 3].Value.ToArray());
        }
    }

    /// <summary>A field of the body.</summary>
    public sealed record BodyField(int Tag, byte[] Value)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Tag}={Convert.ToHexString(Value)}";
    }

    /// <summary>Fields whose values have any byte except 0 and SOH.</summary>
    public static class Fields
    {
        /// <summary>A field with at least one byte.</summary>
        public static Arbitrary<BodyField> One()
        {
            Gen<byte> value = Gen.Choose(2, 255).Select(number => (byte)number);
            return (from tag in Gen.Choose(200, 210)
                    from first in value
                    from rest in value.ArrayOf()
                    select new BodyField(tag, [first, .. rest])).ToArbitrary();
        }
    }
}

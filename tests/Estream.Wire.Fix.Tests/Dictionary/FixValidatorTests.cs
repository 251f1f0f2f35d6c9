using Estream.Testing;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Dictionary;

/// <summary>Messages of a small dictionary: each fault is found, names its field, and is reported before less important faults.</summary>
public class FixValidatorTests
{
    private static readonly FixProtocol s_protocol = SmallDictionary.Protocol();

    [Theory]
    [InlineData("35=D|34=2|1=x|", "no fault")]
    [InlineData("35=D|34=2|1=x|2=Y|3=-10.5|4=A|5=A LONG_VALUE|6=20260707-12:30:00|7=20260707|11=202607w2|12=-3|15=23:59:60.5|", "no fault")]
    [InlineData("35=D|34=2|13=3|14=a|b|1=x|", "no fault")]
    [InlineData("35=D|34=2|1=x|20=0|", "no fault")]
    [InlineData("35=D|34=2|1=x|20=2|21=a|22=1|21=b|22=2|4=A|3=1|", "no fault")]
    [InlineData("35=D|34=2|4=B|20=1|21=a|22=1|4=A|1=x|", "no fault")]
    [InlineData("35=D|34=2|20=2|21=a|22=1|23=2|24=p|25=x|24=q|4=A|21=b|22=1|1=x|", "no fault")]
    [InlineData("35=0|34=2|12=1|", "no fault")]
    [InlineData("35=D|34=2|", "1: Required tag missing")]
    [InlineData("35=D|1=x|", "34: Required tag missing")]
    [InlineData("35=0|34=2|", "12: Required tag missing")]
    [InlineData("35=D|34=2|1=|", "1: Tag specified without a value")]
    [InlineData("35=D|34=2|1=x|999=1|", "999: Invalid tag number")]
    [InlineData("35=D|34=2|1=x|0=1|", "0: Invalid tag number")]
    [InlineData("35=D|34=2|1=x|-1=1|", "-1: Invalid tag number")]
    [InlineData("35=D|34=2|1=x|5002=1|", "5002: Invalid tag number")]
    [InlineData("35=D|34=2|x=1|", "Invalid tag number")]
    [InlineData("35=D|34=2|1=x|24=p|", "24: Tag not defined for this message type")]
    [InlineData("35=D|34=2|1=x|5001=p|", "5001: Tag not defined for this message type")]
    [InlineData("35=0|34=2|12=1|1=x|", "1: Tag not defined for this message type")]
    [InlineData("35=D|34=2|1=x|3=1|1=y|", "1: Tag appears more than once")]
    [InlineData("35=D|34=2|34=2|1=x|", "34: Tag appears more than once")]
    [InlineData("35=D|34=2|1=x|2=y|", "2: Incorrect data format for value")]
    [InlineData("35=D|34=2|1=x|3=1e5|", "3: Incorrect data format for value")]
    [InlineData("35=D|34=2|1=x|3=-|", "3: Incorrect data format for value")]
    [InlineData("35=D|34=2|1=x|4=AB|", "4: Incorrect data format for value")]
    [InlineData("35=D|34=2|1=x|6=20260707|", "6: Incorrect data format for value")]
    [InlineData("35=D|34=2|1=x|7=20261307|", "7: Incorrect data format for value")]
    [InlineData("35=D|34=2|1=x|11=202600|", "11: Incorrect data format for value")]
    [InlineData("35=D|34=2|1=x|12=1.5|", "12: Incorrect data format for value")]
    [InlineData("35=D|34=-2|1=x|", "34: Incorrect data format for value")]
    [InlineData("35=D|34=2|1=x|15=24:00:00|", "15: Incorrect data format for value")]
    [InlineData("35=D|34=2|1=x|4=C|", "4: Value is incorrect (out of range) for this tag")]
    [InlineData("35=D|34=2|1=x|5=A C|", "5: Value is incorrect (out of range) for this tag")]
    [InlineData("35=D|34=2|1=x|5=LONG_VALUES|", "5: Value is incorrect (out of range) for this tag")]
    [InlineData("35=D|1=x|34=2|", "34: Tag specified out of required order")]
    [InlineData("35=D|34=2|1=x|10=001|3=1|", "3: Tag specified out of required order")]
    [InlineData("35=X|34=2|1=x|", "Invalid MsgType")]
    [InlineData("35=DDDDDDDDD|34=2|1=x|", "Invalid MsgType")]
    public void Validate_returns_the_fault_of_a_message(string body, string expected)
    {
        Assert.Equal(expected, Validate(body).ToString());
    }

    [Theory]
    [InlineData("20=3|21=a|22=1|21=b|22=1|", "20: Incorrect NumInGroup count for repeating group")]
    [InlineData("20=1|21=a|22=1|21=b|22=1|", "20: Incorrect NumInGroup count for repeating group")]
    [InlineData("20=0|21=a|22=1|", "20: Incorrect NumInGroup count for repeating group")]
    [InlineData("20=2|", "20: Incorrect NumInGroup count for repeating group")]
    [InlineData("20=x|21=a|22=1|", "20: Incorrect data format for value")]
    [InlineData("20=2|21=a|22=z|", "20: Incorrect NumInGroup count for repeating group")]
    [InlineData("20=1|22=1|21=a|", "20: Group 20's first entry does not start with delimiter 21")]
    [InlineData("20=1|21=a|", "22: Required tag missing")]
    [InlineData("20=2|21=a|22=1|21=b|", "22: Required tag missing")]
    [InlineData("20=1|21=a|22=z|", "22: Incorrect data format for value")]
    [InlineData("20=1|21=a|22=1|22=2|", "22: Tag appears more than once")]
    [InlineData("20=1|21=a|22=1|20=1|21=b|22=1|", "20: Tag appears more than once")]
    [InlineData("20=1|21=a|22=1|23=1|24=p|25=xy|", "25: Incorrect data format for value")]
    [InlineData("20=1|21=a|22=1|23=2|24=p|", "23: Incorrect NumInGroup count for repeating group")]
    [InlineData("20=1|21=a|22=1|23=1|24=p|24=q|", "23: Incorrect NumInGroup count for repeating group")]
    [InlineData("20=1|21=a|22=1|999=1|", "999: Invalid tag number")]
    public void Validate_returns_the_fault_of_a_group(string group, string expected)
    {
        Assert.Equal(expected, Validate($"35=D|34=2|1=x|{group}").ToString());
        Assert.Equal(expected, Validate($"35=D|34=2|{group}1=x|").ToString());
    }

    [Fact]
    public void Fault_does_not_carry_over_to_the_next_message()
    {
        FixValidator validator = new(s_protocol);

        Assert.True(Validate("35=D|34=2|1=x|1=x|20=2|21=a|", validator).IsFault);
        Assert.False(Validate("35=D|34=2|1=x|20=1|21=a|22=1|", validator).IsFault);
        Assert.True(Validate("35=D|34=2|", validator).IsFault);
    }

    [Fact]
    public void Tolerated_deviations_are_not_faults()
    {
        FixValidator validator = new(s_protocol, new FixTolerance(AllowUserDefinedFields: true, AllowEmptyValues: true));

        Assert.False(Validate("35=D|34=2|1=|3=|4=|5002=x|5001=x|", validator).IsFault);
        Assert.True(Validate("35=D|34=2|1=|4999=x|", validator).IsFault);
        Assert.True(Validate("35=D|34=2|3=1|", validator).IsFault);
    }

    [Fact]
    public void Group_entries_can_be_read_after_validation()
    {
        byte[] bytes = Frames.Message("FIX.9.1", "35=D|34=2|1=x|20=2|21=a|22=1|23=2|24=p|25=x|24=q|4=A|21=b|22=2.5|3=9|");
        FixFieldIndex index = Frames.Index(bytes);
        FixMessage message = new(bytes, index);
        FixGroup before = message.Fields.Group(20);
        Assert.False(before.TryNext(out _));
        Assert.False(new FixValidator(s_protocol).Validate(message).IsFault);

        FixGroup legs = message.Fields.Group(20);
        Assert.True(legs.TryNext(out FixFields first));
        Assert.Equal("21=a 22=1 23=2 24=p 25=x 24=q 4=A", Describe(first));
        FixGroup parts = first.Group(23);
        Assert.True(parts.TryNext(out FixFields part));
        Assert.Equal("24=p 25=x", Describe(part));
        Assert.True(parts.TryNext(out part));
        Assert.Equal("24=q", Describe(part));
        Assert.False(parts.TryNext(out _));
        Assert.True(legs.TryNext(out FixFields second));
        Assert.Equal("21=b 22=2.5", Describe(second));
        Assert.True(second.TryGetFixed(22, 8, out long price));
        Assert.Equal(250_000_000, price);
        Assert.False(second.TryGet(4, out _));
        Assert.False(legs.TryNext(out _));
    }

    [Fact]
    public void Valid_order_of_every_version_has_no_fault()
    {
        const string Order = "34=2|49=TW|52=20260707-12:30:00|56=ISLD|11=id|21=3|40=1|54=1|55=MSFT|60=20260707-12:30:00|";
        FixProtocol[] versions =
            [FixProtocol.Fix42, FixProtocol.Fix44, FixProtocol.Fix50, FixProtocol.Fix50Sp1, FixProtocol.Fix50Sp2];
        foreach (FixProtocol protocol in versions)
        {
            byte[] bytes = Frames.Message(protocol.BeginString, "35=D|" + Order);
            FixFieldIndex index = new(protocol.DataTags, 100);
            index.Parse(bytes);

            Assert.Equal("no fault", new FixValidator(protocol).Validate(new FixMessage(bytes, index)).ToString());
        }
    }

    [Theory]
    [InlineData("7", "7", "no fault")]
    [InlineData("7", "", "no fault")]
    [InlineData("8", "8", "no fault")]
    [InlineData("8", "7", "1128: Invalid/Unsupported Application Version")]
    [InlineData("9", "8", "1128: Invalid/Unsupported Application Version")]
    public void ApplVerID_must_name_the_version_of_the_session(string ofSession, string ofMessage, string fault)
    {
        FixProtocol protocol = ofSession switch
        {
            "7" => FixProtocol.Fix50,
            "8" => FixProtocol.Fix50Sp1,
            _ => FixProtocol.Fix50Sp2,
        };
        string version = ofMessage.Length == 0 ? "" : $"1128={ofMessage}|";
        byte[] bytes = Frames.Message("FIXT.1.1",
            $"35=D|{version}34=2|49=TW|52=20260707-12:30:00|56=ISLD|11=id|21=3|40=1|54=1|55=MSFT|60=20260707-12:30:00|");
        FixFieldIndex index = new(protocol.DataTags, 100);
        index.Parse(bytes);

        Assert.Equal(fault, new FixValidator(protocol).Validate(new FixMessage(bytes, index)).ToString());
    }

    [Fact]
    public void Validation_does_not_allocate()
    {
        byte[] bytes = Frames.Message("FIX.9.1", "35=D|34=2|1=x|5=A LONG_VALUE|20=2|21=a|22=1|23=2|24=p|25=x|24=q|21=b|22=2.5|4=A|3=9|");
        FixFieldIndex index = Frames.Index(bytes);
        FixValidator validator = new(s_protocol);

        long allocated = AllocationMeter.OnThisThread(1_000, () => validator.Validate(new FixMessage(bytes, index)));

        Assert.Equal(0, allocated);
    }

    private static FixFault Validate(string body)
    {
        return Validate(body, new FixValidator(s_protocol));
    }

    private static FixFault Validate(string body, FixValidator validator)
    {
        byte[] bytes = Frames.Message("FIX.9.1", body);
        FixFieldIndex index = new(s_protocol.DataTags, 100);
        index.Parse(bytes);
        return validator.Validate(new FixMessage(bytes, index));
    }

    private static string Describe(FixFields fields)
    {
        List<string> texts = [];
        for (int place = 0; place < fields.Count; place++)
        {
            texts.Add($"{fields[place].Tag}={Frames.Text(fields[place].Value)}");
        }

        return string.Join(' ', texts);
    }
}

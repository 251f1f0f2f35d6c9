using System.Globalization;
using Estream.Wire.Dnp3.Codec;

namespace Estream.Wire.Dnp3.Tests.Codec;

/// <summary>Objects of responses. The octets are written by hand from the object descriptions of IEEE 1815-2012, annex A.</summary>
public sealed class MeasurementReaderTests
{
    [Theory]
    [InlineData("0101000003 05", "BinaryInput 0 1|BinaryInput 1 0|BinaryInput 2 1|BinaryInput 3 0")]
    [InlineData("0102000202 81", "BinaryInput 2 1 flags 1")]
    [InlineData("0201280100 0A00 01", "BinaryInput 10 0 flags 1 event")]
    [InlineData("02021701 03 81 0068E5CF8B01", "BinaryInput 3 1 flags 1 event at 1700000000000 synchronized")]
    [InlineData("3301070100 68E5CF8B01 02031701 03 01 E803", "BinaryInput 3 0 flags 1 event at 1700000001000 synchronized")]
    [InlineData("3302070100 68E5CF8B01 02031701 03 01 E803", "BinaryInput 3 0 flags 1 event at 1700000001000")]
    [InlineData("0301000002 24", "DoubleBitInput 0 0|DoubleBitInput 1 1|DoubleBitInput 2 2")]
    [InlineData("0302000000 C1", "DoubleBitInput 0 3 flags 1")]
    [InlineData("0A02010000 0100 81 01", "BinaryOutput 0 1 flags 1|BinaryOutput 1 0 flags 1")]
    [InlineData("14010000 00 01 FFFFFFFF", "Counter 0 4294967295 flags 1")]
    [InlineData("14060001 01 3412", "Counter 1 4660")]
    [InlineData("1605170107 01 05000000 0068E5CF8B01", "Counter 7 5 flags 1 event at 1700000000000 synchronized")]
    [InlineData("1E010000 00 01 00000080", "AnalogInput 0 -2147483648 flags 1")]
    [InlineData("1E020000 00 21 FF7F", "AnalogInput 0 32767 flags 33")]
    [InlineData("1E030000 00 05000000", "AnalogInput 0 5")]
    [InlineData("1E040000 00 FFFF", "AnalogInput 0 -1")]
    [InlineData("1E050000 00 01 0000C03F", "AnalogInput 0 1.5 flags 1 real")]
    [InlineData("1E060000 00 01 000000000000F83F", "AnalogInput 0 1.5 flags 1 real")]
    [InlineData("2007170105 01 0000C03F 0068E5CF8B01", "AnalogInput 5 1.5 flags 1 event at 1700000000000 synchronized real")]
    [InlineData("2004170105 01 FEFF 0068E5CF8B01", "AnalogInput 5 -2 flags 1 event at 1700000000000 synchronized")]
    [InlineData("28020000 00 01 0A00", "AnalogOutput 0 10 flags 1")]
    [InlineData("28030000 00 01 0000C03F", "AnalogOutput 0 1.5 flags 1 real")]
    [InlineData("6E0400010141424344 1E040000 00 0100", "AnalogInput 0 1")]
    public void An_object_is_read_as_its_description_says(string hex, string expected)
    {
        MeasurementReader reader = new(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), isSynchronized: true);
        List<string> read = [];
        while (reader.MoveNext())
        {
            read.Add(Describe(reader.Current));
        }

        Assert.Equal(ObjectStatus.Ok, reader.Status);
        Assert.Equal(expected, string.Join('|', read));
    }

    /// <summary>A response of an outstation in the tests of opendnp3 (cpp/tests/opendnp3tests/src/TestLinkFrame.cpp, Apache-2.0): a
    /// confirmed frame with four binary events, two analog events, and the present values of four binary and two analog inputs.</summary>
    [Fact]
    public void A_published_response_is_read_through_all_layers()
    {
        byte[] frame = Convert.FromHexString((
            "05 64 53 73 00 04 01 00 03 FC C1 E3 81 96 00 02 01 28 01 00 00 00 01 02 01 28 05 24 01 00 01 00 01 02 01 28 01 00 02 00 01 02 "
            + "01 28 B4 77 01 00 03 00 01 20 02 28 01 00 00 00 01 00 00 20 A5 25 02 28 01 00 01 00 01 00 00 01 01 01 00 00 03 00 2F AC 00 "
            + "1E 02 01 00 00 01 00 01 00 00 01 00 00 16 ED").Replace(" ", "", StringComparison.Ordinal));
        byte[] user = new byte[LinkFrame.MaxUserBytes];
        Assert.Equal(LinkFrameStatus.Ok, LinkFrame.TryRead(frame, user, out LinkHeader link, out int length, out int consumed));
        Assert.Equal((LinkFunction.ConfirmedUserData, false, true, 1024, 1, frame.Length),
            (link.Function, link.IsFromMaster, link.IsFrameCountSet, link.Destination, link.Source, consumed));

        TransportAssembler assembler = new(ApplicationHeader.MaxFragmentBytes);
        Assert.Equal(SegmentStatus.Complete, assembler.Add(user.AsSpan(0, length)));
        ReadOnlySpan<byte> fragment = assembler.Fragment.Span;
        Assert.True(ApplicationHeader.TryRead(fragment, out ApplicationHeader header));
        Assert.Equal(
            new ApplicationHeader(true, true, true, false, 3, ApplicationFunction.Response,
                Indications.DeviceRestart | Indications.NeedTime | Indications.Class2Events | Indications.Class1Events),
            header);

        MeasurementReader reader = new(fragment[header.Length..], isSynchronized: false);
        List<string> read = [];
        while (reader.MoveNext())
        {
            read.Add(Describe(reader.Current));
        }

        Assert.Equal(ObjectStatus.Ok, reader.Status);
        Assert.Equal(
            [
                "BinaryInput 0 0 flags 1 event", "BinaryInput 1 0 flags 1 event", "BinaryInput 2 0 flags 1 event",
                "BinaryInput 3 0 flags 1 event", "AnalogInput 0 0 flags 1 event", "AnalogInput 1 0 flags 1 event", "BinaryInput 0 0",
                "BinaryInput 1 0", "BinaryInput 2 0", "BinaryInput 3 0", "AnalogInput 0 0 flags 1", "AnalogInput 1 0 flags 1",
            ],
            read);
    }

    /// <summary>The request of an integrity poll in the same tests.</summary>
    [Fact]
    public void An_integrity_poll_is_written_as_published()
    {
        byte[] fragment = new byte[32];
        int length = ApplicationHeader.Request(ApplicationFunction.Read, 3).Write(fragment);
        length += RequestWriter.Classes(Dnp3Classes.All, fragment.AsSpan(length));
        byte[] frame = new byte[LinkFrame.MaxBytes];

        int count = LinkFrame.Write(
            new LinkHeader(LinkFunction.UnconfirmedUserData, IsFromMaster: true, false, 1, 1024), [0xC0, .. fragment[..length]], frame);

        // The published frame has confirmed user data, so the header and its checksum differ.
        Assert.Equal("C0C3013C02063C03063C04063C01069A12", Convert.ToHexString(frame.AsSpan(LinkFrame.HeaderBytes, count - 10)));
    }

    [Theory]
    [InlineData("01", nameof(ObjectStatus.Truncated))]
    [InlineData("0102", nameof(ObjectStatus.Truncated))]
    [InlineData("010200", nameof(ObjectStatus.Truncated))]
    [InlineData("01020000", nameof(ObjectStatus.Truncated))]
    [InlineData("0102000005 81", nameof(ObjectStatus.Truncated))]
    [InlineData("0102000500 81", nameof(ObjectStatus.InvalidRange))]
    [InlineData("0102010000FFFF 81", nameof(ObjectStatus.Truncated))]
    [InlineData("020128FFFF 0A00 01", nameof(ObjectStatus.Truncated))]
    [InlineData("0101170100 05", nameof(ObjectStatus.UnknownQualifier))]
    [InlineData("01020900000000", nameof(ObjectStatus.UnknownQualifier))]
    [InlineData("C801000000 01", nameof(ObjectStatus.UnknownObject))]
    [InlineData("46055B01FFFF 01", nameof(ObjectStatus.Truncated))]
    [InlineData("46055B020100 01", nameof(ObjectStatus.UnknownQualifier))]
    public void Objects_that_are_not_there_or_unknown_end_the_reading(string hex, string expected)
    {
        MeasurementReader reader = new(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), isSynchronized: true);
        while (reader.MoveNext())
        {
        }

        Assert.Equal(expected, reader.Status.ToString());
    }

    [Theory]
    [InlineData(Dnp3PointKind.BinaryInput, 1, true)]
    [InlineData(Dnp3PointKind.DoubleBitInput, 2, true)]
    [InlineData(Dnp3PointKind.BinaryOutput, 0, true)]
    [InlineData(Dnp3PointKind.Counter, 4_000_000_000, true)]
    [InlineData(Dnp3PointKind.FrozenCounter, 7, true)]
    [InlineData(Dnp3PointKind.AnalogInput, -5, true)]
    [InlineData(Dnp3PointKind.AnalogInput, 1.5, false)]
    [InlineData(Dnp3PointKind.AnalogOutput, -7, true)]
    [InlineData(Dnp3PointKind.AnalogOutput, 2.25, false)]
    public void A_written_measurement_is_read_back(Dnp3PointKind kind, double value, bool isInteger)
    {
        foreach (bool isEvent in (bool[])[false, true])
        {
            Dnp3Measurement one = new(kind, 300, value)
            {
                Flags = 1,
                IsInteger = isInteger,
                IsEvent = isEvent,
                TimeMs = isEvent ? 1_700_000_000_000 : null,
                IsSynchronized = isEvent,
            };
            byte[] bytes = new byte[200];
            ObjectWriter writer = new(bytes);
            Assert.True(writer.TryAdd(one));
            Assert.True(writer.TryAdd(one with { Index = 301 }));

            MeasurementReader reader = new(bytes.AsSpan(0, writer.Length), isSynchronized: true);
            Assert.True(reader.MoveNext());
            Assert.Equal(one, reader.Current);
            Assert.True(reader.MoveNext());
            Assert.Equal(one with { Index = 301 }, reader.Current);
            Assert.False(reader.MoveNext());
            Assert.Equal(ObjectStatus.Ok, reader.Status);
        }
    }

    private static string Describe(Dnp3Measurement one) => string.Create(
        CultureInfo.InvariantCulture,
        $"{one.Kind} {one.Index} {one.Value}{(one.Flags is { } flags ? $" flags {flags}" : "")}{(one.IsEvent ? " event" : "")}"
        + $"{(one.TimeMs is { } time ? $" at {time}" : "")}{(one.IsSynchronized ? " synchronized" : "")}"
        + $"{(one.IsInteger ? "" : " real")}");
}

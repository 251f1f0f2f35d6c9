using System.Buffers.Binary;
using System.Text;
using Estream.Core;
using Estream.Testing;
using Test.Growing;

namespace Estream.Esf.Generator.Tests;

/// <summary>A view compiled from a schema with several versions, reading messages of each version and of a later, unknown one.</summary>
public sealed class GrowingViewTests
{
    private const string First = "esf1 test.growing.Trip{id:u32,note?:string(16),origin:object{x:i32},legs:array(object{km:u16})}";

    private const string Second =
        "esf1 test.growing.Trip{id:u32,note?:string(16),origin:object{x:i32,y?:i32},legs:array(object{km:u16,by?:enum Way{Road,Rail}})," +
        "driver?:bytes32,way?:enum Way{Road,Rail}}";

    private const string Later =
        "esf1 test.growing.Trip{id:u32,note?:string(16),origin:object{x:i32,y?:i32,label?:string,z?:i32},"
        + "legs:array(object{km:u16,by?:enum Way{Road,Rail,Sea,Air},toll?:u8}),"
        + "driver?:bytes32,way?:enum "
        + "Way{Road,Rail,Sea,Air},stops?:map(u8,string(8)),extra?:object{depth:u8,width?:u8},raw?:bytes,count?:u64,crew?:u8}";

    private const string FirstJson = """{"id":7,"note":"tilo","origin":{"x":-1},"legs":[{"km":3},{"km":4}]}""";

    private static readonly string s_laterJson =
        """{"id":7,"note":"tilo","origin":{"x":-1,"y":-2,"label":"here","z":-3},"legs":[{"km":3,"by":"Air","toll":1},{"km":4}],"driver":"HASH","way":"Air","stops":{"1":"a","2":"b"},"extra":{"depth":9,"width":8},"raw":"00ff","count":5,"crew":2}"""
        .Replace("HASH", new string('a', 64), StringComparison.Ordinal);

    /// <summary>A message of each published version, and of a later version.</summary>
    internal static byte[][] EveryVersion() =>
    [
        Encode(First, FirstJson),
        Encode(Second, FirstJson[..^1] + ",\"way\":\"Rail\"}"),
        Encode(
            Trip.CanonicalText,
            """{"id":7,"note":"tilo","origin":{"x":-1,"y":-2,"label":"here"},"legs":[{"km":3,"by":"Sea"},{"km":4}],"way":"Sea","stops":{"1":"a","2":"b"},"extra":{"depth":9},"raw":"00ff","count":5}"""),
        Encode(Later, s_laterJson),
    ];

    [Fact]
    public void View_rejects_a_message_whose_fixed_block_matches_no_version()
    {
        byte[] message = Encode(First, FirstJson);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(12));
        foreach (int wrong in new[] { 0, 15, 16, length - 1, length + 1, message.Length + 1, ushort.MaxValue })
        {
            byte[] damaged = [.. message];
            BinaryPrimitives.WriteUInt16LittleEndian(damaged.AsSpan(12), (ushort)wrong);
            Assert.False(Trip.View.TryOf(damaged, out _));
            EstreamFormatException e = Assert.Throws<EstreamFormatException>(() => { Trip.View.Of(damaged); });
            Assert.Contains("another version of the schema", e.Message, StringComparison.Ordinal);
        }

        Assert.False(Trip.View.TryOf(message.AsSpan(0, length - 1), out _));
    }

    [Fact]
    public void View_throws_for_an_object_whose_fixed_block_matches_no_version()
    {
        foreach (string version in new[] { First, Trip.CanonicalText })
        {
            byte[] message = Encode(version, FirstJson);
            Trip.View view = Trip.View.Of(message);
            int start = message.AsSpan().IndexOf(view.Origin.Bytes);
            byte own = message[start];
            foreach (byte wrong in new byte[] { 0, 1, (byte)(own - 1), (byte)(own + 1), 255 })
            {
                message[start] = wrong;
                EstreamCorruptionException e = Assert.Throws<EstreamCorruptionException>(() => Trip.View.Of(message).Origin.X);
                Assert.Contains("Trip.origin", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Fields_unknown_to_an_earlier_version_are_absent()
    {
        byte[] message = Encode(First, FirstJson);
        Trip.View view = Trip.View.Of(message);
        AssertCommon(view);
        Assert.False(view.HasDriver || view.HasWay || view.HasStops || view.HasExtra || view.HasRaw || view.HasCount);
        Assert.True(view.Driver.IsEmpty && view.Way is null && view.Stops.Count == 0 && view.Raw.IsEmpty && view.Count is null);
        Assert.False(view.Origin.HasY || view.Origin.HasLabel);
        Assert.True(view.Origin.Y is null && view.Origin.Label.IsEmpty && view.Legs[0].By is null && view.Legs[1].By is null);
        InvalidOperationException absent = Assert.Throws<InvalidOperationException>(() => Trip.View.Of(message).Extra.Depth);
        Assert.Contains("Trip.extra is absent", absent.Message, StringComparison.Ordinal);
        Assert.Equal(message, view.Bytes.ToArray());
        Assert.True(Trip.Validate(message).IsOk);
    }

    [Fact]
    public void Intermediate_version_has_its_own_fields()
    {
        string json = FirstJson[..^1].Replace("-1", "-1,\"y\":-2", StringComparison.Ordinal) + ",\"way\":\"Rail\"}";
        byte[] message = Encode(Second, json);
        Trip.View view = Trip.View.Of(message);
        AssertCommon(view);
        Assert.Equal(Way.Rail, view.Way);
        Assert.Equal(-2, view.Origin.Y);
        Assert.False(view.HasDriver || view.HasStops || view.HasExtra || view.HasRaw || view.HasCount || view.Origin.HasLabel);
    }

    [Fact]
    public void Additions_of_a_later_version_are_ignored()
    {
        byte[] message = Encode(Later, s_laterJson);
        Assert.True(Trip.Validate(message).IsOk && Trip.View.TryOf(message, out Trip.View _));
        Trip.View view = Trip.View.Of(message);
        AssertCommon(view);
        Assert.Equal((Way)3, view.Way);
        Assert.Equal((Way)3, view.Legs[0].By);
        Assert.Equal(-2, view.Origin.Y);
        Assert.Equal(5UL, view.Count);
        Assert.Equal(9, view.Extra.Depth);
        Assert.Equal("here"u8.ToArray(), view.Origin.Label.ToArray());
        Assert.Equal([0, 255], view.Raw.ToArray());
        Assert.True(view.Stops.TryGetValue(2, out ReadOnlySpan<byte> stop) && stop.SequenceEqual("b"u8));
        Assert.Equal(Enumerable.Repeat((byte)0xaa, 32), view.Driver.ToArray());
    }

    [Fact]
    public void Own_version_is_read_as_written()
    {
        byte[] buffer = new byte[256];
        Trip.Writer writer = Trip.Write(buffer);
        writer.Id = 7;
        writer.Count = 5;
        writer.Way = Way.Sea;
        writer.SetRaw([1, 2]);
        Trip.View view = Trip.View.Of(buffer.AsSpan(0, writer.Length));
        Assert.True(view.Id == 7 && view.Count == 5 && view.Way == Way.Sea);
        Assert.Equal([1, 2], view.Raw.ToArray());
        Assert.False(view.HasDriver);
    }

    [Fact]
    public void Reading_another_version_allocates_nothing()
    {
        byte[] first = Encode(First, FirstJson);
        byte[] later = Encode(Later, s_laterJson);
        Assert.Equal(0, AllocationMeter.OnThisThread(1000, () =>
        {
            Assert.True(Trip.View.TryOf(first, out Trip.View view) && !view.HasRaw && view.Origin.Y is null && view.Legs[1].Km == 4);
            Assert.True(Trip.View.TryOf(later, out view) && view.HasRaw && view.Origin.Y == -2 && view.Legs[1].Km == 4);
        }));
    }

    private static void AssertCommon(Trip.View view)
    {
        Assert.Equal((7U, -1, 2), (view.Id, view.Origin.X, view.Legs.Count));
        Assert.Equal("tilo"u8.ToArray(), view.Note.ToArray());
        Assert.True(view.Legs[0].Km == 3 && view.Legs[1].Km == 4);
    }

    private static byte[] Encode(string canonicalText, string json)
    {
        byte[] buffer = new byte[512];
        EsfStatus status =
            EsfJson.TryEncode(EsfSchema.FromCanonicalText(canonicalText), Encoding.UTF8.GetBytes(json), buffer, out int length);
        Assert.True(status.IsOk, status.ToString());
        return buffer[..length];
    }
}

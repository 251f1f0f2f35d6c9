using Estream.Esf;
using Test.GeneratedCode;

namespace Estream.Esf.Generator.Tests;

/// <summary>Generated code for a field of every type: views and JSON show what a writer wrote.</summary>
public sealed class EverythingTests
{
    private static readonly byte[] s_hash = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Required_fields_are_read_as_written()
    {
        byte[] message = Required();
        Everything.View view = Everything.View.Of(message);
        Assert.True(Everything.Validate(message).IsOk);
        Assert.Equal((true, byte.MaxValue, ushort.MaxValue, uint.MaxValue, ulong.MaxValue), (view.Flag, view.A, view.B, view.C, view.D));
        Assert.Equal((sbyte.MinValue, short.MinValue, int.MinValue, long.MinValue), (view.E, view.F, view.G, view.H));
        Assert.Equal((0.5f, -0.25, -1L, DoorState.Closed), (view.I, view.J, view.At, view.State));
        Assert.Equal(s_hash, view.Hash.ToArray());
        Assert.Equal("häuser"u8.ToArray(), view.Text.ToArray());
        Assert.Equal([0, 255], view.Raw.ToArray());
        Assert.Equal(message, view.Bytes.ToArray());
    }

    [Fact]
    public void View_reports_absent_fields()
    {
        byte[] message = Required();
        Everything.View view = Everything.View.Of(message);
        Assert.True(view.FlagOrNot is null && view.StateOrNot is null && view.LengthField is null && view.Class is null);
        Assert.False(view.HasFlagOrNot || view.HasShortText || view.HasSignature || view.HasPlace || view.HasNumbers || view.HasTags
            || view.HasHashOrNot);
        Assert.True(view.ShortText.IsEmpty && view.Signature.IsEmpty && view.HashOrNot.IsEmpty);
        Assert.True(view.Numbers.Count == 0 && view.Tags.Count == 0 && view.Grid.Count == 0 && !view.Tags.TryGetValue("x"u8, out _));
        InvalidOperationException absent = Assert.Throws<InvalidOperationException>(() => Everything.View.Of(message).Place.X);
        Assert.Contains("Everything.place is absent", absent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Optional_values_of_zero_are_present()
    {
        byte[] buffer = new byte[1024];
        Everything.Writer writer = WriteRequired(buffer);
        writer.FlagOrNot = false;
        writer.StateOrNot = DoorState.Open;
        writer.HashOrNot = new byte[32];
        writer.ShortText = ""u8;
        writer.Signature = default;
        writer.LengthField = 0;
        writer.Class = 0;
        writer.HasTextField = 0;
        writer.EndNumbers(writer.BeginNumbers());
        Everything.View view = Everything.View.Of(buffer.AsSpan(0, writer.Length));
        Assert.True(view is { FlagOrNot: false, StateOrNot: DoorState.Open, LengthField: (byte)0, Class: (byte)0, HasTextField: (byte)0 });
        Assert.True(view.HasHashOrNot && view.HasShortText && view.HasSignature && view.HasNumbers && !view.HasNames);
        Assert.EndsWith(
            "\"flag_or_not\":false,\"state_or_not\":\"Open\",\"hash_or_not\":\"" + new string('0', 64) +
            "\",\"short_text\":\"\",\"signature\":\"\",\"numbers\":[],\"length\":0,\"class\":0,\"has_text\":0}",
            view.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Nested_objects_are_read_as_written()
    {
        byte[] buffer = new byte[1024];
        Everything.Writer writer = WriteRequired(buffer);
        Everything.PlaceWriter place = writer.BeginPlace();
        place.X = 1.5;
        Everything.PlaceInnerWriter inner = place.BeginInner();
        var numbers = inner.BeginNumbers();
        numbers.Add(-1);
        numbers.Add(long.MaxValue);
        inner.EndNumbers(numbers);
        place.EndInner(inner);
        place.Label = "north"u8;
        writer.EndPlace(place);
        writer.SetShortText("äö");

        Everything.View view = Everything.View.Of(buffer.AsSpan(0, writer.Length));
        Assert.Equal(1.5, view.Place.X);
        Assert.Equal("north"u8.ToArray(), view.Place.Label.ToArray());
        Assert.Equal((2, long.MaxValue), (view.Place.Inner.Numbers.Count, view.Place.Inner.Numbers[1]));
        Assert.Equal("äö"u8.ToArray(), view.ShortText.ToArray());
        Assert.Contains(
            "\"short_text\":\"äö\",\"place\":{\"x\":1.5,\"label\":\"north\",\"inner\":{\"numbers\":[-1,9223372036854775807]}}",
            view.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_and_maps_of_every_type_are_read_as_written()
    {
        byte[] buffer = new byte[2048];
        Everything.Writer writer = WriteRequired(buffer);
        WriteCollections(ref writer);
        byte[] message = buffer[..writer.Length];
        Assert.EndsWith(
            "\"numbers\":[1,-2,3],\"names\":[\"\",\"abc\"],\"states\":[\"Ajar\"],\"grid\":[[],[1,2]],\"tags\":{\"k\":\"v\",\"\":\"\"}," +
            "\"counts\":{\"7\":18446744073709551615},\"by_state\":{\"Closed\":[\"x\"]},\"parts\":[{\"id\":1,\"note\":\"n\"},{\"id\":2}]}",
            Everything.View.Of(message).ToString(),
            StringComparison.Ordinal);

        Everything.View view = Everything.View.Of(message);
        Assert.Equal(view.ToString(), $"{view}");
        long sum = 0;
        foreach (int number in view.Numbers)
        {
            sum += number;
        }

        Assert.Equal((2L, 3, DoorState.Ajar), (sum, view.Names[1].Length, view.States[0]));
        Assert.Equal((2, 0, 2, (byte)2), (view.Grid.Count, view.Grid[0].Count, view.Grid[1].Count, view.Grid[1][1]));
        Assert.True(view.Tags.TryGetValue("k"u8, out ReadOnlySpan<byte> tag) && tag.SequenceEqual("v"u8));
        Assert.True(view.Counts.TryGetValue(7, out ulong count) && count == ulong.MaxValue && !view.Counts.TryGetValue(8, out _));
        Assert.True(view.ByState.TryGetValue(DoorState.Closed, out var texts) && texts[0].SequenceEqual("x"u8));
        List<(uint, bool)> parts = [];
        foreach (Everything.PartsItemView part in view.Parts)
        {
            parts.Add((part.Id, part.HasNote));
        }

        Assert.Equal([(1u, true), (2u, false)], parts);
    }

    [Fact]
    public void Dynamic_and_generated_code_write_the_same_bytes()
    {
        byte[] buffer = new byte[2048];
        Everything.Writer writer = WriteRequired(buffer);
        WriteCollections(ref writer);
        byte[] json = System.Text.Encoding.UTF8.GetBytes(Everything.View.Of(buffer.AsSpan(0, writer.Length)).ToString());
        byte[] other = new byte[2048];
        Assert.True(EsfJson.TryEncode(Everything.Schema, json, other, out int length).IsOk);
        Assert.Equal(Convert.ToHexString(buffer, 0, writer.Length), Convert.ToHexString(other, 0, length));
    }

    internal static byte[] Required()
    {
        byte[] buffer = new byte[512];
        return buffer[..WriteRequired(buffer).Length];
    }

    internal static Everything.Writer WriteRequired(Span<byte> buffer)
    {
        Everything.Writer writer = Everything.Write(buffer);
        writer.Flag = true;
        writer.A = byte.MaxValue;
        writer.B = ushort.MaxValue;
        writer.C = uint.MaxValue;
        writer.D = ulong.MaxValue;
        writer.E = sbyte.MinValue;
        writer.F = short.MinValue;
        writer.G = int.MinValue;
        writer.H = long.MinValue;
        writer.I = 0.5f;
        writer.J = -0.25;
        writer.At = -1;
        writer.State = DoorState.Closed;
        writer.Hash = s_hash;
        writer.Text = "häuser"u8;
        writer.Raw = [0, 255];
        return writer;
    }

    internal static void WriteCollections(ref Everything.Writer writer)
    {
        var numbers = writer.BeginNumbers();
        numbers.Add(1);
        numbers.Add(-2);
        numbers.Add(3);
        writer.EndNumbers(numbers);
        var names = writer.BeginNames();
        names.Add(""u8);
        names.Add("abc"u8);
        writer.EndNames(names);
        var states = writer.BeginStates();
        states.Add(DoorState.Ajar);
        writer.EndStates(states);
        var grid = writer.BeginGrid();
        grid.End(grid.Begin());
        var row = grid.Begin();
        row.Add(1);
        row.Add(2);
        grid.End(row);
        writer.EndGrid(grid);
        var tags = writer.BeginTags();
        tags.Add("k"u8, "v"u8);
        tags.Add(""u8, ""u8);
        writer.EndTags(tags);
        var counts = writer.BeginCounts();
        counts.Add(7, ulong.MaxValue);
        writer.EndCounts(counts);
        WriteNestedCollections(ref writer);
    }

    private static void WriteNestedCollections(ref Everything.Writer writer)
    {
        var byState = writer.BeginByState();
        var texts = byState.Begin(DoorState.Closed);
        texts.Add("x"u8);
        byState.End(texts);
        writer.EndByState(byState);
        var parts = writer.BeginParts();
        Everything.PartsItemWriter first = parts.Begin();
        first.Id = 1;
        first.Note = "n"u8;
        parts.End(first);
        Everything.PartsItemWriter second = parts.Begin();
        second.Id = 2;
        parts.End(second);
        writer.EndParts(parts);
    }
}

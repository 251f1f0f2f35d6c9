using Test.GeneratedCode;

namespace Estream.Esf.Generator.Tests;

/// <summary>Incorrect uses of a generated writer throw an ArgumentException or InvalidOperationException that names the
/// field.</summary>
public sealed class WriterErrorTests
{
    private readonly byte[] _buffer = new byte[1024];

    [Fact]
    public void Write_throws_for_a_destination_shorter_than_the_fixed_block()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => { Everything.Write(new byte[Everything.FixedLength - 1]); });
        Assert.Contains($"{Everything.FixedLength - 1} bytes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Setter_throws_for_text_longer_than_its_limit()
    {
        AssertNamed("Everything.short_text: the value has 5 bytes, but the schema allows at most 4",
            () => { Everything.Writer w = Everything.Write(_buffer); w.ShortText = "12345"u8; });
        AssertNamed("Everything.short_text: the value has 6 bytes, but the schema allows at most 4",
            () => { Everything.Writer w = Everything.Write(_buffer); w.SetShortText("äöü"); });
    }

    [Theory]
    [InlineData("ff")]
    [InlineData("c2")]
    [InlineData("c3c3")]
    [InlineData("e28a")]
    [InlineData("c080")]
    [InlineData("616161ff")]
    [InlineData("6161616161ff61")]
    [InlineData("61616161616161616161ff")]
    [InlineData("61616161616161616161616161616161616161ff6161")]
    [InlineData("61616161616161616161616161616161616161616161616161616161616161616161ff")]
    public void Setter_throws_for_text_that_is_not_UTF8(string hex)
    {
        AssertNamed("Everything.text: the value is not UTF-8",
            () => { Everything.Writer w = Everything.Write(_buffer); w.Text = Convert.FromHexString(hex); });
    }

    /// <summary>Covers every length with a separate copy path, and every position of an invalid byte.</summary>
    [Fact]
    public void Text_is_copied_and_validated_to_its_last_byte()
    {
        for (int length = 1; length <= 300; length++)
        {
            byte[] text = [.. Enumerable.Range(0, length).Select(i => (byte)('a' + (i % 26)))];
            _buffer.AsSpan().Fill(0xA5);
            Everything.Writer writer = Everything.Write(_buffer);
            writer.Text = text;
            Assert.Equal(text, _buffer.AsSpan(Everything.FixedLength, length).ToArray());
            Assert.Equal(-1, _buffer.AsSpan(writer.Length).IndexOfAnyExcept((byte)0xA5));

            for (int at = 0; at < length; at++)
            {
                byte[] broken = [.. text];
                broken[at] = 0xFF;
                Assert.Throws<ArgumentException>(() => { Everything.Writer w = Everything.Write(_buffer); w.Text = broken; });
            }
        }
    }

    /// <summary>The copy does not use the bounds checks of spans. Only hand-written code can pass such an end.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(-16)]
    [InlineData(int.MinValue)]
    [InlineData(13)]
    [InlineData(17)]
    [InlineData(int.MaxValue)]
    public void Text_is_refused_if_the_end_is_outside_its_record(int end)
    {
        _buffer.AsSpan().Fill(0xA5);

        Assert.ThrowsAny<ArgumentException>(() => Estream.Esf.Runtime.EsfPut.Text(_buffer.AsSpan(64, 16), 0, end, "1234"u8, 4, "text"));

        Assert.Equal(-1, _buffer.AsSpan(0, 64).IndexOfAnyExcept((byte)0xA5));
        Assert.Equal(-1, _buffer.AsSpan(72).IndexOfAnyExcept((byte)0xA5));
    }

    [Fact]
    public void Setter_throws_for_half_a_surrogate_pair()
    {
        AssertNamed("Everything.text: the text contains half",
            () => { Everything.Writer w = Everything.Write(_buffer); w.SetText("a\ud800"); });
    }

    [Fact]
    public void Setter_throws_for_a_bytes32_of_another_length()
    {
        AssertNamed("Everything.hash: a bytes32 has exactly 32",
            () => { Everything.Writer w = Everything.Write(_buffer); w.Hash = new byte[31]; });
    }

    [Fact]
    public void Setter_throws_for_a_signature_longer_than_ML_DSA_87()
    {
        AssertNamed("Everything.signature: the value has 4628 bytes",
            () => { Everything.Writer w = Everything.Write(new byte[8192]); w.Signature = new byte[4628]; });
    }

    [Fact]
    public void Setters_throw_when_the_destination_is_full()
    {
        byte[] tight = new byte[Everything.FixedLength + 3];
        AssertNamed("Everything.text: 4 bytes do not fit into the remaining 3 bytes",
            () => { Everything.Writer w = Everything.Write(tight); w.Text = "1234"u8; });
        AssertNamed("Everything.text: the text does not fit", () => { Everything.Writer w = Everything.Write(tight); w.SetText("1234"); });
        AssertNamed("Everything.raw: 4 bytes do not fit into the remaining 3 bytes",
            () => { Everything.Writer w = Everything.Write(tight); w.Raw = new byte[4]; });
        AssertNamed("3 bytes", () => { Everything.Writer w = Everything.Write(tight); w.BeginNumbers(); });
        AssertNamed("An item: 4 bytes do not fit into the remaining 3 bytes", () =>
        {
            Everything.Writer w = Everything.Write(new byte[Everything.FixedLength + 7]);
            var numbers = w.BeginNumbers();
            numbers.Add(1);
        });
    }

    [Fact]
    public void Rejected_bytes32_leaves_its_field_absent()
    {
        Everything.Writer w = Everything.Write(_buffer);
        byte[] bad = [0xff, 0xff, 0xff];
        bool refused = Refuses(ref w, (ref Everything.Writer writer) => writer.HashOrNot = bad);
        refused &= Refuses(ref w, (ref Everything.Writer writer) => writer.SetHashOrNot(bad));
        w.Raw = "afterwards"u8;
        Assert.True(refused);
        Everything.View view = Everything.View.Of(_buffer.AsSpan(0, w.Length));
        Assert.False(view.HasHashOrNot);
    }

    [Fact]
    public void Abandoned_map_value_leaves_no_key()
    {
        Everything.Writer w = Everything.Write(_buffer);
        w.Text = "t"u8;
        w.Raw = "r"u8;
        var map = w.BeginByState();
        var given = map.Begin(DoorState.Ajar);
        given.Add("abc"u8);
        var kept = map.Begin(DoorState.Closed);
        kept.Add("def"u8);
        map.End(kept);
        w.EndByState(map);
        Assert.True(Everything.Validate(_buffer.AsSpan(0, w.Length)).IsOk, Everything.Validate(_buffer.AsSpan(0, w.Length)).ToString());
        foreach (var entry in Everything.View.Of(_buffer.AsSpan(0, w.Length)).ByState)
        {
            Assert.Equal(DoorState.Closed, entry.Key);
        }
    }

    private delegate void Change(ref Everything.Writer writer);

    private static bool Refuses(ref Everything.Writer writer, Change change)
    {
        try
        {
            change(ref writer);
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    [Fact]
    public void End_throws_for_a_nested_writer_ended_out_of_order()
    {
        Assert.Throws<InvalidOperationException>(() =>
        {
            Everything.Writer w = Everything.Write(_buffer);
            var numbers = w.BeginNumbers();
            w.Text = "between"u8;
            w.EndNumbers(numbers);
        });
        Assert.Throws<InvalidOperationException>(() =>
        {
            Everything.Writer w = Everything.Write(_buffer);
            var grid = w.BeginGrid();
            var row = grid.Begin();
            grid.End(row);
            grid.End(row);
        });
    }

    [Fact]
    public void Validate_finds_a_required_field_that_was_not_set()
    {
        Everything.Writer writer = Everything.Write(_buffer);
        writer.Text = "t"u8;
        EsfStatus status = Everything.Validate(_buffer.AsSpan(0, writer.Length));
        Assert.Equal((EsfError.MissingField, "raw"), (status.Error, status.Field));
    }

    private static void AssertNamed(string expected, Action action) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
}

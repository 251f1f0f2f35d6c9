using System.Text;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests;

public sealed class AddressTests
{
    private static readonly EsfSchema s_door = Schemas.One("""
        DoorOpened:
          lattice: acme.doors.opened
          path: /doors/{building}/{floor}/{state}/it's-here
          fields:
            building: { type: string }
            floor: { type: i16 }
            state: { type: DoorState }
        """);

    [Fact]
    public void TryFormat_returns_false_for_a_message_without_an_address()
    {
        byte[] message = Schemas.Encode(s_door, """{"building":"a","floor":1,"state":"Open"}""");
        Span<byte> text = new byte[EsfAddress.MaxLength];
        Assert.Null(Schemas.Everything.Address);
        Assert.False(s_door.Address!.TryFormat(default, text, out int written));
        Assert.Equal(0, written);
        Assert.False(s_door.Address.TryFormat(message.AsSpan(0, message.Length - 1), text, out _));
        Assert.False(Schemas.Telemetry.Address!.TryFormat(message, text, out _));
        byte[] unknownState = [.. message];
        unknownState.AsSpan(26, 2).Fill(0xFF);
        Assert.False(s_door.Address.TryFormat(unknownState, text, out _));
    }

    [Theory]
    [InlineData("pump-7", "pump-7")]
    [InlineData("", "")]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("100%", "100%25")]
    [InlineData("*", "%2A")]
    [InlineData(".", "%2E")]
    [InlineData("..", "%2E%2E")]
    [InlineData("...", "...")]
    [InlineData("a b?c#d", "a%20b%3Fc%23d")]
    [InlineData("Zürich", "Z%C3%BCrich")]
    [InlineData("a:b@c;d=e,f!", "a:b@c;d=e,f!")]
    public void ToText_writes_any_value_as_one_segment(string value, string segment)
    {
        byte[] message = Schemas.Encode(s_door, $$"""{"building":"{{value}}","floor":-3,"state":"Closed"}""");
        Assert.Equal($"/doors/{segment}/-3/Closed/it's-here", s_door.Address!.ToText(message));
    }

    [Fact]
    public void TryFormat_writes_the_whole_address_or_nothing()
    {
        byte[] message = Schemas.Encode(s_door, """{"building":"a/b","floor":12,"state":"Locked"}""");
        const string Whole = "/doors/a%2Fb/12/Locked/it's-here";
        for (int room = 0; room <= Whole.Length; room++)
        {
            byte[] text = new byte[room + 1];
            text[room] = 0xEE;
            bool isWritten = s_door.Address!.TryFormat(message, text.AsSpan(0, room), out int written);
            Assert.Equal((room == Whole.Length, room == Whole.Length ? room : 0), (isWritten, written));
            Assert.Equal(0xEE, text[room]);
        }

        byte[] tooLong =
            Schemas.Encode(s_door, $$"""{"building":"{{new string('x', EsfAddress.MaxLength)}}","floor":12,"state":"Locked"}""");
        Assert.False(s_door.Address!.TryFormat(tooLong, new byte[8 * EsfAddress.MaxLength], out _));
        Assert.Null(s_door.Address.ToText(tooLong));
    }

    [Property(500, 20_000, Arbitrary = [typeof(Texts)])]
    public void Different_values_have_different_addresses_and_each_is_found_by_its_own(string one, string other)
    {
        string first = AddressOf(one);
        Assert.Equal(one == other, first == AddressOf(other));
        Assert.True(EsfAddressPattern.Parse(first).Matches(Encoding.UTF8.GetBytes(first)));
        Assert.Equal(5, first[1..].Split('/').Length);
    }

    [Fact]
    public void Formatting_and_filtering_an_address_allocates_nothing()
    {
        byte[] message = Schemas.Encode(Schemas.Telemetry, """{"device_id":"pump-7","timestamp":1,"metric_name":"flow","value":1}""");
        EsfMessageFilter filter =
            new(EsfSchemaSet.BuiltIn.Schemas, EsfAddressPattern.Parse("estream.**"), EsfAddressPattern.Parse("/devices/*/telemetry"));
        byte[] text = new byte[EsfAddress.MaxLength];
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            _ = Schemas.Telemetry.Address!.TryFormat(message, text, out _);
            _ = filter.Matches(message);
        }));
    }

    private static string AddressOf(string building)
    {
        return s_door.Address!.ToText(Schemas.Encode(s_door, $$"""{"building":"{{building}}","floor":1,"state":"Open"}"""))!;
    }

    /// <summary>Texts of characters that an address escapes.</summary>
    public static class Texts
    {
        /// <summary>Text of any length.</summary>
        public static Arbitrary<string> All() =>
            Gen.ArrayOf(Gen.Elements('a', '/', '%', '*', '.', ' ', '2', 'F', 'ü')).Select(chars => new string(chars)).ToArbitrary();
    }
}

namespace Estream.Esf.Tests;

public sealed class MessageFilterTests
{
    private static readonly EsfSchema s_alert = Schemas.BuiltIn("IoTAlert");
    private static readonly EsfSchema s_quote = Schemas.BuiltIn("EStreamQuote");

    private static readonly byte[] s_reading =
        Schemas.Encode(Schemas.Telemetry, """{"device_id":"pump-7","timestamp":1,"metric_name":"flow","value":1}""");

    private static readonly byte[] s_price = Schemas.Encode(
        s_quote, """{"instrument":"BTC/USD","bid_price":1,"bid_quantity":1,"ask_price":1,"ask_quantity":1,"timestamp":1,"source":"x"}""");

    [Fact]
    public void Constructor_throws_when_lattice_and_path_patterns_are_swapped()
    {
        EsfAddressPattern path = EsfAddressPattern.Parse("/a");
        EsfAddressPattern lattice = EsfAddressPattern.Parse("a");
        Assert.Equal("lattice", Assert.Throws<ArgumentException>(() => new EsfMessageFilter([], path, null)).ParamName);
        Assert.Equal("path", Assert.Throws<ArgumentException>(() => new EsfMessageFilter([], null, lattice)).ParamName);
    }

    [Theory]
    [InlineData(null, null, true, true)]
    [InlineData("estream.iot.**", null, true, false)]
    [InlineData("estream.trading.quote", null, false, true)]
    [InlineData("estream.iot.alert", null, false, false)]
    [InlineData(null, "/devices/pump-7/**", true, false)]
    [InlineData(null, "/devices/pump-8/**", false, false)]
    [InlineData(null, "/trading/quotes/BTC%2FUSD", false, true)]
    [InlineData(null, "/trading/quotes/*", false, true)]
    [InlineData("estream.trading.**", "/devices/**", false, false)]
    [InlineData("**", "/**", true, true)]
    public void Filter_matches_messages_by_lattice_and_address(string? lattice, string? path, bool reading, bool price)
    {
        EsfMessageFilter filter = new(EsfSchemaSet.BuiltIn.Schemas, Pattern(lattice), Pattern(path));
        Assert.Equal((reading, price), (filter.Matches(s_reading), filter.Matches(s_price)));
    }

    [Theory]
    [InlineData("/devices/*/telemetry", true)]
    [InlineData("/devices/*/weather", false)]
    [InlineData("/devices", false)]
    [InlineData("/devices/a/b/c", false)]
    [InlineData("/devices/a/telemetry/c/**", false)]
    [InlineData("/**", true)]
    public void CanMatch_is_false_when_no_address_of_the_schemas_can_match(string path, bool expected) =>
        Assert.Equal(expected, new EsfMessageFilter([Schemas.Telemetry, Schemas.Everything], null, Pattern(path)).CanMatch);

    [Fact]
    public void Filter_does_not_match_other_schemas_or_damaged_messages()
    {
        EsfMessageFilter filter = new([Schemas.Telemetry], null, Pattern("/**"));
        Assert.False(filter.Matches(default));
        Assert.False(filter.Matches(s_price));
        for (int length = 0; length < s_reading.Length; length++)
        {
            // Matches must not throw for a truncated message, nor read beyond its end.
            _ = filter.Matches(s_reading.AsSpan(0, length));
        }

        Assert.False(new EsfMessageFilter([s_alert], null, null).Matches(s_reading));
    }

    [Fact]
    public void CanChoose_tells_which_schemas_can_match()
    {
        EsfMessageFilter filter = new(EsfSchemaSet.BuiltIn.Schemas, Pattern("estream.**"), Pattern("/devices/*/telemetry"));
        Assert.True(filter.CanChoose(Schemas.Telemetry));
        Assert.False(filter.CanChoose(s_alert));
        Assert.False(filter.CanChoose(Schemas.Everything));
    }

    [Fact]
    public void Check_reports_damage_of_a_message_without_an_address()
    {
        EsfMessageFilter filter = new([Door("")], null, Pattern("/doors/*"));
        byte[] message = Schemas.Encode(Door(""), """{"door_id":"a"}""");
        Assert.True(filter.Check(message, out bool isChosen).IsOk && isChosen);

        // The message ends inside the text of the field, but its fixed block is complete.
        EsfStatus status = filter.Check(message.AsSpan(0, message.Length - 1), out isChosen);
        Assert.Equal((false, false, "door_id"), (status.IsOk, isChosen, status.Field));
        Assert.False(filter.Matches(message.AsSpan(0, message.Length - 1)));

        // This value makes the address longer than 1,024 bytes, because each character is encoded in three bytes.
        byte[] endless = Schemas.Encode(Door("", "string"), $$"""{"door_id":"{{new string('*', 400)}}"}""");
        Assert.True(new EsfMessageFilter([Door("", "string")], null, Pattern("/doors/*")).Check(endless, out isChosen).IsOk);
        Assert.False(isChosen);
        Assert.True(filter.Check(s_price, out isChosen).IsOk);
        Assert.False(isChosen);
    }

    [Fact]
    public void Filter_addresses_a_message_of_another_version_by_the_known_version()
    {
        EsfSchema known = Door("");
        byte[] later = Schemas.Encode(Door("badge: { type: u64, optional: true }"), """{"door_id":"a","badge":7}""");
        Assert.True(new EsfMessageFilter([known], null, Pattern("/doors/a")).Matches(later));
        Assert.False(new EsfMessageFilter([known], null, Pattern("/doors/b")).Matches(later));
        Assert.True(new EsfMessageFilter([known], Pattern("acme.**"), null).Matches(later));
        later[14]++;   // an unknown format version
        Assert.False(new EsfMessageFilter([known], Pattern("acme.**"), null).Matches(later));
    }

    private static EsfSchema Door(string more, string type = "string(64)") => Schemas.One($$"""
        DoorOpened:
          lattice: acme.doors
          path: /doors/{door_id}
          fields:
            door_id: { type: {{type}} }
            {{more}}
        """);

    private static EsfAddressPattern? Pattern(string? text) => text is null ? null : EsfAddressPattern.Parse(text);
}

namespace Estream.Esf.Tests;

/// <summary>JSON is the same after a round trip: exact numbers, every kind of value, order of map entries.</summary>
public sealed class JsonRoundTripTests
{
    private const string Fixed =
        "\"flag\":true,\"a\":255,\"b\":65535,\"c\":4294967295,\"d\":18446744073709551615,\"e\":-128,\"f\":-32768,\"g\":-2147483648," +
        "\"h\":-9223372036854775808,\"i\":0.1,\"j\":0.1,\"at\":-1,\"state\":\"Locked\"";

    [Theory]
    [InlineData("")]
    [InlineData(",\"key\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff\"")]
    [InlineData(",\"text\":\"\"")]
    [InlineData(",\"text\":\"\\\"\\\\/\\b\\f\\n\\r\\t°C 漢字 🙂\",\"short_text\":\"äö\"")]
    [InlineData(",\"raw\":\"\",\"signature\":\"00ff\"")]
    [InlineData(",\"place\":{\"x\":-1.5}")]
    [InlineData(",\"place\":{\"x\":1e-7,\"label\":\"\"}")]
    [InlineData(",\"numbers\":[],\"names\":[],\"grid\":[],\"tags\":{},\"parts\":[]")]
    [InlineData(",\"numbers\":[1,-2,3],\"names\":[\"\",\"a\",\"\"],\"grid\":[[],[1,2],[3]]")]
    [InlineData(",\"tags\":{\"b\":\"1\",\"\":\"\",\"a\":\"2\"},\"counts\":{\"7\":18446744073709551615,\"0\":0}")]
    [InlineData(",\"states\":{\"Closed\":[\"x\",\"yz\"],\"Open\":[]}")]
    [InlineData(",\"hashes\":{\"00000000000000000000000000000000000000000000000000000000000000aa\":false}")]
    [InlineData(",\"parts\":[{\"id\":1,\"note\":\"n\"},{\"id\":2}]")]
    public void Json_is_unchanged_after_a_round_trip(string rest)
    {
        string json = "{" + Fixed + rest + "}";
        byte[] message = Schemas.Encode(Schemas.Everything, json);
        Assert.Equal(Normalise(json), Normalise(Schemas.Print(Schemas.Everything, message)));
    }

    [Theory]
    [InlineData("u64", "0", "0")]
    [InlineData("u64", "9007199254740993", "9007199254740993")]
    [InlineData("u64", "18446744073709551615", "18446744073709551615")]
    [InlineData("u64", "\\u0031\\u0030", "10")]
    [InlineData("i64", "0", "0")]
    [InlineData("i64", "-1", "-1")]
    [InlineData("i64", "9223372036854775807", "9223372036854775807")]
    [InlineData("i64", "-9223372036854775808", "-9223372036854775808")]
    [InlineData("i64", "\\u002d1", "-1")]
    [InlineData("timestamp", "1700000000000000001", "1700000000000000001")]
    [InlineData("timestamp", "9223372036854775807", "9223372036854775807")]
    [InlineData("timestamp", "-9223372036854775808", "-9223372036854775808")]
    public void TryEncode_reads_64_bit_integers_from_strings_and_numbers(string type, string digits, string number)
    {
        EsfSchema schema = Schemas.One(
            $"Value: {{ fields: {{ v: {{ type: {type} }}, all: {{ type: array({type}) }}, by_name: {{ type: \"map(string, {type})\" }}, "
            + $"hidden: {{ type: {type}, privacy: encrypted }} }} }}");
        string Json(string v) => $$"""{"v":{{v}},"all":[{{v}},{{v}}],"by_name":{"a":{{v}}},"hidden":{{v}}}""";
        byte[] message = Schemas.Encode(schema, Json($"\"{digits}\""));
        Assert.Equal(Schemas.Encode(schema, Json(number)), message);
        Assert.Equal(Json(number), Schemas.Print(schema, message));
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.0", "1")]
    [InlineData("-0", "-0")]
    [InlineData("0.30000000000000004", "0.30000000000000004")]
    [InlineData("123456789012345678", "1.2345678901234568E+17")]
    [InlineData("5e-324", "5E-324")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157E+308")]
    [InlineData("\"NaN\"", "\"NaN\"")]
    [InlineData("\"Infinity\"", "\"Infinity\"")]
    [InlineData("\"-Infinity\"", "\"-Infinity\"")]
    public void Doubles_are_read_exactly(string json, string expected)
    {
        EsfSchema schema = Schemas.One("Value: { fields: { v: { type: f64 } } }");
        Assert.Equal("{\"v\":" + expected + "}", Schemas.Print(schema, Schemas.Encode(schema, "{\"v\":" + json + "}")));
    }

    [Fact]
    public void Random_decimals_are_read_like_double_Parse()
    {
        // The encoder has a fast path for short decimals. Numbers with about as many digits as a double can hold test the limit of this
        // path.
        Random random = new(7);
        EsfSchema schema = Schemas.One("Value: { fields: { v: { type: f64 } } }");
        Assert.True(schema.TryGetField("v", out EsfField? field));
        for (int i = 0; i < 20_000; i++)
        {
            string digits = random.NextInt64(1, 10).ToString()
                + string.Concat(Enumerable.Range(0, random.Next(19)).Select(_ => random.Next(10)));
            int point = random.Next(1, digits.Length + 1);
            string text = (random.Next(2) == 0 ? "-" : "") + digits[..point] + (point < digits.Length ? "." + digits[point..] : "");
            Assert.True(field!.TryGetDouble(Schemas.Encode(schema, "{\"v\":" + text + "}"), out double value));
            Assert.True(value.Equals(double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)), text);
        }
    }

    [Fact]
    public void TryEncode_ignores_member_order_and_white_space()
    {
        byte[] message = Schemas.Encode(Schemas.Telemetry, """
             { "value" : 20.5 , "unit":"C", "timestamp":1700000000000000000,
               "\u0064evice_id":"pump-7"	,"metric_name":"temperature"}
            """);
        Assert.Equal(
            """{"device_id":"pump-7","timestamp":1700000000000000000,"metric_name":"temperature","value":20.5,"unit":"C"}""",
            Schemas.Print(Schemas.Telemetry, message));
    }

    [Fact]
    public void WriteJson_prints_long_bytes_in_full()
    {
        EsfSchema schema = Schemas.One("Blob: { fields: { raw: { type: bytes } } }");
        string json = "{\"raw\":\"" + string.Concat(Enumerable.Range(0, 5000).Select(i => (i & 0xff).ToString("x2"))) + "\"}";
        Assert.Equal(json, Schemas.Print(schema, Schemas.Encode(schema, json)));
    }

    /// <summary>Normalises escapes and exponents, so that equivalent texts are equal.</summary>
    private static string Normalise(string json) =>
        System.Text.Json.JsonSerializer.Serialize(System.Text.Json.JsonDocument.Parse(json).RootElement)
            .Replace("1e-7", "1E-07", StringComparison.Ordinal);
}

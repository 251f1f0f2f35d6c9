using System.Text;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Tests.Json;

/// <summary>Reads the members of a document; the first fault is reported with its path.</summary>
public sealed class JsonFieldsTests
{
    [Theory]
    [InlineData(
        """{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI=","at":"2026-11-23T06:33:00Z","in":{"k":"v"},"list":[{"n":1}],"words":["a","b"]}""", null)]
    [InlineData("""[]""", "/: must be an object, but is an array")]
    [InlineData("""{}""", "/name: is missing")]
    [InlineData("""{"name":1}""", "/name: must be a text, but is a whole number")]
    [InlineData("""{"name":""}""", "/name: must be a string of 1 to 8 characters")]
    [InlineData("""{"name":"123456789"}""", "/name: must be a string of 1 to 8 characters")]
    [InlineData("""{"name":"a\nb"}""", "/name: must be a string of 1 to 8 characters")]
    [InlineData("""{"name":"x","count":11}""", "/count: must be from 0 to 10, but is 11")]
    [InlineData("""{"name":"x","count":-1}""", "/count: must be from 0 to 10, but is -1")]
    [InlineData("""{"name":"x","count":3,"isOn":1}""", "/isOn: must be true or false")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00FF"}""", "/hash: must be 2 bytes in 4 lower-case")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00f"}""", "/hash: must be 2 bytes")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI"}""", "/data: must be 0 to 3 bytes in base64")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQJ="}""", "/data: must be 0 to 3 bytes in base64")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQIDBA=="}""", "/data: must be 0 to 3 bytes in base64")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"A QI="}""", "/data: must be 0 to 3 bytes in base64")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"_-8="}""", "/data: must be 0 to 3 bytes in base64")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI=","at":"2026-11-23 06:33:00Z"}""",
        "/at: must be a time in UTC")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI=","at":"2026-02-30T06:33:00Z"}""",
        "/at: must be a time in UTC")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI=","at":"2026-11-23T06:33:00Z","in":[]}""",
        "/in: must be an object, but is an array")]
    [InlineData("""{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI=","at":"2026-11-23T06:33:00Z","in":{"k":"w"}}""",
        "/in/k: must be 'v'")]
    [InlineData(
        """{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI=","at":"2026-11-23T06:33:00Z","in":{"k":"v"},"list":[{"n":1},{"n":1},{"n":1}]}""", "/list: has 3 items; at most 2")]
    [InlineData(
        """{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI=","at":"2026-11-23T06:33:00Z","in":{"k":"v"},"list":[{"n":1},{}]}""",
        "/list/1/n: is missing")]
    [InlineData(
        """{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI=","at":"2026-11-23T06:33:00Z","in":{"k":"v"},"list":[],"words":["a","a"]}""", "/words/1: must be a string of 1 to 4")]
    [InlineData(
        """{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI=","at":"2026-11-23T06:33:00Z","in":{"k":"v","more":1},"list":[],"words":[]}""", "/in/more: is unknown")]
    [InlineData(
        """{"name":"x","count":3,"isOn":true,"hash":"00ff","data":"AQI=","at":"2026-11-23T06:33:00Z","in":{"k":"v"},"list":[],"words":[],"more":1}""", "/more: is unknown")]
    public void First_fault_is_reported_with_its_path(string text, string? expected)
    {
        Assert.True(StrictJsonReader.TryRead(Encoding.UTF8.GetBytes(text), new JsonLimits(1_000), out JsonValue? value, out _));
        JsonFields fields = new(value);
        fields.Text("name", 8);
        fields.Integer("count", 0, 10);
        fields.Boolean("isOn");
        fields.Hex("hash", 2);
        fields.Base64("data", 3);
        fields.Time("at");
        fields.Object("in").OneOf("k", "v");
        foreach (JsonFields item in fields.Objects("list", 2))
        {
            item.Integer("n", 1, 1);
        }

        fields.Texts("words", 4, 4);
        string? fault = fields.End();
        if (expected is null)
        {
            Assert.Null(fault);
        }
        else
        {
            Assert.StartsWith(expected, fault, StringComparison.Ordinal);
        }
    }
}

using System.Text;

namespace Estream.Wire.Tests;

public class RawPayloadTests
{
    [Theory]
    [InlineData("Count", "count", "7", """{"id":1,"count":7}""")]
    [InlineData("Count", "count", " 65535\r\n", """{"id":1,"count":65535}""")]
    public void Decimal_text_is_stored_as_a_number(string schema, string field, string payload, string expected)
    {
        using IngressRig rig = new(null, TopicMapping.Raw("{id}", Schemas.Get(schema), "data", field));

        Assert.Equal(IngressStatus.Stored, rig.Append("1", payload));

        Assert.Equal([expected], Schemas.ReadAll(rig.Data));
    }

    [Theory]
    [InlineData("true", """{"on":true}""")]
    [InlineData(" false ", """{"on":false}""")]
    public void True_and_false_are_stored_as_a_bool(string payload, string expected)
    {
        using IngressRig rig = new(null, TopicMapping.Raw("x", Schemas.Get("Flag"), "data", "on"));

        Assert.Equal(IngressStatus.Stored, rig.Append("x", payload));

        Assert.Equal([expected], Schemas.ReadAll(rig.Data));
    }

    [Fact]
    public void Text_is_stored_unchanged()
    {
        using IngressRig rig = new(null, TopicMapping.Raw("x", Schemas.Get("Text"), "data", "text"));

        Assert.Equal(IngressStatus.Stored, rig.Append("x", " \"quoted\",\n\\ süß {\"a\":1} "));

        Assert.Equal(["""{"text":" \"quoted\",\n\\ süß {\"a\":1} "}"""], Schemas.ReadAll(rig.Data));
    }

    [Fact]
    public void Time_of_arrival_is_stored_in_the_timestamp_field()
    {
        using IngressRig rig = new(null, TopicMapping.Raw("{name}", Schemas.Get("Blob"), "data", "content", "received"));

        Assert.Equal(IngressStatus.Stored, rig.Append("a", [1, 2, 3]));

        Assert.Matches("""^\{"name":"a","content":"010203","received":[0-9]{19}\}$""", Assert.Single(Schemas.ReadAll(rig.Data)));
    }

    [Theory]
    [InlineData("""{"content":"010203"}""")]
    [InlineData("""{ "content" : "010203" } """)]
    public void Time_of_arrival_is_added_to_a_json_object(string payload)
    {
        using IngressRig rig = new(null, TopicMapping.Json("{name}", Schemas.Get("Blob"), "data", "received"));

        Assert.Equal(IngressStatus.Stored, rig.Append("a", payload));

        Assert.Matches("""^\{"name":"a","content":"010203","received":[0-9]{19}\}$""", Assert.Single(Schemas.ReadAll(rig.Data)));
    }

    [Theory]
    [InlineData("""{"content":"01","received":1}""", "'received'")]
    [InlineData("{\"content\":\"01\",", "")]
    [InlineData("""{"content":"01"}}""", "")]
    [InlineData("""{"content":"01",}""", "")]
    [InlineData("""{"content":"01}""", "")]
    [InlineData("""[{}""", "")]
    [InlineData("}", "")]
    [InlineData("", "")]
    [InlineData("{}", "'content'")]
    public void Payload_with_a_time_of_its_own_or_that_is_not_an_object_becomes_a_dead_letter(string payload, string reason)
    {
        using IngressRig rig = new(null, TopicMapping.Json("{name}", Schemas.Get("Blob"), "data", "received"));

        Assert.Equal(IngressStatus.DeadLettered, rig.Append("a", payload));

        Assert.Empty(Schemas.ReadAll(rig.Data));
        string letter = Assert.Single(Schemas.ReadAll(rig.DeadLetters));
        Assert.Contains(reason, letter, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(payload)), letter, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("value", "needs a timestamp")]
    [InlineData("nobody", "no field 'nobody'")]
    public void Json_mapping_with_an_unsuitable_time_field_is_refused(string field, string reason)
    {
        FormatException failure =
            Assert.Throws<FormatException>(() => TopicMapping.Json("a/{device_id}", Schemas.Iot, "data", field));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Count", "count", "{id}", "1,\"id\":2")]
    [InlineData("Count", "count", "{id}", "65536")]
    [InlineData("Count", "count", "{id}", "-1")]
    [InlineData("Count", "count", "{id}", "")]
    [InlineData("Count", "count", "{id}", "--")]
    [InlineData("Count", "count", "{id}", "seven")]
    [InlineData("Flag", "on", "+", "1")]
    [InlineData("Flag", "on", "+", "true,")]
    public void Payload_of_another_type_becomes_a_dead_letter(string schema, string field, string topic, string payload)
    {
        using IngressRig rig = new(null, TopicMapping.Raw(topic, Schemas.Get(schema), "data", field));

        Assert.Equal(IngressStatus.DeadLettered, rig.Append("1", payload));

        Assert.Contains(
            Convert.ToHexStringLower(Encoding.UTF8.GetBytes(payload)), Assert.Single(Schemas.ReadAll(rig.DeadLetters)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_UTF_8_is_not_stored_as_text()
    {
        using IngressRig rig = new(null, TopicMapping.Raw("x", Schemas.Get("Text"), "data", "text"));

        Assert.Equal(IngressStatus.DeadLettered, rig.Append("x", [0xC3, 0x28]));

        Assert.Contains("not UTF-8", Assert.Single(Schemas.ReadAll(rig.DeadLetters)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("location", null, "a raw payload can be")]
    [InlineData("nobody", null, "no field 'nobody'")]
    [InlineData("device_id", null, "given twice")]
    [InlineData("value", "unit", "needs a timestamp")]
    public void Mapping_to_a_field_of_an_unsuitable_type_is_refused(string field, string? receivedAt, string reason)
    {
        FormatException failure = Assert.Throws<FormatException>(
            () => TopicMapping.Raw("a/{device_id}", Schemas.Iot, "data", field, receivedAt));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }
}

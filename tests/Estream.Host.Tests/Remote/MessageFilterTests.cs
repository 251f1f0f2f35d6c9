using System.Text;
using Estream.Client;
using Estream.Esf;
using Estream.Host.Remote;

namespace Estream.Host.Tests.Remote;

/// <summary>Goal: a filter tells a client nothing about messages of other schemas, whose private fields the host does not know.</summary>
public sealed class MessageFilterTests
{
    [Fact]
    public void A_filter_sends_no_message_of_another_or_an_unknown_schema()
    {
        MessageFilter filter = MessageFilter.Create(EsfSchemaSet.BuiltIn, "IoTTelemetry", "value > 0");
        byte[] message = new byte[512];
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        byte[] json = Encoding.UTF8.GetBytes("""{"device_id":"pump-1","timestamp":1,"metric_name":"flow","value":1.5}""");
        Assert.True(EsfJson.TryEncode(schema, json, message, out int length).IsOk);
        Span<byte> telemetry = message.AsSpan(0, length);
        Assert.True(EsfMessageHeader.TryReadSchemaId(telemetry, out _));
        Assert.True(filter.MatchesSchema(telemetry) && filter.MatchesFields(telemetry));

        // The same bytes with each other schema id, as of a schema that the host does not have.
        for (int index = 0; index < 32; index++)
        {
            byte[] unknown = telemetry.ToArray();
            unknown[index] ^= 0x55;
            bool isOther = !EsfSchemaSet.BuiltIn.TryGet(unknown, out EsfSchema? known) || known.QualifiedName != schema.QualifiedName;
            Assert.False(isOther && filter.MatchesSchema(unknown), $"a message whose byte {index} differs passes");
        }

        Assert.False(filter.MatchesSchema("no message"u8));
        Assert.False(filter.MatchesSchema([]));
        RemoteRefusalException refused = Assert.Throws<RemoteRefusalException>(
            () => MessageFilter.Create(EsfSchemaSet.BuiltIn, "NoSuchSchema", "value > 0"));
        Assert.Equal(ClientStatus.NotFound, refused.Status);
    }
}

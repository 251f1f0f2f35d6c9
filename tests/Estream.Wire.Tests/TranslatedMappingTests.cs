using Estream.Crypto;
using Estream.Esf;

namespace Estream.Wire.Tests;

/// <summary>Mappings whose messages the adapter translates itself are handled like all others.</summary>
public sealed class TranslatedMappingTests
{
    [Fact]
    public void Translated_message_is_stored_and_a_refused_one_becomes_a_dead_letter()
    {
        EsfSchema schema = Schemas.Get("Count");
        using IngressRig rig = new(null, TopicMapping.Translated("D", schema, "data", new OfJson(schema)));

        Assert.Equal(IngressStatus.Stored, rig.Append("D", """{"id":7,"count":3}"""));
        Assert.Equal(IngressStatus.DeadLettered, rig.Append("D", """{"id":7}"""));
        Assert.Equal(IngressStatus.NotMapped, rig.Append("8", """{"id":7,"count":3}"""));

        string[] expected = ["""{"id":7,"count":3}"""];
        Assert.Equal(expected, Schemas.ReadAll(rig.Data));
    }

    [Fact]
    public void Private_fields_of_a_translated_message_are_sealed()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        EsfSchema schema = Schemas.Get("Kept");
        using IngressRig rig = new(null, EsfAudienceKeys.None.With("default", key.PublicKey),
            TopicMapping.Translated("D", schema, "data", new OfJson(schema)));

        Assert.Equal(IngressStatus.Stored, rig.Append("D", """{"id":"a","secret":"the cat is out"}"""));

        string[] expected = ["""{"id":"a","secret":{"$withheld":true}}"""];
        Assert.Equal(expected, Schemas.ReadAll(rig.Data));
    }

    [Fact]
    public void Topic_with_a_captured_field_is_refused_for_a_translated_mapping()
    {
        EsfSchema schema = Schemas.Get("Kept");

        Assert.Throws<FormatException>(() => TopicMapping.Translated("x/{id}", schema, "data", new OfJson(schema)));
    }

    private sealed class OfJson(EsfSchema schema) : IPayloadTranslator
    {
        public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
        {
            return TranslateStatus.Of(EsfJson.TryEncode(schema, message.Payload, destination, out length));
        }
    }
}

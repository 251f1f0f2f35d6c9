using Estream.Crypto;
using Estream.Esf;

namespace Estream.Wire.Tests;

/// <summary>Mappings whose messages the adapter translates itself go the way of all others.</summary>
public sealed class TranslatedMappingTests
{
    [Fact]
    public void What_the_translator_writes_is_stored_and_what_it_refuses_is_a_dead_letter()
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
    public void What_is_private_is_sealed()
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
    public void A_topic_that_captures_a_field_is_refused()
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

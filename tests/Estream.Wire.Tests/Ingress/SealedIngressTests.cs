using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire.Tests;

/// <summary>Messages with private fields that arrive from the network: they are sealed or not stored.</summary>
public sealed class SealedIngressTests
{
    private const string Json = """{"id":"a","secret":"the cat is out"}""";

    private static readonly TopicMapping s_mapping = TopicMapping.Json("x/#", Schemas.Get("Kept"), "data");

    [Fact]
    public void Routes_for_private_fields_require_keys()
    {
        EsfKeyException missing = Assert.Throws<EsfKeyException>(() => new IngressRig(null, s_mapping).Dispose());
        Assert.Equal("default", missing.Audience);
    }

    [Fact]
    public void Routes_for_card_numbers_require_a_vault() => Assert.Contains(
        "vault", Assert.Throws<ArgumentException>(() =>
            new IngressRig(null, TopicMapping.Json("p/#", Schemas.Get("Payment"), "data")).Dispose()).Message, StringComparison.Ordinal);

    [Fact]
    public void Private_fields_are_sealed_with_keys()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using IngressRig rig = new(null, EsfAudienceKeys.None.With("default", key.PublicKey), s_mapping);
        Assert.Equal(IngressStatus.Stored, rig.Append("x/1", Json));
        string longer = Json.Replace("cat", new string('c', 20_000), StringComparison.Ordinal);
        Assert.Equal(IngressStatus.Stored, rig.Append("x/1", longer));
        Assert.Equal(Enumerable.Repeat("""{"id":"a","secret":{"$withheld":true}}""", 2), Schemas.ReadAll(rig.Data));
        Assert.Equal((2, true), (rig.Sink.Messages, rig.Sink.Bytes > 20_000));

        using EsfKeyRing ring = new(key);
        using EsfUnsealer unsealer = new(Schemas.Get("Kept"), ring);
        using QueueTailer tailer = rig.Data.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.True(EsfValidator.CheckStored(Schemas.Get("Kept"), message.Payload).IsOk);
        Assert.True(unsealer.Open(message.Payload, out ReadOnlySpan<byte> opened, out int withheld).IsOk);
        Assert.Equal(0, withheld);
        Assert.True(Schemas.Get("Kept").TryGetField("secret", out EsfField? secret)
            && secret.TryGetBytes(opened, out ReadOnlySpan<byte> text) && text.SequenceEqual("the cat is out"u8));
    }

    [Fact]
    public void CanStoreRaw_is_false_for_topics_that_may_have_private_fields()
    {
        TopicMapping open = TopicMapping.Json("y/#", Schemas.Get("Flag"), "data");
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using IngressRig some = new(null, EsfAudienceKeys.None.With("default", key.PublicKey), s_mapping, open);
        using IngressRig none = new(null, open);

        Assert.False(some.Writer.CanStoreRaw("x/1"u8));
        Assert.True(some.Writer.CanStoreRaw("y/1"u8));
        Assert.False(some.Writer.CanStoreRaw("z"u8));
        Assert.True(none.Writer.CanStoreRaw("y/1"u8));
        Assert.True(none.Writer.CanStoreRaw("z"u8));
    }

    [Theory]
    [InlineData("""{"id":"a","secret":"the cat is out","extra":1}""")]
    [InlineData("""{"id":"a","secret":["the cat is out"]}""")]
    [InlineData("""{"id":"a","the cat is out":1}""")]
    [InlineData("""{"id":"a","secret":{"$withheld":true}}""")]
    public void Dead_letter_of_a_schema_with_private_fields_contains_only_the_reason(string json)
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using IngressRig rig = new(null, EsfAudienceKeys.None.With("default", key.PublicKey), s_mapping);
        Assert.Equal(IngressStatus.DeadLettered, rig.Append("x/1", json));
        string letter = Assert.Single(Schemas.ReadAll(rig.DeadLetters));
        Assert.Contains("\"payload\":\"\"", letter, StringComparison.Ordinal);
        Assert.Contains("not kept: its schema has private fields", letter, StringComparison.Ordinal);
        Assert.DoesNotContain("cat is out", letter, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Events, happened => happened.Detail.Contains("cat is out", StringComparison.Ordinal));
        Assert.Empty(Schemas.ReadAll(rig.Data));
    }

    [Fact]
    public void Message_too_long_after_sealing_becomes_a_dead_letter_that_recommends_larger_segments()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using IngressRig rig =
            new(new QueueOptions { SegmentBytes = 64 * 1024 }, EsfAudienceKeys.None.With("default", key.PublicKey), s_mapping);
        int room = rig.Data.MaxMessageBytes;
        foreach (int length in new[] { room - 1_000, room * 2 })
        {
            Assert.Equal(IngressStatus.DeadLettered,
                rig.Append("x/1", Json.Replace("cat", new string('c', length), StringComparison.Ordinal)));
        }

        Assert.All(Schemas.ReadAll(rig.DeadLetters),
            letter => Assert.Contains("give it larger segments", letter, StringComparison.Ordinal));
        Assert.Equal(IngressStatus.Stored, rig.Append("x/1", Json));
    }
}

using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire.Tests;

/// <summary>Messages whose schema has private fields in a sub-lex: these fields are stored in a separate queue and nowhere else.</summary>
public sealed class SubLexIngressTests : IDisposable
{
    private const string Withheld = """{"$withheld":true}""";

    private static readonly TopicMapping s_bare = TopicMapping.Json("visits/{id}", Schemas.Get("Visit"), "data");
    private static readonly TopicMapping s_mapping = s_bare.WithSubLexes(new Dictionary<string, string> { ["clinical"] = "apart" });

    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.Generate();

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Sub_lex_values_are_stored_in_their_queue_and_the_message_in_the_mapped_queue()
    {
        using IngressRig rig = Rig(null, s_mapping);
        Assert.Equal(IngressStatus.Stored, rig.Append("visits/v1", """{"name":"Katharina","finding":"murmur"}"""));
        Assert.Equal(IngressStatus.Stored, rig.Append("visits/v2", """{"name":"Clara"}"""));
        Assert.Equal([$$"""{"id":"v1","name":"Katharina","finding":{{Withheld}}}""", """{"id":"v2","name":"Clara"}"""], Opened(rig.Data));
        Assert.Equal([$$"""{"id":"v1","name":{{Withheld}},"finding":"murmur"}"""], Opened(rig.Apart));
        Assert.Equal(2, rig.Sink.Messages);
        Assert.True(rig.Sinks.TryGet("apart", out IngressSink? apart) && apart.Messages == 1);
    }

    [Fact]
    public void Mapping_without_a_queue_for_a_sub_lex_is_refused()
    {
        Assert.Contains("'clinical'", Assert.Throws<ArgumentException>(() => Rig(null, s_bare)).Message, StringComparison.Ordinal);
        Assert.Contains("no sub-lex 'clinic'",
            Assert.Throws<ArgumentException>(() => s_bare.WithSubLexes(new Dictionary<string, string> { ["clinic"] = "apart" })).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Rig(null, s_bare.WithSubLexes(new Dictionary<string, string> { ["clinical"] = "nowhere" })));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Queue_cannot_take_both_messages_and_a_sub_lex(bool isMessagesFirst)
    {
        TopicMapping messages = TopicMapping.Json("x", Schemas.Get("Flag"), "apart");
        ArgumentException refused =
            Assert.Throws<ArgumentException>(() => isMessagesFirst ? Rig(null, messages, s_mapping) : Rig(null, s_mapping, messages));
        Assert.Contains("'apart'", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Rig(null, s_bare.WithSubLexes(new Dictionary<string, string> { ["clinical"] = "data" })));
    }

    [Fact]
    public void Message_too_long_for_the_sub_lex_queue_is_stored_in_neither_queue()
    {
        using IngressRig rig = Rig(new QueueOptions { SegmentBytes = 64 * 1024 }, s_mapping);
        Assert.Equal(IngressStatus.DeadLettered,
            rig.Append("visits/v1", $$"""{"name":"Katharina","finding":"{{new string('m', 70_000)}}"}"""));
        Assert.Empty(Schemas.ReadAll(rig.Data));
        Assert.Empty(Schemas.ReadAll(rig.Apart));
    }

    private IngressRig Rig(QueueOptions? options, params TopicMapping[] mappings) =>
        new(options, EsfAudienceKeys.None.With("default", _key.PublicKey), mappings);

    private List<string> Opened(EstreamQueue queue)
    {
        using EsfKeyRing ring = new(MlKem1024PrivateKey.ImportSeed(SeedOf(_key)));
        using EsfUnsealer unsealer = new(Schemas.Get("Visit"), ring);
        using QueueTailer tailer = queue.CreateTailer();
        List<string> found = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(EsfValidator.CheckStored(Schemas.Get("Visit"), message.Payload).IsOk);
            Assert.True(unsealer.Open(message.Payload, out ReadOnlySpan<byte> opened, out _).IsOk);
            System.Buffers.ArrayBufferWriter<byte> json = new();
            Assert.True(EsfJson.WriteJson(Schemas.Get("Visit"), opened, json, EsfDisclosure.Disclosed).IsOk);
            found.Add(System.Text.Encoding.UTF8.GetString(json.WrittenSpan));
        }

        return found;
    }

    private static byte[] SeedOf(MlKem1024PrivateKey key)
    {
        byte[] seed = new byte[MlKem1024.SeedBytes];
        key.ExportSeed(seed);
        return seed;
    }
}

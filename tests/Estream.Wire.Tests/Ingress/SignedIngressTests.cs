using System.Buffers;
using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>A queue that accepts signed messages only: what is refused, and with which reason.</summary>
public sealed class SignedIngressTests : IDisposable
{
    private const string Topic = "signed";

    private static readonly EsfSchema s_schema = Schemas.Get("Signed");

    private readonly TempDirectory _folder = new();
    private readonly MlDsa87PrivateKey _sender = MlDsa87PrivateKey.Generate();
    private readonly MlDsa87PrivateKey _stranger = MlDsa87PrivateKey.Generate();
    private readonly SignatureRule _rule;

    public SignedIngressTests()
    {
        _sender.PublicKey.Save(_folder.Combine("sender.pub"));
        Trust("sender sender.pub");
        _rule = new SignatureRule(Trusted, "Estream:Queues:data:RequireSignature");
    }

    private string Trusted => _folder.Combine("trusted");

    public void Dispose()
    {
        _sender.Dispose();
        _stranger.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Only_a_message_signed_by_a_trusted_key_is_stored()
    {
        using IngressRig rig = IngressRig.OfSigned(_rule, TopicMapping.Json(Topic, s_schema, "data"));
        string good = Signed(1, _sender);
        Assert.Equal(IngressStatus.Stored, rig.Append(Topic, good));
        Assert.Equal(IngressStatus.DeadLettered, rig.Append(Topic, """{"id":2,"text":"unsigned"}"""));
        Assert.Equal(IngressStatus.DeadLettered, rig.Append(Topic, """{"id":2,"text":"short","signature":"0011"}"""));
        Assert.Equal(IngressStatus.DeadLettered, rig.Append(Topic, Signed(3, _stranger)));
        Assert.Equal(IngressStatus.DeadLettered, rig.Append(Topic, good.Replace("\"id\":1", "\"id\":4", StringComparison.Ordinal)));
        Assert.Equal(IngressStatus.DeadLettered, rig.Append(Topic, """{"id":"""));
        Assert.Equal(IngressStatus.Stored, rig.Append(Topic, Signed(5, _sender)));

        Assert.Equal([1, 5], Ids(rig));
        AssertReasons(rig, "is not signed", "does not have 4627 bytes", "no trusted key", "no trusted key", "JSON");
        string letter = Schemas.ReadAll(rig.DeadLetters)[2];
        Assert.Contains(Convert.ToHexStringLower(Encoding.UTF8.GetBytes("\"id\":3")), letter, StringComparison.Ordinal);
    }

    [Fact]
    public void Revoking_a_key_in_the_file_takes_effect_without_a_restart()
    {
        using IngressRig rig = IngressRig.OfSigned(_rule, TopicMapping.Json(Topic, s_schema, "data"));
        Assert.Equal(IngressStatus.Stored, rig.Append(Topic, Signed(1, _sender)));
        Trust("sender sender.pub - 2020-01-01T00:00:00Z");
        _rule.Reload();
        Assert.Equal(IngressStatus.DeadLettered, rig.Append(Topic, Signed(2, _sender)));
        AssertReasons(rig, "the key 'sender' signed the message, but it was revoked at 2020-01-01T00:00:00Z");

        Trust("no line");
        Assert.Contains("RequireSignature", Assert.Throws<WireConfigurationException>(_rule.Reload).Message, StringComparison.Ordinal);
        Assert.Equal(IngressStatus.DeadLettered, rig.Append(Topic, Signed(3, _sender)));
        Assert.Equal([1], Ids(rig));
    }

    [Fact]
    public void A_changed_file_is_read_when_it_has_settled()
    {
        Assert.False(_rule.Look());
        _stranger.PublicKey.Save(_folder.Combine("stranger.pub"));
        Trust("sender sender.pub\nstranger stranger.pub");
        Assert.False(_rule.Look());
        Assert.Equal("sender", Assert.Single(_rule.Keys.Keys).Id);
        Assert.True(_rule.Look());
        Assert.Equal(["sender", "stranger"], _rule.Keys.Keys.Select(key => key.Id));
    }

    [Fact]
    public void A_replay_is_stored_again()
    {
        using IngressRig rig = IngressRig.OfSigned(_rule, TopicMapping.Json(Topic, s_schema, "data"));
        string good = Signed(1, _sender);
        Assert.Equal(IngressStatus.Stored, rig.Append(Topic, good));
        Assert.Equal(IngressStatus.Stored, rig.Append(Topic, good));
        Assert.Equal([1, 1], Ids(rig));
    }

    [Fact]
    public void A_full_queue_blocks_and_the_same_message_is_stored_later()
    {
        using IngressRig rig = IngressRig.OfSigned(_rule, TopicMapping.Json(Topic, s_schema, "data"));
        string good = Signed(1, _sender);
        rig.Sink.Control.Pause(PauseReason.Disk, new EstreamStorageException("full", null, StorageFailure.DiskFull));
        Assert.Equal(IngressStatus.Blocked, rig.Append(Topic, good));
        rig.Sink.Control.Resume(PauseReason.Disk);
        Assert.Equal(IngressStatus.Stored, rig.Append(Topic, good));
        Assert.Equal([1], Ids(rig));
    }

    [Fact]
    public void A_mapping_whose_messages_cannot_be_signed_is_refused()
    {
        AssertRefused(TopicMapping.Json(Topic, Schemas.Get("Text"), "data"), "exactly one public field of type pq_signature");
        AssertRefused(TopicMapping.Json("{text}", s_schema, "data"), "takes the text 'text' from the topic");
        AssertRefused(TopicMapping.Raw(Topic, s_schema, "data", "text"), "does not take JSON");
        AssertRefused(TopicMapping.Json(Topic, Schemas.Get("SignedSecret"), "data"), "protected fields");
        using IngressRig numbers = IngressRig.OfSigned(_rule, TopicMapping.Json("{id}", s_schema, "data"));
        Assert.Equal(IngressStatus.Stored, numbers.Append("1", Signed(1, _sender)));
    }

    private void AssertRefused(TopicMapping mapping, string expected)
    {
        string error = Assert.Throws<WireConfigurationException>(() => IngressRig.OfSigned(_rule, mapping).Dispose()).Message;
        Assert.Contains("Queue 'data' accepts signed messages only", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static void AssertReasons(IngressRig rig, params string[] reasons)
    {
        IReadOnlyList<string> letters = Schemas.ReadAll(rig.DeadLetters);
        Assert.Equal(reasons.Length, letters.Count);
        Assert.All(reasons.Zip(letters), pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));
    }

    private static List<int> Ids(IngressRig rig) =>
        [.. Schemas.ReadAll(rig.Data).Select(json => int.Parse(json.Split(':', ',')[1], CultureInfo.InvariantCulture))];

    private void Trust(string lines) => File.WriteAllText(Trusted, $"# estream trusted keys 1\n{lines}\n");

    /// <summary>The JSON of a signed message, as `estream esf sign` and `estream esf decode` make it.</summary>
    private static string Signed(int id, MlDsa87PrivateKey key)
    {
        byte[] message = new byte[10_000];
        string zeros = new('0', 2 * MlDsa87.SignatureBytes);
        string json = $$"""{"id":{{id}},"text":"hello","signature":"{{zeros}}"}""";
        Assert.True(EsfJson.TryEncode(s_schema, Encoding.UTF8.GetBytes(json), message, out int length).IsOk);
        Assert.True(EsfSignature.Sign(s_schema, message.AsSpan(0, length), key).IsOk);
        ArrayBufferWriter<byte> text = new();
        Assert.True(EsfJson.WriteJson(s_schema, message.AsSpan(0, length), text).IsOk);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}

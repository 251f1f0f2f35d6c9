using System.Text;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Testing;
using Estream.Witness;

namespace Estream.Host.Tests.Runtime;

/// <summary>A proof contains its message, so it is disclosed only if the message may be disclosed.</summary>
public sealed class WitnessViewTests : IDisposable
{
    private const string Id = "0000000000000000000000000000000000000000000000000000000000000000";
    private const string Private =
        $$"""{"issued_by":"{{Id}}","command_id":"{{Id}}","device_id":"d","command_type":"t","payload":"00","issued_at":1,"signature":"00"}""";
    private const string Public = """{"device_id":"pump-1","timestamp":1,"metric_name":"m","value":0.5}""";

    private readonly TempDirectory _directory = new();
    private readonly ReadGate _gate = new();
    private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.Generate();
    private readonly EstreamQueue _queue;
    private readonly EstreamQueue _attestations;

    public WitnessViewTests()
    {
        _queue = EstreamQueue.Open(_directory.Combine("q"));
        _attestations = EstreamQueue.Open(_directory.Combine("q.witness"));
    }

    public void Dispose()
    {
        _attestations.Dispose();
        _queue.Dispose();
        _key.Dispose();
        _gate.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("IoTTelemetry", Public, false, true)]
    [InlineData("IoTTelemetry", Public, true, true)]
    [InlineData("IoTCommand", Private, false, false)]
    [InlineData("of nobody", "", false, true)]
    [InlineData("of nobody", "", true, false)]
    [InlineData("of another version", Public, false, true)]
    [InlineData("of another version", Public, true, false)]
    public void A_possibly_private_message_is_proven_without_its_content(string kind, string json, bool hidesUnknown, bool isGiven)
    {
        Append(kind, json);
        WitnessView view = new("q", _queue, _attestations, [_key.PublicKey], new MessageJson(EsfSchemaSet.BuiltIn, hidesUnknown), _gate);

        byte[]? file = view.ProveMessage(0);
        InclusionOverview inclusion = view.ProveInclusion(0);

        Assert.Equal((isGiven, isGiven), (file is not null, inclusion.File is not null));
        Assert.Equal((0, 0, 1), (inclusion.Sequence, inclusion.Index, inclusion.Attestation.Messages));
        Assert.Empty(inclusion.Path);
        Assert.Equal(inclusion.Attestation.Root, inclusion.Leaf);
    }

    [Fact]
    public void A_witness_view_throws_after_the_host_has_stopped()
    {
        Append("IoTTelemetry", Public);
        WitnessView view = new("q", _queue, _attestations, [_key.PublicKey], new MessageJson(EsfSchemaSet.BuiltIn), _gate);
        Assert.Single(view.Last(10));
        _gate.Close();
        Assert.Throws<ObjectDisposedException>(() => view.Last(10));
        Assert.Throws<ObjectDisposedException>(() => view.ProveMessage(0));
    }

    private void Append(string kind, string json)
    {
        using (QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append(Message(kind, json));
        }

        using QueueWitness witness = QueueWitness.Open(_queue, _attestations, _key);
        Assert.Equal(1, witness.RunToEnd());
    }

    private static byte[] Message(string kind, string json)
    {
        if (kind == "of nobody")
        {
            return new byte[40];
        }

        Assert.True(EsfSchemaSet.BuiltIn.TryGet(kind == "of another version" ? "IoTTelemetry" : kind, out EsfSchema? schema));
        EsfSchema writer = kind == "of another version"
            ? EsfSchema.FromCanonicalText(schema.Definition.CanonicalText[..^1] + ",tide?:u8}")
            : schema;
        byte[] message = new byte[4_096];
        EsfStatus status = EsfJson.TryEncode(writer, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        return message[..length];
    }
}

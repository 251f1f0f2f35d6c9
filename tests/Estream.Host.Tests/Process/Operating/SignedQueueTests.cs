using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Client;
using Estream.Crypto;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a queue with RequireSignature stores signed messages only, from adapters and from clients.</summary>
[Collection(ProcessCollection.Name)]
public sealed class SignedQueueTests : IDisposable
{
    private const string Publisher = "mosquitto_pub";
    private const string Schema = """
        version: "1.0"
        namespace: bank
        schemas:
          Transfer:
            fields:
              id: { type: u32 }
              payee: { type: string(16) }
              signature: { type: pq_signature, optional: true }
        """;

    private readonly HostFiles _files = new();
    private readonly EsfSchema _schema;
    private readonly MlDsa87PrivateKey _sender = MlDsa87PrivateKey.Generate();
    private readonly MlDsa87PrivateKey _stranger = MlDsa87PrivateKey.Generate();

    public SignedQueueTests()
    {
        _sender.PublicKey.Save(In("sender.pub"));
        File.WriteAllText(In("bank.esf.yaml"), Schema);
        Assert.True(EsfSchemaSet.Load(In("bank.esf.yaml")).TryGet("Transfer", out EsfSchema? schema));
        _schema = schema!;
        Trust("sender sender.pub");
        Configure();
    }

    public void Dispose()
    {
        _sender.Dispose();
        _stranger.Dispose();
        _files.Dispose();
    }

    [Theory]
    [InlineData("telemetry", "IoTTelemetry", "Estream:Adapters:devices:Mappings:1:Schema", "does not have exactly one public field")]
    [InlineData("telemetry", "IoTCommand", "Estream:Adapters:devices:Mappings:1:Schema", "protected fields")]
    [InlineData("dead-letters", "Transfer", "Estream:Queues:dead-letters:RequireSignature", "refused messages")]
    [InlineData("telemetry", "Transfer\",\"Topic\":\"t/{payee}", "Estream:Adapters:devices:Mappings:1:Schema", "takes the text \"payee\"")]
    [InlineData("telemetry", "Transfer\",\"Field\":\"id\",\"Payload\":\"raw", "Estream:Adapters:devices:Mappings:1:Payload", "only JSON")]
    public void A_rule_that_no_message_can_follow_prevents_the_start(string queue, string schema, string key, string reason)
    {
        Configure(queue, schema);
        ProcessResult end = _files.Start().Process.WaitForExit();
        Assert.Equal(2, end.ExitCode);
        Assert.Contains(key, end.Error, StringComparison.Ordinal);
        Assert.Contains(reason, end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_files.Data));
    }

    [Fact]
    public void A_damaged_file_of_trusted_keys_prevents_the_start()
    {
        Trust("sender missing.pub");
        ProcessResult end = _files.Start().Process.WaitForExit();
        Assert.Equal(2, end.ExitCode);
        Assert.Contains("Estream:Queues:telemetry:RequireSignature", end.Error, StringComparison.Ordinal);
        Assert.Contains("missing.pub", end.Error, StringComparison.Ordinal);
    }

    [PeerFact(Publisher, "mosquitto-clients")]
    public async Task Adapters_and_clients_store_signed_messages_only()
    {
        using HostProcess host = _files.Start().WaitUntilReady();
        Publish(host, Json(Signed(1, _sender)));
        Publish(host, """{"id":2,"payee":"bob"}""");
        Publish(host, Json(Signed(3, _stranger)));
        Eventually.True(() => Letters(host) == 2, "two messages are refused");

        await using (EstreamClient client = await ConnectAsync())
        {
            Assert.True(await client.Queue("telemetry").AppendAsync(Signed(4, _sender)) > 0);
        }

        Assert.Contains("no trusted key", await RefusalAsync(Signed(5, _sender), Signed(5, _stranger)), StringComparison.Ordinal);
        Assert.Contains("unknown schema", await RefusalAsync("not a message"u8.ToArray()), StringComparison.Ordinal);
        Assert.Equal(4, Letters(host));

        Trust("sender sender.pub - 2020-01-01T00:00:00Z");
        Eventually.True(() => host.Process.Output.Contains("Queue telemetry trusts 1 keys", StringComparison.Ordinal),
            "the file is read again");
        Publish(host, Json(Signed(6, _sender)));
        Eventually.True(() => Letters(host) == 5, "the key is revoked");
        Assert.Contains("it was revoked at 2020-01-01", host.Get("/api/queues/dead-letters/messages"), StringComparison.Ordinal);
        Assert.Contains("queue telemetry: reloaded\n", Reload(), StringComparison.Ordinal);
        Trust("sender");
        Assert.Contains("Estream:Queues:telemetry:RequireSignature", Reload(), StringComparison.Ordinal);
        Assert.Equal(0, host.Stop().ExitCode);

        List<uint> ids = [];
        _files.Read("telemetry", message =>
        {
            Assert.True(EsfSignature.Verify(_schema, message.Payload, _sender.PublicKey));
            ids.Add(JsonDocument.Parse(Json(message.Payload.ToArray())).RootElement.GetProperty("id").GetUInt32());
        });
        Assert.Equal([1u, 4u], ids);
    }

    [Fact]
    public async Task Each_partition_of_a_queue_stores_signed_messages_only()
    {
        string rule = JsonSerializer.Serialize(In("trusted"));
        File.WriteAllText(_files.Config, $$$"""
            {"Estream":{"Schemas":[{{{JsonSerializer.Serialize(In("bank.esf.yaml"))}}}],"Client":{},
             "Queues":{"dead-letters":{"SegmentBytes":131072},
               "trades":{"Partitions":2,"SegmentBytes":262144,"RequireSignature":{{{rule}}} } } } }
            """);
        using HostProcess host = _files.Start().WaitUntilReady();
        await using EstreamClient client = await ConnectAsync();
        for (int partition = 0; partition < 2; partition++)
        {
            RemoteQueue queue = client.PartitionedQueue("trades").Partition(partition);
            Assert.True(await queue.AppendAsync(Signed(1, _sender)) > 0);
            EstreamClientException refused =
                await Assert.ThrowsAsync<EstreamClientException>(async () => await queue.AppendAsync(Signed(2, _stranger)));
            Assert.Contains("no trusted key", refused.Message, StringComparison.Ordinal);
            Assert.Equal(1, (await queue.GetInfoAsync()).NextSequence);
        }

        Assert.Equal(2, Letters(host));
    }

    private Task<EstreamClient> ConnectAsync() =>
        EstreamClient.ConnectAsync(new Uri($"unix:{Path.Combine(_files.Data, "run", "client.sock")}"));

    private async Task<string> RefusalAsync(params ReadOnlyMemory<byte>[] messages)
    {
        await using EstreamClient client = await ConnectAsync();
        EstreamClientException refused = await Assert.ThrowsAsync<EstreamClientException>(
            () => client.Queue("telemetry").AppendBatchAsync(messages));
        Assert.Equal(ClientStatus.Invalid, refused.Status);
        return refused.Message;
    }

    private static int Letters(HostProcess host) => host.Get("/api/queues/dead-letters/messages").Split("\"reason\"").Length - 1;

    private string In(string file) => Path.Combine(Path.GetDirectoryName(_files.Config)!, file);

    private void Trust(string lines) => File.WriteAllText(In("trusted"), $"# estream trusted keys 1\n{lines}\n");

    private void Configure(string queue = "telemetry", string schema = "Transfer")
    {
        string topic = schema.Contains("Topic", StringComparison.Ordinal) ? "" : ",\"Topic\":\"transfers\"";
        string rule = $"\"RequireSignature\":{JsonSerializer.Serialize(In("trusted"))}";
        File.WriteAllText(_files.Config, $$$"""
            {"Estream":{"Schemas":[{{{JsonSerializer.Serialize(In("bank.esf.yaml"))}}}],"Client":{},
             "Queues":{"telemetry":{"SegmentBytes":262144{{{(queue == "telemetry" ? "," + rule : "")}}} },
               "other":{"SegmentBytes":262144},
               "dead-letters":{"SegmentBytes":131072{{{(queue == "dead-letters" ? "," + rule : "")}}} } },
             "Adapters":{"devices":{"Type":"mqtt-endpoint","MaxPacketBytes":65536,
               "Mappings":[{"Topic":"other/{device_id}","Schema":"IoTTelemetry","Queue":"other"},
                 {"Schema":"{{{schema}}}"{{{topic}}},"Queue":"telemetry"}]} } } }
            """);
    }

    private byte[] Signed(int id, MlDsa87PrivateKey key)
    {
        byte[] message = new byte[6_000];
        byte[] json = Encoding.UTF8.GetBytes($$"""{"id":{{id}},"payee":"bob"}""");
        Assert.True(EsfJson.TryEncode(_schema, json, message, out int length).IsOk);
        Assert.True(EsfSignature.Reserve(_schema, message, ref length).IsOk);
        Assert.True(EsfSignature.Sign(_schema, message.AsSpan(0, length), key).IsOk);
        return message[..length];
    }

    private string Json(byte[] message)
    {
        ArrayBufferWriter<byte> text = new();
        Assert.True(EsfJson.WriteJson(_schema, message, text).IsOk);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private void Publish(HostProcess host, string json)
    {
        string file = In("payload.json");
        File.WriteAllText(file, json);
        ProcessResult result = ChildProcess.Run(
            Peer.Require(Publisher, "mosquitto-clients"),
            ["-h", "127.0.0.1", "-p", $"{host.MqttPort}", "-q", "1", "-t", "transfers", "-f", file]);
        Assert.Equal(0, result.ExitCode);
    }

    private string Reload() => ChildProcess.Run("dotnet", [BuiltProgram.Cli, "host", "reload"],
        environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = _files.Data }).Output;
}

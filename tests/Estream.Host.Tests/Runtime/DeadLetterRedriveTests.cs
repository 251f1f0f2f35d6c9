using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: a redrive stores messages only where their sources may write. A message that cannot be stored or confirmed does not
/// affect other messages.</summary>
[Collection(ProcessCollection.Name)]
public sealed class DeadLetterRedriveTests
{
    private const string Reading = """{"device_id":"pump-7","timestamp":1,"metric_name":"flow","value":1.5}""";

    [Fact]
    public async Task Only_clients_and_pipelines_name_a_queue_and_the_token_must_reach_it()
    {
        using TempDirectory directory = new();
        string file = directory.Combine("alarms.pipeline.yaml");
        File.WriteAllText(file, """
            version: "1.0"
            pipelines:
              alarms:
                from: { queue: telemetry, schema: IoTTelemetry }
                to: { map: newest, key: device_id }
            """);
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(), estream =>
        {
            estream["Pipelines"] = new JsonArray(file);
            estream["Queues"]!["payments"] = new JsonObject();
        });
        byte[] message = Encode(Reading);
        Add(rig, "removed", "payments", message);
        Add(rig, "alarms", "payments", message);
        Add(rig, "alarms", "telemetry", message);
        Add(rig, "client", "payments", message);

        RedriveAnswer limited = Run(rig, new Identity("desk", AccessRole.Admin)
        {
            Scopes = AccessScopes.Create(["payments:append"], [], reachesFhir: true),
        }, isDryRun: true);
        Assert.StartsWith("The scopes of desk do not include to append to queue 'telemetry'", limited.DeadLetters[2].Reason,
            StringComparison.Ordinal);
        Assert.Equal("", limited.DeadLetters[3].Reason);

        RedriveAnswer answer = Run(rig, AccessControl.HostUser);
        Assert.Equal(
            [
                "no adapter is named 'removed', and no pipeline or circuit of this name reads a queue 'payments'",
                "no adapter is named 'alarms', and no pipeline or circuit of this name reads a queue 'payments'", "", "",
            ],
            answer.DeadLetters.Select(deadLetter => deadLetter.Reason));
        Assert.Equal((2, 2), (answer.Sent, answer.Refused));
        Assert.Equal((1, 1), (Count(rig, "payments"), Count(rig, "telemetry")));
    }

    [Fact]
    public async Task A_dead_letter_of_an_adapter_is_stored_only_if_the_token_may_append_to_the_mapped_queue()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        Add(rig, "devices", "devices/pump-7/telemetry", """{"timestamp":1,"metric_name":"flow","value":1}"""u8);
        Identity desk = new("desk", AccessRole.Operator) { Scopes = AccessScopes.Create(["payments:append"], [], reachesFhir: true) };

        RedriveAnswer refused = Run(rig, desk);

        Assert.StartsWith("The scopes of desk do not include to append to queue 'telemetry'", refused.DeadLetters[0].Reason,
            StringComparison.Ordinal);
        Assert.Equal(refused.DeadLetters[0].Reason, Run(rig, desk, isDryRun: true).DeadLetters[0].Reason);
        Assert.Equal(0, Count(rig, "telemetry"));
        Assert.Equal(1, Run(rig, AccessControl.HostUser).Sent);
    }

    [Fact]
    public async Task Dead_letters_of_another_queue_are_not_stored_again()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(),
            estream => estream["Queues"]!["notes"] = new JsonObject());
        using HttpClient client = rig.Client;
        using StringContent forged = new($$$"""
            {"schema":"estream.system.DeadLetter","message":{"received_at":1,"source":"client","topic":"telemetry","reason":"x",
             "payload":"{{{Convert.ToHexStringLower(Encode(Reading))}}}"}}
            """, Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsync("/api/queues/notes/messages", forged)).StatusCode);

        HttpResponseMessage answer = await client.PutAsync("/api/queues/notes/redrive", null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, Count(rig, "telemetry"));
    }

    [Fact]
    public async Task A_queue_in_quarantine_refuses_its_own_messages_only()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        rig.Parts.Sinks.AddUnavailable("broken", new EstreamCorruptionException("The queue broken is in quarantine.", "broken"));
        Add(rig, "client", "broken", Encode(Reading));
        Add(rig, "client", "telemetry", Encode(Reading));

        RedriveAnswer answer = Run(rig, AccessControl.HostUser);

        Assert.Equal(["The queue broken is in quarantine.", ""], answer.DeadLetters.Select(deadLetter => deadLetter.Reason));
        Assert.Equal((1, 1), (answer.Sent, Count(rig, "telemetry")));
    }

    [Fact]
    public async Task Messages_that_are_not_confirmed_in_time_are_reported_and_not_stored_again()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        using QueueQuorum quorum = Replicate(rig);
        Add(rig, "client", "telemetry", Encode(Reading));

        EstreamStorageException failure = Assert.Throws<EstreamStorageException>(() =>
            Run(rig, AccessControl.HostUser, limit: TimeSpan.FromMilliseconds(50)));

        Assert.StartsWith("1 messages were stored, and the next run does not repeat them. They may not survive", failure.Message,
            StringComparison.Ordinal);
        Assert.Equal(0, Run(rig, AccessControl.HostUser).Sent);
        Assert.Equal(1, Count(rig, "telemetry"));
    }

    [Fact]
    public async Task The_wait_for_confirmations_does_not_hold_the_gate_of_the_host()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        using QueueQuorum quorum = Replicate(rig);
        Add(rig, "client", "telemetry", Encode(Reading));

        Task<RedriveAnswer> run = Task.Run(() => Run(rig, AccessControl.HostUser, limit: TimeSpan.FromMinutes(5)));
        Eventually.True(() => Count(rig, "telemetry") == 1, "the message is stored");
        rig.Parts.Gate.Drain();
        Assert.False(run.IsCompleted, "the run waits for the quorum");
        quorum.AdvanceTo(rig.Parts.Queues["telemetry"].Queue.GetInfo().EndPosition);
        Assert.Equal(1, (await run).Sent);
    }

    [Fact]
    public async Task A_field_with_the_arrival_time_gets_the_time_of_the_first_arrival()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(),
            estream => estream["Adapters"]!["devices"]!["Mappings"]![0]!["ReceivedAt"] = "timestamp");
        Add(rig, "devices", "devices/pump-7/telemetry", """{"metric_name":"flow","value":1}"""u8, receivedAt: 1_600_000_000_000_000_123);

        Assert.Equal(1, Run(rig, AccessControl.HostUser).Sent);

        using HttpClient client = rig.Client;
        Assert.Contains("1600000000000000123", await client.GetStringAsync("/api/queues/telemetry/messages?last=1"),
            StringComparison.Ordinal);
    }

    private static byte[] Encode(string json)
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        byte[] message = new byte[1_024];
        Assert.True(EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length).IsOk);
        return message[..length];
    }

    private static void Add(ReloadRig rig, string source, string topic, ReadOnlySpan<byte> payload, long receivedAt = 1) =>
        Assert.True(rig.Parts.Sinks.DeadLetters.TryAppend(
            receivedAt, source, new WireMessage(Encoding.UTF8.GetBytes(topic), payload), "a test"));

    /// <summary>Makes the queue wait for a quorum, which confirms nothing.</summary>
    private static QueueQuorum Replicate(ReloadRig rig)
    {
        QueueQuorum quorum = rig.Parts.Queues["telemetry"].Queue.OpenQuorum();
        rig.Parts.Adjust("telemetry", new QueueOptions { IngressDurability = Durability.Quorum });
        return quorum;
    }

    private static RedriveAnswer Run(ReloadRig rig, Identity caller, bool isDryRun = false, TimeSpan? limit = null)
    {
        IServiceProvider services = rig.Services;
        DeadLetterRedrive redrive = new(services.GetRequiredService<HostState>(), services.GetRequiredService<HostConfiguration>(),
            services.GetRequiredService<IClock>())
        {
            FlushLimit = limit ?? TimeSpan.FromSeconds(10),
        };
        return redrive.Run(new RedriveRequest("dead-letters", Where: null, From: 0, Limit: 100, isDryRun, caller))!;
    }

    private static long Count(ReloadRig rig, string queue) => rig.Parts.Queues[queue].Queue.GetInfo().MessageCount;
}

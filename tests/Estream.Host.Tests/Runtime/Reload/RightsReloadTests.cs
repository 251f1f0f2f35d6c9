using System.Text.Json.Nodes;
using Estream.Client;
using Estream.Crypto;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime.Reload;

/// <summary>Goal: clients lose the rights that a reload takes from them, also where they read already.</summary>
[Collection(ProcessCollection.Name)]
public sealed class RightsReloadTests : IDisposable
{
    private readonly HostFiles _files = new();
    private readonly HostSecrets _secrets;
    private readonly int _port = FreePort.Next();

    public RightsReloadTests()
    {
        _secrets = new HostSecrets(_files);
        _secrets.Make("provider", "auditor");
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Readers_of_the_log_of_a_new_FHIR_server_end_without_its_right()
    {
        await using ReloadRig rig = await StartAsync();
        await using EstreamClient client = await ConnectAsync(rig);
        await using MessageSubscription fhir = await client.Queue("fhir").SubscribeAsync();
        await using MessageSubscription telemetry = await client.Queue("telemetry").SubscribeAsync();
        await using IAsyncEnumerator<RemoteMessage> commits = fhir.GetAsyncEnumerator(), values = telemetry.GetAsyncEnumerator();
        await using RemoteGroupMember member = await client.PartitionedQueue("access").JoinGroupAsync("ann");

        await ServeAsync(rig, accessQueue: "access.0000");

        EstreamClientException ended = await Assert.ThrowsAsync<EstreamClientException>(async () => await commits.MoveNextAsync());
        Assert.Equal(ClientStatus.Forbidden, ended.Status);
        ended = await Assert.ThrowsAsync<EstreamClientException>(() => member.NextAsync());
        Assert.Equal(ClientStatus.Forbidden, ended.Status);
        await PublishAsync("d");
        Assert.True(await values.MoveNextAsync());
    }

    [Fact]
    public async Task Watches_of_a_map_of_a_new_FHIR_server_end_without_its_right()
    {
        await using ReloadRig rig = await StartAsync();
        await PublishAsync("d");
        await using EstreamClient client = await ConnectAsync(rig);
        MapKey key = default;
        await Eventually.TrueAsync(
            async () =>
            {
                await foreach (KeyedMapEntry entry in client.Map("latest").ScanAsync())
                {
                    key = entry.Key;
                    return true;
                }

                return false;
            },
            "the map has an entry");
        await using IAsyncEnumerator<MapEntry?> changes = client.Map("latest").WatchAsync(key).GetAsyncEnumerator();
        Assert.True(await changes.MoveNextAsync());

        await ServeAsync(rig, accessQueue: "telemetry");
        await PublishAsync("d");

        // The map may have changed between the first entry and the reload.
        EstreamClientException ended = await Assert.ThrowsAsync<EstreamClientException>(async () =>
        {
            while (await changes.MoveNextAsync())
            {
            }
        });
        Assert.Equal(ClientStatus.Forbidden, ended.Status);
    }

    private Task<ReloadRig> StartAsync() => ReloadRig.StartAsync(_port, estream =>
    {
        estream["Privacy"] = new JsonObject { ["Keys"] = _secrets.Keys };
        estream["Queues"]!["fhir"] = new JsonObject();
        estream["Queues"]!["access"] = new JsonObject { ["Partitions"] = 2 };
        estream["Maps"] = new JsonObject
        {
            ["latest"] = new JsonObject { ["Queue"] = "telemetry", ["Schema"] = "IoTTelemetry", ["Key"] = "device_id" },
        };
    });

    // A client whose token does not reach the logs and access records of FHIR servers.
    private static Task<EstreamClient> ConnectAsync(ReloadRig rig) => rig.ConnectAsync(AccessTokenFile.Create(
        Path.Combine(rig.Data, "tokens"), "ann", AccessRole.Operator, null, DateTimeOffset.UtcNow,
        AccessScopes.Create([], [], reachesFhir: false)));

    private async Task ServeAsync(ReloadRig rig, string accessQueue)
    {
        rig.Change(estream => estream["Adapters"]!["ehr"] = new JsonObject
        {
            ["Type"] = "fhir-server",
            ["Port"] = FreePort.Next(),
            ["Keys"] = _secrets.Keys,
            ["AccessQueue"] = accessQueue,
            ["Mappings"] = new JsonArray(new JsonObject { ["Schema"] = "FhirCommit", ["Queue"] = "fhir" }),
        });
        ReloadReport report = await rig.ReloadAsync();
        Assert.Empty(report.Errors);
        Assert.Empty(report.Restarts);
        Assert.Equal(ReloadStatus.Applied, report.Status);
    }

    private async Task PublishAsync(string name)
    {
        await using AcknowledgedLoad load = new(_port, name, devices: 2, maxMessages: 4);
        await load.Completion;
    }
}

using Estream.Client.Tests.Hosting;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>Goal: a client does what the scopes of its token name, and nothing else.</summary>
[Collection(HostCollection.Name)]
public sealed class ScopeTests
{
    private const string Commands = "one";

    [Fact]
    public async Task A_token_reaches_only_the_queues_and_maps_of_its_scopes()
    {
        await using ClientCase host = new();
        EstreamClient writer = await ConnectAsync(host, ["tra*:append", "telemetry:read"], ["settings:write"]);
        EstreamClient reader = await ConnectAsync(host, ["orders:read", "trades:read"], ["settings:read"]);

        Assert.True(await writer.Queue(ClientCase.Queue).AppendAsync(new byte[1]) > 0);
        await writer.Map(ClientCase.Map).PutAsync("a", new byte[1]);
        Assert.NotNull(await reader.Map(ClientCase.Map).GetAsync("a"));
        await using MessageSubscription messages = await reader.Queue(ClientCase.Queue).SubscribeAsync();
        Assert.Single(await QueueTests.TakeAsync(messages, 1));

        await RefusedAsync(() => writer.Queue("two").AppendAsync(new byte[1]));
        await RefusedAsync(() => writer.Queue("telemetry").AppendAsync(new byte[1]));
        await RefusedAsync(() => writer.Queue("no-such-queue").GetInfoAsync());
        await RefusedAsync(() => writer.Queue(ClientCase.Queue).SubscribeAsync());
        await RefusedAsync(() => writer.Map(ClientCase.Map).GetAsync("a").AsTask());
        await RefusedAsync(() => writer.Map("latest").GetAsync("a").AsTask());
        await RefusedAsync(() => writer.PartitionedQueue(ClientCase.Keyed).JoinGroupAsync("group"));
        await RefusedAsync(() => reader.Queue(ClientCase.Queue).AppendAsync(new byte[1]));
        await RefusedAsync(() => reader.Map(ClientCase.Map).PutAsync("a", new byte[1]).AsTask());
        await RefusedAsync(() => reader.PartitionedQueue(ClientCase.Partitioned).JoinGroupAsync("group", new() { Output = "booked" }));
    }

    [Fact]
    public async Task A_token_that_only_reads_a_queue_reaches_only_cursors_and_groups_with_its_name()
    {
        const string Own = ClientCase.TokenName;
        await using ClientCase host = new();
        EstreamClient reader = await ConnectAsync(host, ["trades:read", "orders:read"], []);
        EstreamClient writer = await ConnectAsync(host, ["trades:read,append", "orders:read,append"], []);
        await using MessageSubscription billing = await SubscribeAsync(writer, "billing");
        await using RemoteGroupMember booking = await writer.PartitionedQueue(ClientCase.Partitioned).JoinGroupAsync("booking");

        await RefusedAsync(() => SubscribeAsync(reader, "billing"));
        await RefusedAsync(() => SubscribeAsync(reader, Own + "s"));
        await RefusedAsync(() => reader.Queue(ClientCase.Queue).RemoveCursorAsync("billing"));
        await RefusedAsync(() => reader.PartitionedQueue(ClientCase.Partitioned).JoinGroupAsync("booking"));
        await RefusedAsync(() => reader.PartitionedQueue(ClientCase.Partitioned).RemoveGroupAsync("booking"));

        await (await SubscribeAsync(reader, Own + ".daily")).DisposeAsync();
        Assert.True(await reader.Queue(ClientCase.Queue).RemoveCursorAsync(Own + ".daily"));
        await (await reader.PartitionedQueue(ClientCase.Partitioned).JoinGroupAsync(Own)).DisposeAsync();
        await billing.DisposeAsync();
        Assert.True(await writer.Queue(ClientCase.Queue).RemoveCursorAsync("billing"));
    }

    [Fact]
    public async Task A_queue_that_an_adapter_sends_takes_appends_only_from_a_token_that_names_it()
    {
        using TempDirectory folder = new();
        File.WriteAllText(folder.Combine("rules"), "topic readwrite #\n");
        await using ClientCase host = new(adapters: $$"""
            "panel": { "Type": "mqtt-endpoint", "Port": {{FreePort.Next()}}, "MaxPacketBytes": 65536,
              "AclFile": "{{folder.Combine("rules")}}",
              "Mappings": [ { "Topic": "in/{device_id}", "Schema": "IoTTelemetry", "Queue": "telemetry" } ],
              "Egress": [ { "Queue": "{{Commands}}", "Schema": "IoTTelemetry", "Topic": "out/{device_id}" } ] }
            """);
        EstreamClient user = await host.ConnectAsync();
        EstreamClient admin = await ConnectAsync(host, ["*:read,append"], [], AccessRole.Admin);
        EstreamClient named = await ConnectAsync(host, [$"{Commands}:append"], []);

        await RefusedAsync(() => user.Queue(Commands).AppendAsync(new byte[1]));
        await RefusedAsync(() => admin.Queue(Commands).AppendAsync(new byte[1]));
        Assert.False((await user.Queue(Commands).GetInfoAsync()).IsWritable);
        Assert.True((await named.Queue(Commands).GetInfoAsync()).IsWritable);
        Assert.True(await named.Queue(Commands).AppendAsync(new byte[1]) > 0);
    }

    private static Task<MessageSubscription> SubscribeAsync(EstreamClient client, string cursor) =>
        client.Queue(ClientCase.Queue).SubscribeAsync(new SubscribeOptions { Cursor = cursor });

    private static async Task RefusedAsync(Func<Task> request) => Assert.Equal(ClientStatus.Forbidden, await QueueTests.StatusOf(request));

    private static Task<EstreamClient> ConnectAsync(
        ClientCase host, string[] queues, string[] maps, AccessRole role = AccessRole.Operator)
    {
        string token = host.AddToken(role, AccessScopes.Create(queues, maps, reachesFhir: true));
        return host.ConnectAsync(new EstreamClientOptions { Token = token }, overTcp: true);
    }
}

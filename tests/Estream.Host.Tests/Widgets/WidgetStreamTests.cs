using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Remote;
using Estream.Testing;

namespace Estream.Host.Tests.Widgets;

/// <summary>Goal: a running host enforces the manifest and the lock of an installed widget against a raw WebSocket.</summary>
[Collection(ProcessCollection.Name)]
public sealed class WidgetStreamTests : IDisposable
{
    private const string Declared = "lex://acme/doors/{door}/moves";

    private readonly WidgetCase _case = new();
    private readonly TempDirectory _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _case.Dispose();
    }

    [Fact]
    public async Task An_installed_widget_gets_only_its_declared_streams_until_it_is_revoked()
    {
        _case.InstallWidget();
        using HostProcess host = Start("operator");
        await using StreamClient client = await ConnectAsync(host);
        Assert.Equal(ClientStatus.Forbidden, await StatusAsync(client, "lex://acme/windows/{window}/moves"));
        Assert.Equal(ClientStatus.Forbidden, await StatusAsync(client, "lex://acme/doors/{door}"));
        Assert.Equal(ClientStatus.Forbidden, await StatusAsync(client, "table:doors_closed"));
        Assert.Equal(ClientStatus.NotFound, (await client.TrySubscribeAsync(Declared, "@acme/windows")).Answer.Status);
        uint id = await client.SubscribeAsync(Declared, "@acme/doors");
        await client.AppendAsync("north", count: 1);
        JsonElement line = Assert.Single(await client.TakeAsync(id, 1));
        Assert.Equal("north", line.GetProperty("queue").GetString());

        File.AppendAllText(_case.Revoked, "@acme/doors\n");

        ReceivedFrame end = await client.NextAsync(id);
        Assert.Equal((ClientOp.StreamMessages, ClientStatus.Forbidden), (end.Op, end.Status));
        Assert.Contains("revoked", end.Text, StringComparison.Ordinal);
        Assert.Equal(ClientStatus.NotFound, await StatusAsync(client, Declared));
    }

    [Fact]
    public async Task A_widget_is_refused_below_its_role_and_without_its_permissions()
    {
        _case.InstallWidget();
        _case.InstallWidget("@acme/refused", approved: []);
        using HostProcess host = Start("viewer");
        await using StreamClient client = await ConnectAsync(host);
        Assert.Equal(ClientStatus.Forbidden, await StatusAsync(client, Declared));
        Assert.Equal(ClientStatus.NotFound, (await client.TrySubscribeAsync(Declared, "@acme/refused")).Answer.Status);
    }

    private HostProcess Start(string role)
    {
        JsonObject settings = new()
        {
            ["Estream"] = new JsonObject
            {
                ["Http"] = new JsonObject { ["LoopbackRole"] = role },
                ["Queues"] = new JsonObject { ["north"] = new JsonObject { ["Lex"] = "lex://acme/doors/north/moves" } },
                ["Components"] = _case.Settings,
            },
        };
        string config = _folder.Combine("estream.json");
        File.WriteAllText(config, settings.ToJsonString());
        return HostProcess.Start(_folder.Combine("data"), configFile: config).WaitUntilReady();
    }

    private static Task<StreamClient> ConnectAsync(HostProcess host) =>
        StreamClient.ConnectAsync(new Uri($"ws://127.0.0.1:{host.HttpPort}/api/client"));

    private static async Task<ClientStatus> StatusAsync(StreamClient client, string pattern) =>
        (await client.TrySubscribeAsync(pattern, "@acme/doors")).Answer.Status;
}

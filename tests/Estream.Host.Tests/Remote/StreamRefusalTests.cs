using Estream.Client;
using Estream.Client.Protocol;
using Estream.Crypto;

namespace Estream.Host.Tests.Remote;

/// <summary>Goal: the host itself refuses streams that a widget or a token may not read, whatever the page asks for.</summary>
public sealed class StreamRefusalTests : IAsyncLifetime
{
    private const string Component = "@acme/doors";

    private StreamCase _host = null!;

    public async Task InitializeAsync() => _host = await StreamCase.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_component_that_is_not_installed_is_refused()
    {
        StreamClient client = await _host.ConnectAsync();
        AssertRefused(await client.TrySubscribeAsync(StreamCase.Doors, Component), ClientStatus.NotFound, FakeGrants.Refusal);
    }

    [Fact]
    public async Task An_undeclared_stream_is_refused_also_to_an_administrator()
    {
        _host.Grants.Set(Component, streams: [StreamCase.Doors], tables: ["latest"]);
        StreamClient client = await _host.ConnectAsync(AccessRole.Admin);
        string[] undeclared = [StreamCase.Windows, "lex://acme/{any}", StreamCase.Doors + "/devices/{id}", $"table:{StreamCase.Settings}"];
        foreach (string pattern in undeclared)
        {
            AssertRefused(await client.TrySubscribeAsync(pattern, Component), ClientStatus.Forbidden, "does not declare");
        }
    }

    [Fact]
    public async Task A_declared_stream_or_table_without_permission_in_the_lock_is_refused()
    {
        _host.Grants.Set(Component, [StreamCase.Doors, StreamCase.Windows], ["latest", StreamCase.Settings], ["data:read.doors"]);
        StreamClient client = await _host.ConnectAsync();
        AssertRefused(await client.TrySubscribeAsync(StreamCase.Windows, Component), ClientStatus.Forbidden, "in the lock");
        AssertRefused(await client.TrySubscribeAsync("table:latest", Component), ClientStatus.Forbidden, "in the lock");
        await client.SubscribeAsync(StreamCase.Doors, Component);
        await client.SubscribeAsync($"table:{StreamCase.Settings}", Component);
    }

    [Theory]
    [InlineData("operator", AccessRole.Viewer, AccessRole.Operator)]
    [InlineData("developer", AccessRole.Operator, AccessRole.Developer)]
    [InlineData("governance", AccessRole.Developer, AccessRole.Admin)]
    [InlineData("registrar", AccessRole.Developer, AccessRole.Admin)]
    [InlineData("unknown", AccessRole.Developer, AccessRole.Admin)]
    public async Task A_role_below_the_required_role_is_refused(string required, AccessRole below, AccessRole sufficient)
    {
        _host.Grants.Set(Component, [StreamCase.Doors], roles: [required]);
        StreamClient client = await _host.ConnectAsync(below);
        AssertRefused(await client.TrySubscribeAsync(StreamCase.Doors, Component), ClientStatus.Forbidden, required);
        await (await _host.ConnectAsync(sufficient)).SubscribeAsync(StreamCase.Doors, Component);
    }

    [Fact]
    public async Task A_token_with_scopes_reads_only_its_queues_and_maps_also_for_a_widget()
    {
        _host.Grants.Set(Component, ["lex://acme/{any}"], ["latest"]);
        _host.Append("doors", "pump-1");
        _host.Append("windows", "pump-2");
        StreamClient client = await _host.ConnectAsync(scopes: AccessScopes.Create(["windows:read"], [], reachesFhir: false));
        uint id = await client.SubscribeAsync("lex://acme/{any}", Component);
        _host.Append("doors", "pump-3");
        _host.Append("windows", "pump-4");

        Assert.Equal(["windows", "windows"], (await client.TakeAsync(id, 2)).Select(line => line.GetProperty("queue").GetString()));
        foreach (string pattern in new[] { StreamCase.Doors, "lex://acme/nothing", "table:latest", "table:nothing" })
        {
            AssertRefused(await client.TrySubscribeAsync(pattern), ClientStatus.Forbidden, "scopes");
        }
    }

    [Theory]
    [InlineData("lex://acme/nothing")]
    [InlineData("table:nothing")]
    public async Task A_stream_or_table_that_the_host_does_not_have_is_reported(string pattern)
    {
        StreamClient client = await _host.ConnectAsync();
        AssertRefused(await client.TrySubscribeAsync(pattern), ClientStatus.NotFound, "The host has no");
    }

    [Fact]
    public async Task Arguments_outside_their_limits_are_refused()
    {
        StreamClient client = await _host.ConnectAsync();
        AssertRefused(await client.TrySubscribeAsync(StreamCase.Doors, perSecond: 0), ClientStatus.Invalid, "set 1 to 10000");
        AssertRefused(await client.TrySubscribeAsync(StreamCase.Doors, perSecond: 10_001), ClientStatus.Invalid, "set 1 to 10000");
        AssertRefused(await client.TrySubscribeAsync($"table:{new string('a', 1_024)}"), ClientStatus.Invalid, "1024");
        AssertRefused(await client.TrySubscribeAsync("lex://acme/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"), ClientStatus.Invalid, "16");
        AssertRefused(await client.TrySubscribeAsync("doors"), ClientStatus.Invalid, "not valid");
    }

    [Fact]
    public async Task A_connection_has_64_subscriptions()
    {
        StreamClient client = await _host.ConnectAsync();
        for (int i = 0; i < 64; i++)
        {
            await client.SubscribeAsync(i % 2 == 0 ? StreamCase.Doors : "table:latest", credit: 0);
        }

        AssertRefused(await client.TrySubscribeAsync(StreamCase.Doors), ClientStatus.LimitExceeded, "64");
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000")]
    [InlineData("0000FFFF6C")]
    [InlineData("FFFF")]
    [InlineData("00000100610100000001000000" + "00")]
    [InlineData("0000010061010000000100")]
    public async Task A_malformed_request_closes_the_connection(string payload)
    {
        StreamClient client = await _host.ConnectAsync();
        await client.SendAsync(ClientOp.StreamSubscribe, frame => frame.Raw(Convert.FromHexString(payload)));

        ReceivedFrame closing = await client.NextAsync(0);
        Assert.Equal(ClientStatus.ProtocolError, closing.Status);
        Assert.Contains("StreamSubscribe", closing.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_with_a_long_name_closes_the_connection()
    {
        StreamClient client = await _host.ConnectAsync();
        await client.SendAsync(ClientOp.StreamSubscribe,
            frame => frame.Text(new string('a', 256)).Text(StreamCase.Doors).UInt32(1).UInt32(1));
        Assert.Equal(ClientStatus.ProtocolError, (await client.NextAsync(0)).Status);
    }

    [Fact]
    public async Task A_component_whose_entry_in_the_lock_goes_loses_its_streams_and_tables()
    {
        _host.Grants.Set(Component, [StreamCase.Doors], ["latest"]);
        StreamClient client = await _host.ConnectAsync();
        uint stream = await client.SubscribeAsync(StreamCase.Doors, Component);
        uint table = await client.SubscribeAsync("table:latest", Component, credit: 0);
        _host.Grants.Remove(Component);

        AssertEnded(await client.NextAsync(stream), FakeGrants.Refusal);
        AssertEnded(await client.NextAsync(table), FakeGrants.Refusal);
    }

    [Fact]
    public async Task A_component_whose_entry_in_the_lock_changes_loses_its_streams_and_the_console_keeps_its_own()
    {
        _host.Grants.Set(Component, [StreamCase.Doors]);
        StreamClient client = await _host.ConnectAsync();
        uint ofConsole = await client.SubscribeAsync(StreamCase.Doors);
        uint ofComponent = await client.SubscribeAsync(StreamCase.Doors, Component);
        _host.Grants.Set(Component, [StreamCase.Doors], stamp: "2");

        AssertEnded(await client.NextAsync(ofComponent), "Subscribe again");
        _host.Append("doors", "pump-1");
        Assert.Single(await client.TakeAsync(ofConsole, 1));
        Assert.Null(client.Peek(ofComponent));
        await client.SubscribeAsync(StreamCase.Doors, Component);
    }

    private static void AssertRefused((uint Id, ReceivedFrame Answer) answer, ClientStatus status, string reason)
    {
        Assert.Equal((ClientOp.StreamSubscribe, status), (answer.Answer.Op, answer.Answer.Status));
        Assert.Contains(reason, answer.Answer.Text, StringComparison.Ordinal);
    }

    private static void AssertEnded(ReceivedFrame frame, string reason)
    {
        Assert.Equal((ClientOp.StreamMessages, ClientStatus.Forbidden), (frame.Op, frame.Status));
        Assert.Contains(reason, frame.Text, StringComparison.Ordinal);
    }
}

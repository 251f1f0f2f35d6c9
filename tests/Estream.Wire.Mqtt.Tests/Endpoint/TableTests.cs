using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests;

/// <summary>Goal: an operator sees the clients of an endpoint, what they subscribe to, and why they were refused.</summary>
public sealed class TableTests
{
    [Fact]
    public async Task Clients_have_their_address_protocol_messages_in_flight_and_subscriptions()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing pump = endpoint.Connect("pump-7");
        pump.Subscribe("a/#", qos: 1);
        pump.Subscribe("$share/g/b");
        publisher.Publish("a/1", "x");
        publisher.Publish("a/2", "y");
        Eventually.True(() => Cell(Client(endpoint, "pump-7"), "inFlight").Number == 2, "two messages are in flight");

        IReadOnlyList<AdapterCell> row = Client(endpoint, "pump-7");

        Assert.StartsWith("127.0.0.1:", Cell(row, "address").Text, StringComparison.Ordinal);
        Assert.Equal(("connected", "MQTT 5"), (Cell(row, "state").Text, Cell(row, "protocol").Text));
        Assert.Equal((600, 2), (Cell(row, "keepAlive").Number, Cell(row, "subscriptions").Number));
        Assert.True(Cell(row, "queued").Number > 0, "the relay keeps unacknowledged messages");
        Assert.Null(Cell(row, "certificate").Text);
        Assert.NotNull(Cell(row, "connectedAt").Number);
        Assert.Equal(2, Table(endpoint, "clients").Total);
    }

    [Fact]
    public async Task A_session_without_a_connection_stays_in_the_table_without_an_address()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using (Subscribing pump = endpoint.Resume("pump-7"))
        {
            pump.Subscribe("a/#", qos: 1);
        }

        endpoint.AwaitConnections(0);

        IReadOnlyList<AdapterCell> row = Client(endpoint, "pump-7");
        Assert.Equal(("disconnected", null, 1),
            (Cell(row, "state").Text, Cell(row, "address").Text, Cell(row, "subscriptions").Number));
    }

    [Fact]
    public async Task Subscriptions_name_their_client_quality_and_group()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        using Subscribing first = endpoint.Connect("first");
        using Subscribing second = endpoint.Connect("second");
        first.Subscribe("$share/g/b", qos: 1);
        second.Subscribe("a/#", qos: 2, options: 0x04);

        AdapterTablePage page = Table(endpoint, "subscriptions").Read(new AdapterTableRequest("", 10, null));

        Assert.Equal(
            ["$share/g/b first connected 1 g ", "a/# second connected 2  no local"],
            page.Rows.Select(row =>
                $"{row[0].Text} {row[1].Text} {row[2].Text} {row[3].Number} {row[4].Text} {string.Join(",", row[5].List!)}"));
        Assert.Equal(2, Table(endpoint, "subscriptions").Total);
        AdapterTablePage found = Table(endpoint, "subscriptions").Read(new AdapterTableRequest("SECOND", 10, null));
        Assert.Equal("second", Assert.Single(found.Rows)[1].Text);
    }

    [Fact]
    public async Task A_refusal_names_its_reason_and_client()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(rules: "topic read #\ntopic write devices/#");
        using Subscribing pump = endpoint.Connect("pump-7");
        pump.PublishWith("elsewhere", "x", "", qos: 1);
        pump.PublishWith(Topic, "nonsense", "", qos: 1);
        Eventually.True(() => endpoint.Adapter.Statistics.RejectedTotal == 2, "both messages are refused");

        IReadOnlyList<AdapterRejection> all = endpoint.Queues.Context.Rejections.ToList();

        Assert.Equal(2, all.Sum(rejection => rejection.Count));
        AdapterRejection denied = Assert.Single(all, rejection => rejection.LastSequence is null);
        Assert.Equal("the AclFile does not allow to publish to a topic", denied.Reason);
        Assert.Contains("(from 'pump-7' at 127.0.0.1:", denied.Detail, StringComparison.Ordinal);
        Assert.Single(all, rejection => rejection.LastSequence == 0);
    }

    private static AdapterTable Table(ServingEndpoint endpoint, string name) =>
        endpoint.Adapter.Tables.Single(table => table.Name == name);

    private static IReadOnlyList<AdapterCell> Client(ServingEndpoint endpoint, string clientId) =>
        Assert.Single(Table(endpoint, "clients").Read(new AdapterTableRequest(clientId, 10, null)).Rows);

    private static AdapterCell Cell(IReadOnlyList<AdapterCell> row, string column) =>
        row[Array.IndexOf(s_columns, column)];

    private static readonly string[] s_columns =
    [
        "clientId", "state", "address", "user", "certificate", "protocol", "connectedAt", "keepAlive", "inFlight", "queued",
        "subscriptions",
    ];
}

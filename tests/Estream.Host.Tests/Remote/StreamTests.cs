using System.Text.Json;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Crypto;
using Estream.Host.Remote;

namespace Estream.Host.Tests.Remote;

/// <summary>Goal: widgets get the newest messages of streams and the entries of tables, within rate and credit.</summary>
public sealed class StreamTests : IAsyncLifetime
{
    private const string Telemetry = StreamCase.Doors + "/devices/{id}/telemetry";

    private StreamCase _host = null!;

    public async Task InitializeAsync() => _host = await StreamCase.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_stream_begins_at_the_newest_message_and_has_all_later_messages()
    {
        _host.Append("doors", Devices(100));
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync(StreamCase.Doors);
        Assert.Equal([99], Sequences(await client.TakeAsync(id, 1)));
        for (int i = 0; i < 50; i++)
        {
            _host.Append("doors", $"later-{i}");
        }

        List<JsonElement> later = await client.TakeAsync(id, 50);
        Assert.Equal(Enumerable.Range(100, 50).Select(i => (long)i), Sequences(later));
        Assert.Equal("doors", later[0].GetProperty("queue").GetString());
        Assert.Equal("IoTTelemetry", later[0].GetProperty("schema").GetString());
        Assert.Equal("later-0", later[0].GetProperty("message").GetProperty("device_id").GetString());
        Assert.Equal("/devices/later-0/telemetry", later[0].GetProperty("address").GetString());
        Assert.True(later[0].GetProperty("time").GetInt64() > 0);
        Assert.True(later[1].GetProperty("position").GetInt64() > later[0].GetProperty("position").GetInt64());
    }

    [Theory]
    [InlineData("")]
    [InlineData("@acme/doors")]
    public async Task Private_values_are_withheld_for_every_component_and_role(string component)
    {
        const string Canary = "63616e6172793a2077686f2069737375";
        await using StreamCase host = await StreamCase.StartAsync($$"""
            {"issued_by":"{{Canary}}{{Canary}}","command_id":"{{new string('1', 64)}}","device_id":"pump-7","command_type":"open",
            "payload":"00","issued_at":1,"signature":"00"}
            """);
        host.Grants.Set("@acme/doors", [StreamCase.Doors]);
        StreamClient client = await host.ConnectAsync(AccessRole.Admin);

        string line = Assert.Single(await client.TakeAsync(await client.SubscribeAsync(StreamCase.Doors, component), 1)).GetRawText();

        Assert.Contains("pump-7", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_with_a_permission_to_refresh_gets_new_data_only_after_its_time()
    {
        const string Component = "@acme/doors";
        _host.Grants.Set(Component, [StreamCase.Doors], refresh: TimeSpan.FromDays(1));
        _host.Append("doors", "first");
        StreamClient client = await _host.ConnectAsync();
        uint ofComponent = await client.SubscribeAsync(StreamCase.Doors, Component);
        Assert.Equal([0], Sequences(await client.TakeAsync(ofComponent, 1)));
        uint ofConsole = await client.SubscribeAsync(StreamCase.Doors);
        await client.TakeAsync(ofConsole, 1);

        for (int i = 0; i < 20; i++)
        {
            _host.Append("doors", "later");
            await client.TakeAsync(ofConsole, 1);
        }

        Assert.Null(client.Peek(ofComponent));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    public async Task Over_the_rate_the_newest_messages_win_and_the_others_are_counted(int count)
    {
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync(StreamCase.Doors, perSecond: 10, credit: 0);
        _host.Append("doors", Devices(count));
        await client.GrantAsync(id, 1 << 20);

        ReceivedFrame frame = await client.NextAsync(id);
        Assert.Equal((uint)count - 10, frame.Dropped);
        Assert.Equal(Enumerable.Range(count - 10, 10).Select(i => (long)i), Sequences(frame.Lines));
    }

    [Fact]
    public async Task Over_the_rate_the_newest_messages_that_pass_a_filter_win_and_only_such_messages_are_counted()
    {
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync(StreamCase.Doors + "/devices/pump-1/telemetry", perSecond: 10, credit: 0);
        for (int i = 0; i < 5_000; i++)
        {
            _host.Append("doors", "pump-0", "pump-1");
        }

        await client.GrantAsync(id, 1 << 20);

        ReceivedFrame frame = await client.NextAsync(id);
        Assert.Equal(4_990u, frame.Dropped);
        Assert.Equal(Enumerable.Range(4_990, 10).Select(i => (2L * i) + 1), Sequences(frame.Lines));
    }

    [Fact]
    public async Task A_queue_with_few_messages_leaves_its_part_of_the_rate_to_the_others()
    {
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync("lex://acme/{any}", perSecond: 10, credit: 0);
        _host.Append("doors", Devices(8));
        _host.Append("windows", Devices(2));
        await client.GrantAsync(id, 1 << 20);

        ReceivedFrame[] frames = [await client.NextAsync(id), await client.NextAsync(id)];
        Assert.Equal((0L, 10), (frames.Sum(frame => frame.Dropped), frames.Sum(frame => frame.Lines.Length)));
    }

    [Fact]
    public async Task A_filter_far_behind_continues_near_the_end_and_counts_what_it_leaves_out()
    {
        const int Count = 70_000;
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync(StreamCase.Doors + "/devices/last/telemetry", credit: 0);
        _host.Append("doors", Enumerable.Repeat("pump-0", Count - 1).Append("last"));
        await client.GrantAsync(id, 1 << 20);

        ReceivedFrame frame = await client.NextAsync(id);
        Assert.Equal([Count - 1], Sequences(frame.Lines));
        Assert.Equal((uint)(Count - 65_536), frame.Dropped);
    }

    [Fact]
    public async Task A_segment_in_braces_stands_for_any_one_segment_of_the_address_of_a_message()
    {
        StreamClient client = await _host.ConnectAsync();
        uint all = await client.SubscribeAsync(Telemetry);
        uint one = await client.SubscribeAsync(StreamCase.Doors + "/devices/pump-2/{kind}");
        uint none = await client.SubscribeAsync(StreamCase.Doors + "/devices/{id}");
        _host.AppendBytes("doors", "no message"u8);
        _host.Append("doors", "pump-1", "pump-2", "pump-3");

        Assert.Equal([1, 2, 3], Sequences(await client.TakeAsync(all, 3)));
        Assert.Equal([2], Sequences(await client.TakeAsync(one, 1)));
        Assert.Null(client.Peek(none));
    }

    [Fact]
    public async Task A_segment_in_braces_stands_for_a_segment_of_the_address_of_a_stream()
    {
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync("lex://acme/{any}");
        _host.Append("doors", "pump-1");
        _host.Append("windows", "pump-2");

        Assert.Equal(["doors", "windows"],
            (await client.TakeAsync(id, 2)).Select(line => line.GetProperty("queue").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Only_so_many_bytes_are_sent_as_the_client_has_granted()
    {
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync(StreamCase.Doors, perSecond: 10_000, credit: 0);
        _host.Append("doors", Devices(2_000));
        await client.GrantAsync(id, 1);
        ReceivedFrame first = await client.NextAsync(id);
        Assert.InRange(first.Lines.Length, 1, 1_999);

        // Nothing follows before the response, which the host sends after the last frame of the subscription.
        uint end = await client.SendAsync(ClientOp.Unsubscribe, frame => frame.UInt32(id));
        Assert.Equal(ClientStatus.Ok, (await client.NextAsync(end)).Status);
        Assert.Null(client.Peek(id));
    }

    [Fact]
    public async Task A_message_that_no_frame_takes_is_a_line_with_the_reason()
    {
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync(StreamCase.Doors);
        _host.AppendBytes("doors", new byte[100_000]);

        JsonElement line = Assert.Single(await client.TakeAsync(id, 1));
        Assert.Equal(0, line.GetProperty("sequence").GetInt64());
        Assert.NotEqual("", line.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_table_has_its_entries_first_and_then_their_changes()
    {
        KeyValueMap map = _host.Parts.Maps[StreamCase.Settings].Writable!;
        map.Put("a"u8, "1"u8, null);
        map.Put("b"u8, [0, 255], null);
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync($"table:{StreamCase.Settings}");
        List<JsonElement> entries = await client.TakeAsync(id, 2);
        Assert.Equal(("a", "1", "b", "00ff"), (Text(entries[0], "key"), Text(entries[0], "text"), Text(entries[1], "key"),
            Text(entries[1], "bytes")));

        map.Put("a"u8, "2"u8, null);
        JsonElement changed = Assert.Single(await client.TakeAsync(id, 1));
        Assert.Equal(("a", "2"), (Text(changed, "key"), Text(changed, "text")));
        Assert.True(changed.GetProperty("version").GetInt64() > entries[0].GetProperty("version").GetInt64());
        map.Remove("a"u8, null);
        JsonElement removed = Assert.Single(await client.TakeAsync(id, 1));
        Assert.Equal(("a", true), (Text(removed, "key"), removed.GetProperty("removed").GetBoolean()));
        map.Put("c"u8, "3"u8, null);
        Assert.Equal("c", Text(Assert.Single(await client.TakeAsync(id, 1)), "key"));
    }

    [Fact]
    public async Task A_table_without_entries_begins_with_an_empty_frame()
    {
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync($"table:{StreamCase.Settings}");
        Assert.Empty((await client.NextAsync(id)).Lines);
    }

    [Fact]
    public async Task A_table_shows_the_first_thousand_keys()
    {
        KeyValueMap map = _host.Parts.Maps[StreamCase.Settings].Writable!;
        for (int i = 0; i < 1_500; i++)
        {
            map.Put(System.Text.Encoding.UTF8.GetBytes($"key-{i:0000}"), "1"u8, null);
        }

        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync($"table:{StreamCase.Settings}", perSecond: 10_000);
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"key-{i:0000}"),
            (await client.TakeAsync(id, 1_000)).Select(line => Text(line, "key")));

        map.Put("key"u8, "1"u8, null);
        List<JsonElement> changes = await client.TakeAsync(id, 2);
        Assert.Equal(["key-0999", "key"], changes.Select(line => Text(line, "key")));
        Assert.True(changes[0].GetProperty("removed").GetBoolean());
    }

    [Fact]
    public async Task A_table_that_folds_a_queue_has_messages()
    {
        _host.Append("doors", "pump-1");
        StreamClient client = await _host.ConnectAsync();
        uint id = await client.SubscribeAsync("table:latest");
        JsonElement line = Assert.Single(await client.TakeAsync(id, 1));
        Assert.Equal(("pump-1", "IoTTelemetry", 1L),
            (Text(line, "key"), Text(line, "schema"), line.GetProperty("version").GetInt64()));
        Assert.Equal("pump-1", Text(line.GetProperty("message"), "device_id"));
        Assert.True(line.GetProperty("time").GetInt64() > 0);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_its_streams()
    {
        StreamClient client = await _host.ConnectAsync(AccessRole.Admin);
        await client.SubscribeAsync(StreamCase.Doors);
        await client.SubscribeAsync("table:latest");
        Assert.Single(_host.Parts.Queues["doors"].Users);
        await client.DisposeAsync();

        Assert.Empty(_host.Parts.Queues["doors"].Users);
    }

    private static IEnumerable<string> Devices(int count) => Enumerable.Range(0, count).Select(i => $"pump-{i}");

    private static IEnumerable<long> Sequences(IEnumerable<JsonElement> lines) =>
        lines.Select(line => line.GetProperty("sequence").GetInt64());

    private static string? Text(JsonElement line, string member) => line.GetProperty(member).GetString();
}

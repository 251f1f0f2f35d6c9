using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Host.Http;
using Estream.Testing;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: consoles receive the newest state, and even a slow console costs the host only a fixed amount of memory.</summary>
public sealed class EventStreamTests
{
    [Fact]
    public async Task An_event_reaches_every_client()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        using StreamReader first = await OpenAsync(http);
        using StreamReader second = await OpenAsync(http);
        Eventually.True(() => http.Hub.ClientCount == 2, "both clients have joined");

        http.Hub.Publish(EventKind.Overview, "{\"a\":1}"u8);

        foreach (StreamReader client in (StreamReader[])[first, second])
        {
            Assert.Equal("event: overview", await client.ReadLineAsync());
            Assert.Equal("data: {\"a\":1}", await client.ReadLineAsync());
            Assert.Equal("", await client.ReadLineAsync());
        }
    }

    [Fact]
    public async Task A_client_that_reads_no_messages_receives_overviews_alone()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        using StreamReader client = new(await http.Client.GetStreamAsync("/api/events?messages=false"));
        await client.ReadLineAsync(); // : connected
        await client.ReadLineAsync();
        Eventually.True(() => http.Hub.ClientCount == 1, "the client has joined");
        Assert.False(http.Hub.IsReadingMessages);

        http.Hub.Publish(EventKind.Messages, "[]"u8);
        http.Hub.Publish(EventKind.Overview, "{}"u8);

        Assert.Equal("event: overview", await client.ReadLineAsync());
    }

    [Fact]
    public async Task A_disconnected_client_is_removed()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        StreamReader client = await OpenAsync(http);
        Eventually.True(() => http.Hub.ClientCount == 1, "the client has joined");

        client.Dispose();

        Eventually.True(
            () =>
            {
                http.Hub.Publish(EventKind.Overview, "{}"u8);
                return http.Hub.ClientCount == 0;
            },
            "the client is forgotten");
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_disconnected()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        using TcpClient client = new();
        await client.ConnectAsync(http.Address.Host, http.Address.Port);
        await client.GetStream().WriteAsync("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        Eventually.True(() => http.Hub.ClientCount == 1, "the client has joined");
        byte[] large = Encoding.UTF8.GetBytes($"\"{new string('x', 100_000)}\"");

        // The client stays connected and reads nothing, so socket and buffers fill up and a write blocks.
        Eventually.True(
            () =>
            {
                http.Hub.Publish(EventKind.Overview, large);
                return http.Hub.ClientCount == 0;
            },
            "the client is cut off",
            TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_client_above_the_limit_is_rejected()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        List<EventSubscription> others =
            [.. Enumerable.Range(0, EventHub.MaxClientCount).Select(i => http.Hub.TryJoin(true, $"user {i}", address: null)!)];

        HttpResponseMessage refused = await http.Client.GetAsync("/api/events");
        others[0].Dispose();
        using StreamReader accepted = await OpenAsync(http);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(EventHub.MaxClientCount, http.Hub.ClientCount);
    }

    [Fact]
    public async Task One_identity_cannot_take_all_event_streams()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        List<StreamReader> own = [];
        for (int i = 0; i < EventHub.MaxOfIdentity; i++)
        {
            own.Add(await OpenAsync(http));
        }

        HttpResponseMessage refused = await http.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(http.Hub.TryJoin(true, "another", IPAddress.Loopback));
        own.ForEach(client => client.Dispose());
    }

    [Fact]
    public void One_address_cannot_take_all_event_streams()
    {
        EventHub hub = new();
        IPAddress address = IPAddress.Parse("2001:db8::1");
        for (int i = 0; i < EventHub.MaxOfAddress; i++)
        {
            Assert.NotNull(hub.TryJoin(true, $"user {i}", address));
        }

        Assert.Null(hub.TryJoin(true, "another", IPAddress.Parse("2001:db8::2")));
        Assert.NotNull(hub.TryJoin(true, "another", IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Fact]
    public void A_slow_client_keeps_a_fixed_number_of_events_and_loses_the_oldest()
    {
        EventHub hub = new();
        using EventSubscription slow = hub.TryJoin(true, "ann", address: null)!;

        for (int i = 0; i < 1000; i++)
        {
            hub.Publish(EventKind.Messages, Encoding.ASCII.GetBytes($"{i}"));
        }

        Assert.Equal(["998", "999"], Waiting(slow));
    }

    [Fact]
    public void Overview_events_never_displace_the_last_messages_event_of_a_slow_client()
    {
        EventHub hub = new();
        using EventSubscription slow = hub.TryJoin(true, "ann", address: null)!;

        hub.Publish(EventKind.Messages, "\"newest\""u8);
        for (int i = 0; i < 1000; i++)
        {
            hub.Publish(EventKind.Overview, Encoding.ASCII.GetBytes($"{i}"));
        }

        Assert.Equal(["998", "999", "\"newest\""], Waiting(slow));
    }

    [Fact]
    public async Task A_client_that_never_reads_does_not_block_others()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        using Socket stuck = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await stuck.ConnectAsync(IPAddress.Loopback, http.Address.Port);
        await stuck.SendAsync(Encoding.ASCII.GetBytes("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        using StreamReader reader = await OpenAsync(http);
        Eventually.True(() => http.Hub.ClientCount == 2, "both clients have joined");

        byte[] large = new byte[256 * 1024];
        large.AsSpan().Fill((byte)'x');
        for (int i = 0; i < 200; i++)
        {
            http.Hub.Publish(EventKind.Messages, large);
        }

        // 50 MB of events were published for the blocked client. The other client still receives the newest events.
        string lastMark;
        do
        {
            http.Hub.Publish(EventKind.Overview, "\"last\""u8);
            lastMark = await reader.ReadLineAsync() ?? "closed";
        }
        while (lastMark != "data: \"last\"" && lastMark != "closed");
        Assert.Equal("data: \"last\"", lastMark);
    }

    [Fact]
    public async Task Stopping_the_host_ends_the_streams()
    {
        await using HttpCase http = await HttpCase.StartAsync();
        using StreamReader client = await OpenAsync(http);

        await http.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Null(await client.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
    }

    /// <summary>The data of the queued events of a client.</summary>
    private static List<string> Waiting(EventSubscription client)
    {
        List<string> data = [];
        while (client.TryTake(out byte[]? frame))
        {
            data.Add(Encoding.ASCII.GetString(frame).Split("data: ")[1].TrimEnd());
        }

        return data;
    }

    private static async Task<StreamReader> OpenAsync(HttpCase http)
    {
        HttpResponseMessage answer = await http.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/event-stream; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        StreamReader reader = new(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(": connected", await reader.ReadLineAsync());
        Assert.Equal("", await reader.ReadLineAsync());
        return reader;
    }
}

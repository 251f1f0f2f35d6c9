using System.Collections.Concurrent;
using System.Text;
using Estream.Core;
using Estream.Journeys;
using Estream.Testing;
using Estream.Wire.Fix;

namespace Estream.Cli.Tests.Wire;

/// <summary>A FIX session, recorded and replayed to an acceptor on another day: only the sending times may differ.</summary>
public sealed class FixReplayTests
{
    private static readonly string[] s_orders = ["first", "second", "third"];

    [Fact]
    public async Task FIX_replies_match_the_recording_despite_other_sending_times()
    {
        using Recording recording = await RecordAsync();
        await using Exchange other = await Exchange.StartAsync(price: 100);

        CliResult played = await PlayAsync(recording, other, "--protocol", "fix");

        Assert.Equal((ExitCode.Ok, ""), (played.Code, played.Error));
        Assert.StartsWith("replayed 1 connections: ", played.Output, StringComparison.Ordinal);
        Assert.Equal(s_orders, other.Orders);
    }

    [Fact]
    public async Task A_different_FIX_reply_is_reported_with_message_and_tag()
    {
        using Recording recording = await RecordAsync();
        await using Exchange other = await Exchange.StartAsync(price: 101);

        CliResult played = await PlayAsync(recording, other, "--protocol", "fix");

        Assert.Equal(ExitCode.No, played.Code);
        Assert.EndsWith("different from the recording: connection 1: reply message 2 (35=8): received 31=101, expected 31=100\n",
            played.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_protocol_replay_reports_FIX_replies_with_other_sending_times_as_different()
    {
        using Recording recording = await RecordAsync();
        await using Exchange other = await Exchange.StartAsync(price: 100);

        CliResult played = await PlayAsync(recording, other);

        Assert.Equal(ExitCode.No, played.Code);
        Assert.Contains("different from the recording: connection 1: reply byte ", played.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_messages_are_counted()
    {
        using Recording recording = await RecordAsync();
        using LineServer nobody = new(_ => null);
        using SampleData data = new();

        CliResult played = await data.RunAsync("wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{nobody.Port}",
            "--protocol", "fix", "--patience", "1");

        Assert.Equal(ExitCode.No, played.Code);
        Assert.Contains("connection 1: received 0 of 1 messages", played.Output, StringComparison.Ordinal);
    }

    private static async Task<CliResult> PlayAsync(Recording recording, Exchange exchange, params string[] more)
    {
        using SampleData data = new();
        return await data.RunAsync(
            ["wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{exchange.Port}", "--expect", .. more]);
    }

    /// <summary>A Logon, some orders with their reports, and a Logout.</summary>
    private static async Task<Recording> RecordAsync()
    {
        await using Exchange exchange = await Exchange.StartAsync(price: 100);
        Recording recording = new(exchange.Port, "--protocol", "fix");
        using (FixCounterparty desk = new(recording.Port, "DESK", "VENUE"))
        {
            Say(desk, "A", 1, "98=0|108=0|", "|35=A|");
            for (int order = 0; order < s_orders.Length; order++)
            {
                Say(desk, "D", 2 + order, $"11={s_orders[order]}|55=EURUSD|54=1|60=20260707-12:30:00.000|38=1|40=2|44=100|",
                    $"|11={s_orders[order]}|");
            }

            Say(desk, "5", 2 + s_orders.Length, "", "|35=5|");
        }

        ProcessResult recorded = recording.Stop();
        Assert.Equal((0, ""), (recorded.ExitCode, recorded.Error));
        return recording;
    }

    private static void Say(FixCounterparty desk, string type, int number, string body, string answer)
    {
        desk.Send(type, number, body);
        Assert.Contains(answer, desk.Receive(), StringComparison.Ordinal);
    }

    /// <summary>Fills every order at a different price.</summary>
    private sealed class Exchange : IFixApplication, IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _orders = new();
        private readonly CancellationTokenSource _closing = new();
        private readonly FixAcceptor _acceptor;
        private readonly int _price;
        private Task _serving = Task.CompletedTask;

        private Exchange(int price)
        {
            _price = price;
            FixSessionOptions desk = new() { Protocol = FixProtocol.Fix44, SenderCompId = "VENUE", TargetCompId = "DESK" };
            _acceptor = new FixAcceptor(new FixAcceptorOptions { Port = 0 }, [desk], this, SystemClock.Instance, _ => { });
        }

        public int Port => _acceptor.LocalEndPoint!.Port;

        public string[] Orders => [.. _orders];

        public static async Task<Exchange> StartAsync(int price)
        {
            Exchange exchange = new(price);
            await exchange._acceptor.StartAsync(CancellationToken.None);
            exchange._serving = exchange._acceptor.RunAsync(exchange._closing.Token);
            return exchange;
        }

        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            Assert.True(message.Fields.TryGet(11, out ReadOnlySpan<byte> name));
            string order = Encoding.ASCII.GetString(name);
            _orders.Enqueue(order);
            session.Send(new FixMessageBuilder("8").Add(37, order).Add(11, order).Add(17, order).Add(150, "F").Add(39, "2")
                .Add(55, "EURUSD").Add(54, "1")
                .Add(32, 1).Add(31, _price).Add(151, 0).Add(14, 1).Add(6, _price));
            return FixVerdict.Accepted;
        }

        public async ValueTask DisposeAsync()
        {
            await _closing.CancelAsync();
            await _serving;
            await _acceptor.DisposeAsync();
            _closing.Dispose();
        }
    }
}

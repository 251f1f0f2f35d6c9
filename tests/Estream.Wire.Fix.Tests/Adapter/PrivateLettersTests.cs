using System.Text;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Adapter;

/// <summary>The submitter of an order is private: neither dead letters nor events contain the submitter, whichever message names
/// it.</summary>
public sealed class PrivateLettersTests : IDisposable
{
    private const string Canary = "canary-4711";

    private readonly AdapterRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Dead_letter_of_an_answer_to_an_order_does_not_contain_the_submitter()
    {
        using CancellationTokenSource stopping = new();
        await using FixAcceptor venue = new(
            new FixAcceptorOptions { Port = 0 },
            [SessionRig.Options() with { SenderCompId = "VENUE", TargetCompId = "DESK" }], new Application(), SystemClock.Instance,
            _ => { });
        await venue.StartAsync(CancellationToken.None);
        Task running = venue.RunAsync(stopping.Token);
        await using RunningAdapter desk = await RunningAdapter.StartAsync(Desk(venue.LocalEndPoint!.Port));
        Eventually.True(() => venue.Sessions[0].IsLoggedOn, "the desk is logged on");

        foreach (FixMessageBuilder answer in (FixMessageBuilder[])[Rejected(), BusinessReject()])
        {
            Assert.Equal(FixSendStatus.Sent, venue.Sessions[0].Send(answer.AddHeader(128, Encoding.UTF8.GetBytes(Canary))));
        }

        Eventually.True(() => _rig.Sinks.DeadLetters.Messages == 2, "both are among the dead letters");
        AssertNowhere();
        Assert.Contains(Hex("35=8\u0001"), _rig.Letters()[0], StringComparison.Ordinal);
        Assert.Contains(Hex("\u000139=8\u0001103=11\u0001"), _rig.Letters()[0], StringComparison.Ordinal);
        Assert.Contains(Hex("\u0001372=D\u0001379=c-1\u0001380=2\u0001"), _rig.Letters()[1], StringComparison.Ordinal);
        await stopping.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Dead_letter_of_a_cancel_request_does_not_contain_the_submitter()
    {
        await using RunningAdapter venue =
            await RunningAdapter.StartAsync(new FixAcceptorFactory().Create(_rig.Context, AdapterRig.Settings()));
        using CancellationTokenSource stopping = new();
        await using FixInitiator desk = new(
            new FixInitiatorOptions { Host = "127.0.0.1", Port = venue.Adapter.LocalEndPoint!.Port, MaxReconnectSeconds = 1 },
            SessionRig.Options() with { SenderCompId = "DESK", TargetCompId = "VENUE" }, new Application(), SystemClock.Instance, _ => { });
        Task running = desk.RunAsync(stopping.Token);
        Eventually.True(() => desk.Session.IsLoggedOn, "the desk is logged on");
        FixMessageBuilder cancel = new FixMessageBuilder("F").Add(41, "c-1").Add(11, "c-2").Add(1, Canary).Add(55, "EURUSD").Add(54, "1")
            .AddTime(60, FixDay.Start);

        Assert.Equal(FixSendStatus.Sent, desk.Session.Send(cancel.AddHeader(115, Encoding.UTF8.GetBytes(Canary))));

        Eventually.True(() => _rig.Sinks.DeadLetters.Messages == 1, "it is among the dead letters");
        AssertNowhere();
        Assert.Contains(Hex("\u000141=c-1\u000111=c-2\u000155=EURUSD\u0001"), Assert.Single(_rig.Letters()), StringComparison.Ordinal);
        await stopping.CancelAsync();
        await running;
    }

    private static FixMessageBuilder Rejected() =>
        new FixMessageBuilder("8").Add(37, "o-1").Add(17, "e-1").Add(150, "8").Add(39, "8").Add(103, 11).Add(55, "EURUSD").Add(54, "1")
            .Add(151, 0).Add(14, 0).Add(6, 0)
            .Add(58, $"{Canary} may not trade");

    private static FixMessageBuilder BusinessReject() =>
        new FixMessageBuilder("j").Add(45, 2).Add(372, "D").Add(379, "c-1").Add(380, 2).Add(58, $"{Canary} is not known");

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    private void AssertNowhere()
    {
        Assert.All(_rig.Letters(), letter => Assert.DoesNotContain(Hex(Canary), letter, StringComparison.Ordinal));
        Assert.All(_rig.Letters(), letter => Assert.DoesNotContain(Canary, letter, StringComparison.Ordinal));
        Assert.All(_rig.Events, happened => Assert.DoesNotContain(Canary, happened.Detail, StringComparison.Ordinal));
    }

    private FixAdapter Desk(int port)
    {
        return new FixAdapter(
            new FixAdapterOptions
            {
                Initiator = new FixInitiatorOptions { Host = "127.0.0.1", Port = port },
                Sessions = [new FixAdapterSession(SessionRig.Options() with { SenderCompId = "DESK", TargetCompId = "VENUE" })],
                Mappings = [new FixMapping("8", "cancels")],
                Egress = [new FixEgress("estream.trading.EStreamOrder", "VENUE")],
            },
            _rig.Context);
    }
}

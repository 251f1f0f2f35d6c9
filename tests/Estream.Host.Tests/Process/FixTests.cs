using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fix;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a host with a FIX acceptor stores the messages of a counterparty in a queue, sends the messages of another queue, and
/// resumes after a crash.</summary>
[Collection(ProcessCollection.Name)]
public sealed class FixTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly int _port = FreePort.Next();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Requests_are_stored_and_sequence_numbers_continue_after_a_crash()
    {
        string config = WriteConfig();
        FixInitiator desk = new(
            new FixInitiatorOptions { Host = "127.0.0.1", Port = _port, MaxReconnectSeconds = 1 },
            new FixSessionOptions { Protocol = FixProtocol.Fix44, SenderCompId = "DESK", TargetCompId = "VENUE" },
            new OrderDesk(),
            SystemClock.Instance,
            _ => { });
        await using (desk.ConfigureAwait(false))
        {
            using CancellationTokenSource stopping = new();
            Task running = desk.RunAsync(stopping.Token);
            using (HostProcess host = HostProcess.Start(_folder.Combine("data"), configFile: config).WaitUntilReady())
            {
                Cancel(desk, host, "first");
                Assert.Contains("estream_fix_session_logged_on", host.Get("/metrics"), StringComparison.Ordinal);
                Assert.Contains("fix-acceptor", host.Get("/api/overview"), StringComparison.Ordinal);
                host.Kill();
            }

            // If the host had started with new sequence numbers, they would be too low for the desk, which would end the session.
            using HostProcess again = HostProcess.Start(_folder.Combine("data"), configFile: config).WaitUntilReady();
            Cancel(desk, again, "second");
            Assert.Contains("first", again.Get("/api/queues/cancels/messages?last=10"), StringComparison.Ordinal);
            Assert.Equal(0, again.Stop().ExitCode);
            await stopping.CancelAsync();
            await running;
        }
    }

    [Theory]
    [InlineData("\"MaxMessageBytes\":1,", "", "MaxMessageBytes expects a whole number of bytes from 512")]
    [InlineData("\"PasswordFile\":\"p\",", "", "needs Username")]
    [InlineData("", ",\"dead-letters\":{\"SegmentBytes\":65536}",
        "Sessions:0:MaxMessageBytes is 65536, but a packet of this size does not fit")]
    public void An_error_in_a_session_is_reported_before_anything_is_opened(string setting, string queue, string mistake)
    {
        string config = WriteConfig(setting, queue);

        using HostProcess host = HostProcess.Start(_folder.Combine("data"), configFile: config);

        ProcessResult end = host.Process.WaitForExit();
        Assert.Equal(2, end.ExitCode);
        Assert.Contains("Estream:Adapters:venue:Sessions", end.Error, StringComparison.Ordinal);
        Assert.Contains(mistake, end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("data")));
    }

    private static void Cancel(FixInitiator desk, HostProcess host, string id)
    {
        Eventually.True(() => desk.Session.IsLoggedOn, "the desk is logged on");
        FixMessageBuilder cancel = new FixMessageBuilder("F").Add(41, "order").Add(11, id).Add(55, "EURUSD").Add(54, "1")
            .AddTime(60, SystemClock.Instance.UtcNanos);
        Assert.Equal(FixSendStatus.Sent, desk.Session.Send(cancel));
        Eventually.True(() => host.Get("/api/queues/cancels/messages?last=10").Contains($"\"{id}\"", StringComparison.Ordinal),
            "the request is in its queue");
    }

    private string WriteConfig(string setting = "", string queue = "")
    {
        string file = _folder.Combine("estream.json");
        File.WriteAllText(file, $$$$$"""
            {"Estream":{"Queues":{"cancels":{"SegmentBytes":262144}{{{{{queue}}}}}},
             "Adapters":{"venue":{"Type":"fix-acceptor","Port":{{{{{_port}}}}},
              "Sessions":[{{{{{{setting}}}}}"SenderCompId":"VENUE","TargetCompId":"DESK","Journal":"{{{{{_folder.Combine("journal")}}}}}"}],
              "Mappings":[{"MsgType":"F","Schema":"FixOrderCancel","Queue":"cancels"}]}}}}
            """);
        return file;
    }

    private sealed class OrderDesk : IFixApplication
    {
        public FixVerdict OnMessage(FixSession session, in FixMessage message) => FixVerdict.Accepted;
    }
}

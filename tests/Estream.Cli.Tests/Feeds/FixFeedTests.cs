using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Estream.Core;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Fix;

namespace Estream.Cli.Tests;

/// <summary>Orders of `estream feed fix` against an acceptor that checks them with the FIX dictionaries.</summary>
public sealed class FixFeedTests
{
    [Theory]
    [InlineData("FIX.4.2")]
    [InlineData("FIX.4.4")]
    [InlineData("FIX.5.0")]
    [InlineData("FIX.5.0SP1")]
    [InlineData("FIX.5.0SP2")]
    public async Task Feed_with_a_count_delivers_every_message_in_order(string version)
    {
        await using Venue venue = await Venue.StartAsync(version, status: "0");
        CliResult feed = await FeedAsync(venue, version, "--rate", "5000", "--count", "500");

        Assert.Equal((ExitCode.Ok, ""), (feed.Code, feed.Error));
        Assert.Matches(@"(^|\n)sent 500 messages, [0-9]+ bytes in [0-9.]+ s: [0-9,]+ messages/s; 500 reports, 0 refused\n$", feed.Output);
        Assert.Single(venue.Orders.Select(order => order.Split('-')[0]).Distinct());
        Assert.Equal(Enumerable.Range(0, 500).Select(number => $"{number}"), venue.Orders.Select(order => order.Split('-')[1]));
    }

    [Fact]
    public async Task Feed_over_TLS_sends_only_to_the_trusted_acceptor()
    {
        using TempDirectory folder = new();
        using X509Certificate2 server = TestCertificates.Write(folder, "server");
        using X509Certificate2 desk = TestCertificates.Write(folder, "desk");
        WireServerTlsOptions tls = new()
        {
            CertificateFile = folder.Combine("server.crt"),
            KeyFile = folder.Combine("server.key"),
            ClientCaFile = folder.Combine("desk-ca.crt"),
        };
        await using Venue venue = await Venue.StartAsync("FIX.4.4", status: "0", tls);
        string[] shown = ["--certificate", folder.Combine("desk.crt"), "--certificate-key", folder.Combine("desk.key"), "--count", "5"];

        CliResult feed = await FeedAsync(
            venue, "FIX.4.4",
            ["--ca-file", folder.Combine("server-ca.crt"), "--server-name", "localhost", "--pin",
                server.GetCertHashString(HashAlgorithmName.SHA256), .. shown]);
        CliResult other = await FeedAsync(venue, "FIX.4.4", ["--pin", desk.GetCertHashString(HashAlgorithmName.SHA256), .. shown]);

        Assert.Equal((ExitCode.Ok, ""), (feed.Code, feed.Error));
        Assert.EndsWith("; 5 reports, 0 refused\n", feed.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, other.Code);
        Assert.Contains("does not accept the Logon of DESK", other.Error, StringComparison.Ordinal);
        Assert.Contains("certificate", other.Error, StringComparison.Ordinal);
        Assert.Equal(5, venue.Orders.Length);
    }

    [Fact]
    public async Task A_password_file_readable_by_others_is_rejected_before_connecting()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using TempDirectory folder = new();
        string password = folder.Combine("password");
        File.WriteAllText(password, "canary password 7731");
        File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        await using Venue venue = await Venue.StartAsync("FIX.4.4", status: "0");

        CliResult feed = await FeedAsync(venue, "FIX.4.4", "--username", "desk", "--password-file", password, "--count", "1");

        Assert.Equal(
            (ExitCode.Failed, $"estream: The secret cannot be read: the file {password} is accessible to users other than its owner. "
                + "Run: chmod 600.\n"),
            (feed.Code, feed.Error));
        Assert.Empty(venue.Orders);
    }

    [Fact]
    public async Task Rejected_orders_are_counted_and_set_exit_code_1()
    {
        await using Venue venue = await Venue.StartAsync("FIX.4.4", status: "8");
        CliResult feed = await FeedAsync(venue, "FIX.4.4", "--rate", "1000", "--count", "20");

        Assert.Equal((ExitCode.No, ""), (feed.Code, feed.Error));
        Assert.EndsWith("; 20 reports, 20 refused\nfirst refusal: the market is closed\n", feed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_logon_is_reported_with_its_reason()
    {
        await using Venue venue = await Venue.StartAsync("FIX.4.4", status: "0");
        using SampleData data = new();

        CliResult feed = await data.RunAsync("feed", "fix", "--port", $"{venue.Port}", "--sender", "STRANGER", "--target", "VENUE");

        Assert.Equal(ExitCode.Failed, feed.Code);
        Assert.Contains($"127.0.0.1:{venue.Port} does not accept the Logon of STRANGER", feed.Error, StringComparison.Ordinal);
        Assert.Contains("--sender", feed.Error, StringComparison.Ordinal);
        Assert.Empty(venue.Orders);
    }

    [Fact]
    public async Task Feed_reports_invalid_options_and_unreachable_targets_with_advice()
    {
        using SampleData data = new();
        int port = FreePort.Next();
        (await data.RunAsync("feed", "fix", "--port", $"{port}", "--sender", "DESK", "--target", "VENUE")).AssertFailed(ExitCode.Failed,
            $"127.0.0.1:{port}", "--port");
        (await data.RunAsync("feed", "fix", "--sender", "DESK", "--target", "VENUE", "--fix-version", "FIX.4.1")).AssertFailed(
            ExitCode.Failed, "FIX.5.0SP2");
        (await data.RunAsync("feed", "fix", "--sender", "", "--target", "VENUE")).AssertFailed(ExitCode.Failed, "1 to 64 bytes");
        (await data.RunAsync("feed", "iso20022", "--folder", data.Folder)).AssertFailed(ExitCode.Failed, data.Folder, "iso20022-folder");
    }

    private static async Task<CliResult> FeedAsync(Venue venue, string version, params string[] more)
    {
        using SampleData data = new();
        return await data.RunAsync(
            ["feed", "fix", "--port", $"{venue.Port}", "--fix-version", version, "--sender", "DESK", "--target", "VENUE", .. more]);
    }

    /// <summary>An acceptor that answers each order with a report.</summary>
    private sealed class Venue : IFixApplication, IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _orders = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly string _version;
        private readonly string _status;
        private readonly FixAcceptor _acceptor;
        private Task _running = Task.CompletedTask;

        private Venue(string version, string status, WireServerTlsOptions? tls)
        {
            _version = version;
            _status = status;
            FixProtocol protocol = version switch
            {
                "FIX.4.2" => FixProtocol.Fix42,
                "FIX.4.4" => FixProtocol.Fix44,
                "FIX.5.0" => FixProtocol.Fix50,
                "FIX.5.0SP1" => FixProtocol.Fix50Sp1,
                _ => FixProtocol.Fix50Sp2,
            };
            FixSessionOptions session = new() { Protocol = protocol, SenderCompId = "VENUE", TargetCompId = "DESK" };
            _acceptor = new FixAcceptor(new FixAcceptorOptions { Port = 0, Tls = tls }, [session], this, SystemClock.Instance, _ => { });
        }

        public string[] Orders => [.. _orders];

        public int Port => _acceptor.LocalEndPoint!.Port;

        public static async Task<Venue> StartAsync(string version, string status, WireServerTlsOptions? tls = null)
        {
            Venue venue = new(version, status, tls);
            await venue._acceptor.StartAsync(CancellationToken.None);
            venue._running = venue._acceptor.RunAsync(venue._stop.Token);
            return venue;
        }

        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            Assert.True(message.Fields.TryGet(11, out ReadOnlySpan<byte> id));
            _orders.Enqueue(Encoding.UTF8.GetString(id));
            FixMessageBuilder report = new FixMessageBuilder("8").Add(37, $"o{_orders.Count}").Add(11, id).Add(17, $"e{_orders.Count}");
            if (_version == "FIX.4.2")
            {
                report.Add(20, "0");
            }

            report.Add(150, _status).Add(39, _status).Add(55, "ACME").Add(54, "1").Add(151, 0).Add(14, 0).Add(6, 0);
            if (_status == "8")
            {
                report.Add(58, "the market is closed");
            }

            return session.Send(report) == FixSendStatus.Sent ? FixVerdict.Accepted : FixVerdict.Unsupported;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            await _acceptor.DisposeAsync();
            _stop.Dispose();
        }
    }
}

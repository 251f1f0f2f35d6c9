using System.Text.Json;
using Estream.Core;
using Estream.Host.Tests.Process;
using Estream.Marketplace.Publishing;
using Estream.Testing;
using Estream.Wire.Fix;

namespace Estream.Host.Tests.Components;

/// <summary>Goal: the FIX trading gateway of this repository is packed and installed, and a host that names it takes an order from a desk
/// to a venue and its report back.</summary>
[Collection(ProcessCollection.Name)]
public sealed class FixTradingGatewayTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly HostFiles _files = new();
    private readonly int _port = FreePort.Next();

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_installed_gateway_forwards_an_order_and_its_report()
    {
        HostSecrets secrets = new(_files);
        secrets.Make("default");
        Directory.CreateDirectory(_folder.Combine("workspace"));
        bool isAdded = false;
        foreach (string folder in (string[])[RepositoryRoot.Combine("schemas", "esf-trading"), AdapterComponents.FolderOf("fix-acceptor"),
            AdapterComponents.FolderOf("fix-initiator"), RepositoryRoot.Combine("gateways", "fix-trading-gateway")])
        {
            ComponentFolder read = ComponentFolder.Read(folder);
            Assert.True(read.Package is not null, string.Join('\n', read.Errors));
            ComponentInstaller.Install(read.Package, _folder.Combine("workspace"), _folder.Combine("cache"), isAdded: isAdded);
            isAdded = true;
        }

        FixNames orders = new(), reports = new();
        await using FixAcceptor venue =
            new(new FixAcceptorOptions { Port = 0 }, [Session("VENUE", "BROKER")], orders, SystemClock.Instance, _ => { });
        await venue.StartAsync(CancellationToken.None);
        await using FixInitiator desk = new(new FixInitiatorOptions { Host = "127.0.0.1", Port = _port, MaxReconnectSeconds = 1 },
            Session("DESK", "BROKER"), reports, SystemClock.Instance, _ => { });
        using CancellationTokenSource closing = new();
        Task serving = venue.RunAsync(closing.Token), dealing = desk.RunAsync(closing.Token);
        Configure(venue.LocalEndPoint!.Port, secrets.Keys);
        using HostProcess host = HostProcess.Start(_files.Data, configFile: _files.Config).WaitUntilReady();

        Eventually.True(() => desk.Session.IsLoggedOn, "the desk is logged on");
        Assert.Equal(FixSendStatus.Sent, desk.Session.Send(new FixMessageBuilder("D").Add(11, "o-1").Add(55, "ACME").Add(54, "1")
            .AddTime(60, SystemClock.Instance.UtcNanos).Add(38, 100).Add(40, "2").AddFixed(44, 10_825, 2).Add(59, "0")));
        Eventually.True(() => orders.Count == 1, "the order is at the venue");
        Assert.Equal(FixSendStatus.Sent, venue.Sessions[0].Send(new FixMessageBuilder("8").Add(37, "v-1").Add(11, "o-1").Add(17, "e-1")
            .Add(150, "F").Add(39, "2").Add(55, "ACME").Add(54, "1").Add(38, 100).Add(32, 100).AddFixed(31, 10_825, 2).Add(151, 0)
            .Add(14, 100).AddFixed(6, 10_825, 2).AddTime(60, SystemClock.Instance.UtcNanos)));
        Eventually.True(() => reports.Count == 1, "the report is at the desk");

        Eventually.True(() => host.Get("/api/queues/trades/messages?last=1").Contains("e-1", StringComparison.Ordinal),
            "the pipeline has stored the trade");
        Assert.Contains("v-1", host.Get("/api/maps/order-reports"), StringComparison.Ordinal);
        Assert.Equal(["o-1", "o-1"], orders.Names.Concat(reports.Names));
        Assert.Equal(0, host.Stop().ExitCode);
        await closing.CancelAsync();
        await Task.WhenAll(serving, dealing);
    }

    private static FixSessionOptions Session(string sender, string target) =>
        new() { Protocol = FixProtocol.Fix44, SenderCompId = sender, TargetCompId = target };

    private void Configure(int venuePort, string keys)
    {
        string journalKeys = _folder.Combine("journal.keys");
        SecretFile.Create(journalKeys, "key file", isSecret: true,
            System.Text.Encoding.ASCII.GetBytes($"first {string.Concat(Enumerable.Repeat("ab", 32))}\n"));
        File.WriteAllText(_files.Config, JsonSerializer.Serialize(new
        {
            Estream = new
            {
                Components = new
                {
                    Workspace = _folder.Combine("workspace"), Cache = _folder.Combine("cache"),
                    Integrations = new[] { "fix-trading-gateway" },
                },
                Privacy = new { Keys = keys },
                Adapters = new
                {
                    desks = new
                    {
                        Port = _port,
                        Sessions = new[] { new { SenderCompId = "BROKER", TargetCompId = "DESK", Journal = _folder.Combine("desk") } },
                        Egress = new[] { new { TargetCompId = "DESK" } },
                    },
                    venue = new
                    {
                        Host = "127.0.0.1", Port = venuePort, MaxReconnectSeconds = 1,
                        Sessions = new[]
                        {
                            new { SenderCompId = "BROKER", TargetCompId = "VENUE", Journal = _folder.Combine("venue"),
                                JournalKeyFile = journalKeys },
                        },
                        Egress = new object[] { new { TargetCompId = "VENUE", Keys = keys }, new { TargetCompId = "VENUE" } },
                    },
                },
            },
        }));
    }
}

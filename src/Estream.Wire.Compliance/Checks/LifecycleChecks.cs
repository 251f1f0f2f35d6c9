using System.Net;
using System.Net.Sockets;
using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks creating, starting, ingesting, stopping and restarting.</summary>
internal static class LifecycleChecks
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(200);

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("L1", "Create opens nothing, and what was only created can be disposed", ComplianceTraits.None, CreateOpensNothing),
        new("L2", "a peer can connect when StartAsync has returned", ComplianceTraits.Listens, StartedIsReady),
        new("L3", "a port that is taken is a WireConnectionException that names it", ComplianceTraits.Listens, TakenPortIsNamed),
        new("L4", "a peer that is not there is no failure of the start: the adapter is unhealthy, and tries", ComplianceTraits.Dials,
            AbsentPeerIsTried),
        new("L5", "Ingest ends without an exception once it is cancelled, with connections open", ComplianceTraits.None,
            CancelledIngestEnds),
        new("L6", "what is acknowledged while the adapter stops is stored, also where the disk is full", ComplianceTraits.Acknowledges,
            StoppingLosesNothing),
        new("L7", "another instance can take over the port when the first is disposed", ComplianceTraits.None, AnotherInstanceTakesOver),
        new("L8", "a cancellation before Ingest is harmless", ComplianceTraits.None, EarlyCancellationIsHarmless),
    ];

    private static async Task CreateOpensNothing(ComplianceRig rig)
    {
        const string Promise = "Create opens nothing: no port is bound and no peer is connected before StartAsync";
        if (rig.Listens)
        {
            rig.Create();
            LoopbackPort.Take(rig.Site.Port, Promise).Dispose();
        }
        else
        {
            using Socket listener = LoopbackPort.Take(rig.Site.Port, "the suite listens where the peer would");
            rig.Create();
            await Task.Delay(s_quiet, rig.Cancellation).ConfigureAwait(false);
            Require(!listener.Poll(TimeSpan.Zero, SelectMode.SelectRead), $"{Promise}; there is a connection.");
        }

        await rig.DisposeAdapterAsync().ConfigureAwait(false);
    }

    private static async Task StartedIsReady(ComplianceRig rig)
    {
        await rig.Create().StartAsync(rig.Cancellation).ConfigureAwait(false);
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync(IPAddress.Loopback, rig.Site.Port, rig.Cancellation).ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            throw new ComplianceException(
                $"StartAsync returns when the adapter is ready; then a connection to port {rig.Site.Port} failed: {failure.Message}",
                failure);
        }
    }

    private static async Task TakenPortIsNamed(ComplianceRig rig)
    {
        using Socket taken = LoopbackPort.Take(rig.Site.Port, "the suite takes the port first");
        IWireAdapter adapter = rig.Create();
        const string Promise = "StartAsync throws a WireConnectionException where its port is taken";
        try
        {
            await adapter.StartAsync(rig.Cancellation).ConfigureAwait(false);
        }
        catch (WireConnectionException failure)
        {
            Require(failure.Message.Contains($"{rig.Site.Port}", StringComparison.Ordinal),
                $"{Promise} that names the port {rig.Site.Port}; it says: {failure.Message}");
            Require(adapter.Health.State == HealthState.Unhealthy,
                $"an adapter that could not start is unhealthy; it is {adapter.Health}.");
            return;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new ComplianceException($"{Promise}; it threw {failure.GetType().Name}: {failure.Message}", failure);
        }

        throw new ComplianceException($"{Promise}; it returned.");
    }

    private static async Task AbsentPeerIsTried(ComplianceRig rig)
    {
        await rig.StartAloneAsync().ConfigureAwait(false);
        await rig.UntilAsync(HealthState.Unhealthy, "an adapter without its peer is unhealthy").ConfigureAwait(false);
        Require(rig.Adapter.Health.Detail.Length > 0, "health says why.");
        Require(rig.IsIngesting, "an adapter without its peer keeps trying; Ingest has ended.");
        rig.Appear();
        await rig.OpenAsync().ConfigureAwait(false);
        await rig.UntilAsync(HealthState.Healthy, "it is healthy when the peer is there").ConfigureAwait(false);
    }

    private static async Task CancelledIngestEnds(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(connection, 1).ConfigureAwait(false);
        await rig.StopAsync().ConfigureAwait(false);
    }

    private static async Task StoppingLosesNothing(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        rig.Queues.Disk.IsFull = true;
        Task sending = rig.SendAsync(connection, Enumerable.Range(1, ComplianceQueues.MoreThanFits)).AsTask();
        await rig.UntilAsync(HealthState.Unhealthy, "health says that a queue cannot be written").ConfigureAwait(false);
        await rig.StopAsync().ConfigureAwait(false);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        await rig.UntilAsync(() => connection.IsOver, "the connection is over when the adapter is disposed").ConfigureAwait(false);
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        AcknowledgementChecks.RequireStored(rig, connection.Acknowledged);
    }

    private static async Task AnotherInstanceTakesOver(ComplianceRig rig)
    {
        for (int instance = 1; instance <= 2; instance++)
        {
            await rig.StartAsync().ConfigureAwait(false);
            IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
            await rig.StoreAsync(connection, instance).ConfigureAwait(false);
            await rig.StopAsync().ConfigureAwait(false);
            await rig.DisposeAdapterAsync().ConfigureAwait(false);
        }
    }

    private static async Task EarlyCancellationIsHarmless(ComplianceRig rig)
    {
        rig.Appear();
        await rig.Create().StartAsync(rig.Cancellation).ConfigureAwait(false);
        await rig.IngestCancelledAsync().ConfigureAwait(false);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
    }
}

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
        new("L1", "Create opens nothing, and an adapter that was only created can be disposed", ComplianceTraits.None, CreateOpensNothing),
        new("L2", "a peer can connect when StartAsync has returned", ComplianceTraits.Listens, StartedIsReady),
        new("L3", "a port in use is reported with a WireConnectionException that names it", ComplianceTraits.Listens, TakenPortIsNamed),
        new("L4", "an absent peer does not fail the start: the adapter is unhealthy and keeps trying", ComplianceTraits.Dials,
            AbsentPeerIsTried),
        new("L5", "Ingest ends without an exception when it is cancelled, with connections open", ComplianceTraits.None,
            CancelledIngestEnds),
        new("L6", "messages acknowledged while the adapter stops are stored, even if the disk is full", ComplianceTraits.Acknowledges,
            StoppingLosesNothing),
        new("L7", "another instance can take over the port after the first is disposed", ComplianceTraits.None, AnotherInstanceTakesOver),
        new("L8", "a cancellation before Ingest is harmless", ComplianceTraits.None, EarlyCancellationIsHarmless),
    ];

    private static async Task CreateOpensNothing(ComplianceRig rig)
    {
        const string Promise = "Create must open nothing: no port may be bound and no peer connected before StartAsync";
        if (rig.Listens)
        {
            rig.Create();
            LoopbackPort.Take(rig.Site.Port, Promise).Dispose();
        }
        else
        {
            using Socket listener = LoopbackPort.Take(rig.Site.Port, "the suite must listen on the port of the peer");
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
                $"StartAsync must return when the adapter is ready; a connection to port {rig.Site.Port} then failed: {failure.Message}",
                failure);
        }
    }

    private static async Task TakenPortIsNamed(ComplianceRig rig)
    {
        using Socket taken = LoopbackPort.Take(rig.Site.Port, "the suite must take the port first");
        IWireAdapter adapter = rig.Create();
        const string Promise = "StartAsync must throw a WireConnectionException if its port is in use";
        try
        {
            await adapter.StartAsync(rig.Cancellation).ConfigureAwait(false);
        }
        catch (WireConnectionException failure)
        {
            Require(failure.Message.Contains($"{rig.Site.Port}", StringComparison.Ordinal),
                $"{Promise}, with the port {rig.Site.Port} in the message; it says: {failure.Message}");
            Require(adapter.Health.State == HealthState.Unhealthy,
                $"an adapter that could not start must be unhealthy; it is {adapter.Health}.");
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
        Require(rig.Adapter.Health.Detail.Length > 0, "an unhealthy state must have a reason; it has none.");
        Require(rig.IsIngesting, "an adapter without its peer must keep trying; Ingest has ended.");
        rig.Appear();
        await rig.OpenAsync().ConfigureAwait(false);
        await rig.UntilAsync(HealthState.Healthy, "the adapter is healthy when the peer is there").ConfigureAwait(false);
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
        await rig.UntilAsync(HealthState.Unhealthy, "the adapter is unhealthy because a queue cannot be written").ConfigureAwait(false);
        await rig.StopAsync().ConfigureAwait(false);
        await rig.DisposeAdapterAsync().ConfigureAwait(false);
        await rig.UntilAsync(() => connection.IsOver, "the connection is closed after the adapter is disposed").ConfigureAwait(false);
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

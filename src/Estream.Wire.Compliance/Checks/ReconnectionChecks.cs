using Estream.Core;
using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks peers that disconnect, return, close at once, or fall silent.</summary>
internal static class ReconnectionChecks
{
    private const int Refusals = 50;

    /// <summary>The number of attempts after which the delays have grown.</summary>
    private const int Growing = 20;

    /// <summary>The number of consecutive attempts that are timed together.</summary>
    private const int Window = 10;

    /// <summary>The minimum time for ten consecutive attempts once the delays have grown. Ten random delays of up to a tenth of a second
    /// take longer; without delays, the fastest ten of thirty take less even on a busy machine.</summary>
    private const long LeastNanos = 100_000_000;

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("R1", "without its peer the adapter is unhealthy with a reason, and it resumes by itself when the peer is back",
            ComplianceTraits.Dials, PeerComesBack),
        new("R2", "the delays between attempts grow if a peer closes connections at once", ComplianceTraits.Dials, WaitsGrow),
        new("R3", "a silent peer is detected", ComplianceTraits.NoticesSilence, SilenceIsNoticed),
        new("R4", "a disconnected peer can reconnect at once, any number of times", ComplianceTraits.None, CutPeersComeBack),
    ];

    private static async Task PeerComesBack(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(connection, 1).ConfigureAwait(false);
        await rig.VanishAsync().ConfigureAwait(false);
        await rig.UntilAsync(HealthState.Unhealthy, "an adapter whose peer is gone is unhealthy").ConfigureAwait(false);
        Require(rig.Adapter.Health.Detail.Length > 0, "an unhealthy state must have a reason; it has none.");
        rig.Appear();
        IPeerConnection next = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(next, 2).ConfigureAwait(false);
        await rig.UntilAsync(HealthState.Healthy, "the adapter is healthy when the peer is back").ConfigureAwait(false);
    }

    private static async Task WaitsGrow(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        long[] ends = new long[Refusals];
        for (int refusal = 0; refusal < Refusals; refusal++)
        {
            await rig.MisbehaveAsync().ConfigureAwait(false);
            ends[refusal] = SystemClock.Instance.MonotonicNanos;
        }

        long nanos = Enumerable.Range(Growing, Refusals - Growing - Window).Min(first => ends[first + Window] - ends[first]);
        Require(nanos >= LeastNanos,
            $"delays between attempts must grow if a peer closes at once; {Window} attempts took {nanos / 1_000_000} ms, "
            + $"at least {LeastNanos / 1_000_000} ms were expected.");
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(connection, 1).ConfigureAwait(false);
    }

    private static async Task SilenceIsNoticed(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        await rig.StoreAsync(connection, 1).ConfigureAwait(false);
        connection.FallSilent();
        await rig.UntilAsync(() => connection.IsOver, "the connection of a silent peer is closed").ConfigureAwait(false);
    }

    private static async Task CutPeersComeBack(ComplianceRig rig)
    {
        const int Times = 20;
        await rig.StartAsync().ConfigureAwait(false);
        for (int time = 1; time <= Times; time++)
        {
            IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
            await rig.StoreAsync(connection, time).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }

        Require(rig.IsIngesting, "cutting a connection must not end Ingest; it has ended.");
        await rig.UntilAsync(() => rig.Adapter.Statistics.Connections == 0 || !rig.Listens,
            "a connection that was cut is no longer counted").ConfigureAwait(false);
    }
}

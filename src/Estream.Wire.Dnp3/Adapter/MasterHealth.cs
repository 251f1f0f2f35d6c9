using Estream.Wire.Dnp3.Session;

namespace Estream.Wire.Dnp3.Adapter;

/// <summary>The health of an adapter, from its connections and devices.</summary>
internal static class MasterHealth
{
    public static HealthStatus Of(List<MasterChannel> channels, MasterSession[] sessions)
    {
        int connected = channels.Count(channel => channel.IsConnected);
        MasterChannel? failed = channels.Find(channel => !channel.IsConnected && channel.Failure is not null);
        if (connected == 0)
        {
            return HealthStatus.Unhealthy(failed is null
                ? "No outstation is connected yet."
                : $"No outstation is connected; {failed.Name}: {failed.Failure}");
        }

        int troubled = sessions.Count(session => session.Trouble is not null);
        MasterSession? first = Array.Find(sessions, session => session.Trouble is not null);
        if (first is not null)
        {
            return HealthStatus.Degraded(
                $"{troubled} of {sessions.Length} outstations do not answer, or refuse requests; {first.Options.Name}: {first.Trouble}.");
        }

        if (connected < channels.Count)
        {
            return HealthStatus.Degraded(
                $"{connected} of {channels.Count} connections are open{(failed is null ? "" : $"; {failed.Name}: {failed.Failure}")}.");
        }

        int current = sessions.Count(session => session.IsSynchronized);
        return current == sessions.Length
            ? HealthStatus.Healthy($"{sessions.Length} outstations on {connected} connections.")
            : HealthStatus.Degraded($"{current} of {sessions.Length} outstations have answered an integrity poll.");
    }

    /// <summary>The state of an outstation; its channel is null before the start.</summary>
    public static DeviceStatus Of(MasterSession session, MasterChannel? channel)
    {
        HealthStatus health = channel is not { IsConnected: true }
            ? HealthStatus.Unhealthy(channel?.Failure ?? "The outstation is not connected yet.")
            : session.Trouble is { } trouble ? HealthStatus.Degraded($"{trouble}.")
            : session.IsSynchronized ? HealthStatus.Healthy("The outstation answers.")
            : HealthStatus.Degraded("The outstation has not answered an integrity poll yet.");
        return new DeviceStatus(session.Options.Name, channel?.Name ?? "", health, session.Counters.Requests, session.Counters.Failures,
            session.Counters.LastResponseAt);
    }
}

using Estream.Host.Components;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Compares what all field adapters of a host use together with the limits of its gateway edition.</summary>
internal static class GatewayEdition
{
    private const string HotStandby = "hot_standby";
    private const string Witness = "witness";

    /// <summary>What each limit counts.</summary>
    private static readonly Dictionary<string, string> s_counted = new(StringComparer.Ordinal)
    {
        [FieldLimits.Devices] = "devices",
        [FieldLimits.Registers] = "registers",
        [FieldLimits.SerialLines] = "serial lines of Modbus RTU",
        [FieldLimits.Dnp3] = "DNP3 outstations",
        [FieldLimits.OpcUa] = "OPC UA servers",
        [HotStandby] = "standby hosts",
        [Witness] = "witnessed queues",
    };

    /// <summary>Checks the limits of the edition.</summary>
    /// <returns>The use of each limit, for the log; null if the host has no gateway.</returns>
    /// <exception cref="WireConfigurationException">The edition is not installed or its license is missing, or a limit is exceeded.
    /// The message names every exceeded limit.</exception>
    public static string? Check(HostConfiguration plan)
    {
        if (plan.Gateway is not { } gateway)
        {
            return null;
        }

        InstalledIntegration edition = plan.Components?.ReadIntegration(gateway.Component, GatewayPlan.ComponentKey)
            ?? throw Refuse(
                $"is {gateway.Component}, but this host has no component workspace. Set it with UseComponents or "
                + "Estream:Components:Workspace.");
        RequireKnown(edition);
        List<(string Limit, string User, long Count)> uses = [.. UsesOf(plan, gateway)];
        string[] exceeded = [.. edition.Limits.OrderBy(limit => limit.Key, StringComparer.Ordinal)
            .Select(limit => Exceeded(edition, limit.Key, limit.Value, [.. uses.Where(use => use.Limit == limit.Key)])).OfType<string>()];
        return exceeded.Length == 0
            ? $"{edition.Locked}: " + string.Join(", ", edition.Limits.Select(limit =>
                $"{uses.Where(use => use.Limit == limit.Key).Sum(use => use.Count)} of {limit.Value} {s_counted[limit.Key]}"))
            : throw Refuse(
                $"{string.Join(" ", exceeded)} Use less, or set {GatewayPlan.ComponentKey} to an edition that allows more "
                + "(estream marketplace search gateway).");
    }

    private static void RequireKnown(InstalledIntegration edition)
    {
        if (!edition.Limits.ContainsKey(FieldLimits.Devices))
        {
            throw Refuse($"{edition.Locked} is not a gateway edition: its manifest has no limit of devices.");
        }

        if (edition.Limits.Keys.FirstOrDefault(limit => !s_counted.ContainsKey(limit)) is { } unknown)
        {
            throw Refuse($"{edition.Locked} limits '{unknown}', which this host does not count. Install a newer host.");
        }
    }

    private static IEnumerable<(string Limit, string User, long Count)> UsesOf(HostConfiguration plan, GatewayPlan gateway)
    {
        foreach (AdapterPlan adapter in plan.Adapters.Values)
        {
            foreach ((string limit, long count) in plan.CountUse(adapter).Where(use => use.Value > 0))
            {
                yield return (limit, $"adapter '{adapter.Name}'", count);
            }
        }

        foreach (string queue in plan.Witnesses.Keys)
        {
            yield return (Witness, $"queue '{queue}'", 1);
        }

        if (gateway.HasStandby)
        {
            yield return (HotStandby, "Estream:Gateway:Standby", 1);
        }
    }

    private static string? Exceeded(InstalledIntegration edition, string limit, long most, (string Limit, string User, long Count)[] uses)
    {
        long count = uses.Sum(use => use.Count);
        if (count <= most)
        {
            return null;
        }

        string users = string.Join(", ", uses.Select(use => uses.Length == 1 ? use.User : $"{use.Count} of {use.User}"));
        return most == 0
            ? $"{edition.Locked} does not include {s_counted[limit]}, and this configuration has {count} ({users})."
            : $"{edition.Locked} allows at most {most} {s_counted[limit]}, and this configuration has {count} ({users}).";
    }

    private static WireConfigurationException Refuse(string message) => new(GatewayPlan.ComponentKey, message);
}

using Estream.Testing;

namespace Estream.Replication.Tests.Faults;

/// <summary>A test with nodes that have their own networks and disks; skipped if the user may not create them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrokerFaultFactAttribute : FactAttribute
{
    private const long ProbeBytes = 16 << 20;

    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    public BrokerFaultFactAttribute() => Skip = s_skipReason.Value;

    private static string? FindSkipReason()
    {
        try
        {
            using TempDirectory folder = new();
            using NodeNetwork network = new(1);
            using LoopDisk disk = new(folder.Combine("disk"), folder.Combine("mount"), ProbeBytes);
            disk.Slow(1 << 20);
            disk.Repair();
            return null;
        }
        catch (Exception refusal)
        {
            return "nodes with their own networks and disks need root, iproute2, loop devices, and control groups of version 1 for "
                + $"block devices: {refusal.Message}";
        }
    }
}

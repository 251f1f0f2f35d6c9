using System.Globalization;

namespace Estream.Cli.Tune;

/// <summary>All settings that <c>estream tune</c> checks.</summary>
internal static class TuneCatalog
{
    private const long WantedLockedBytes = 256L << 20;

    /// <summary>Whether a journal may name a file: only files that <c>apply</c> writes.</summary>
    public static bool Has(string path) => KernelValues.Has(path) || CpuSettings.Has(path);

    /// <summary>Checks all settings. Changes nothing.</summary>
    /// <param name="machine">The kernel settings.</param>
    /// <param name="cpus">The CPUs for threads that poll; null for the isolated CPUs.</param>
    public static IReadOnlyList<TuneFinding> Find(MachineFiles machine, SortedSet<int>? cpus) =>
    [
        .. CpuSettings.Find(machine, cpus ?? CpuSettings.Isolated(machine)),
        .. KernelValues.Find(machine),
        HugePages(machine),
        NicQueues(machine),
        LockedMemory(machine),
    ];

    private static TuneFinding HugePages(MachineFiles machine)
    {
        string present = machine.TryReadValue("/proc/sys/vm/nr_hugepages") ?? "";
        bool hasTransparent = machine.Exists("/sys/kernel/mm/transparent_hugepage/enabled");
        return new TuneFinding("huge-pages", present.Length == 0 ? TuneVerdict.Absent : hasTransparent || present != "0" ? TuneVerdict.Ok
            : TuneVerdict.Manual, present, "",
            "Large maps miss the TLB less often. Reserved huge pages are needed only without transparent huge pages.")
        {
            Advice = hasTransparent || present != "0" ? ""
                : "This kernel has no transparent huge pages: set vm.nr_hugepages, mount hugetlbfs, and put maps there.",
        };
    }

    private static TuneFinding NicQueues(MachineFiles machine)
    {
        string[] cards = [.. machine.List("/sys/class/net").Where(name => machine.Exists($"/sys/class/net/{name}/device"))];
        (string Name, int Queues)[] queues =
            [.. cards.Select(name => (name, machine.ListNumbered($"/sys/class/net/{name}/queues", "rx-").Count))];
        string[] several = [.. queues.Where(card => card.Queues > 1).Select(card => card.Name)];
        return new TuneFinding("nic-queues",
            cards.Length == 0 ? TuneVerdict.Absent : several.Length == 0 ? TuneVerdict.Ok : TuneVerdict.Manual,
            string.Join(", ", queues.Select(card => string.Create(CultureInfo.InvariantCulture, $"{card.Name} {card.Queues}"))),
            "", "An AF_XDP transport reads one receive queue of an interface; packets of other queues go through the kernel.")
        {
            Advice = several.Length == 0 ? ""
                : $"If Estream uses AF_XDP, run ethtool -L {several[0]} combined 1, or send its UDP port to one queue with ethtool -N.",
        };
    }

    private static TuneFinding LockedMemory(MachineFiles machine)
    {
        string? line = machine.TryReadText("/proc/self/limits")?.Split('\n')
            .FirstOrDefault(text => text.StartsWith("Max locked memory", StringComparison.Ordinal));
        string[] words = (line ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string hard = words.Length > 4 ? words[4] : "";
        bool isEnough = hard == "unlimited"
            || (long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) && bytes >= WantedLockedBytes);
        return new TuneFinding("memlock", hard.Length == 0 ? TuneVerdict.Absent : isEnough ? TuneVerdict.Ok : TuneVerdict.Manual, hard,
            "unlimited", "The frames of AF_XDP count as locked memory.")
        {
            Advice = isEnough || hard.Length == 0 ? "" : "Set LimitMEMLOCK=infinity in the systemd unit, or run ulimit -l unlimited.",
        };
    }
}

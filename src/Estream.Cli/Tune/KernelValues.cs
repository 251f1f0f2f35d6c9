using System.Globalization;

namespace Estream.Cli.Tune;

/// <summary>The settings that are one value in one file.</summary>
internal static class KernelValues
{
    private sealed record Value(string Name, string Path, string Proposed, string Why, bool IsMinimum = false);

    private static readonly Value[] s_values =
    [
        new("thp", "/sys/kernel/mm/transparent_hugepage/enabled", "madvise",
            "Estream asks for huge pages where they help. With always, the kernel also compacts the memory of other programs. With never, "
            + "large maps miss the TLB."),
        new("thp-shmem", "/sys/kernel/mm/transparent_hugepage/shmem_enabled", "advise",
            "Lets maps in /dev/shm use huge pages."),
        new("numa-balancing", "/proc/sys/kernel/numa_balancing", "0",
            "The kernel unmaps pages to see which node uses them. The next access to these pages causes a page fault."),
        new("swappiness", "/proc/sys/vm/swappiness", "1",
            "Keeps the kernel from swapping memory while it can drop file pages instead."),
        new("zone-reclaim", "/proc/sys/vm/zone_reclaim_mode", "0",
            "With 0, the kernel allocates memory of another node instead of reclaiming memory of the local node first."),
        new("stat-interval", "/proc/sys/vm/stat_interval", "10",
            "Seconds between updates of memory statistics, which interrupt every CPU."),
        new("nmi-watchdog", "/proc/sys/kernel/nmi_watchdog", "0",
            "The watchdog interrupts every CPU and occupies a hardware counter."),
        new("timer-migration", "/proc/sys/kernel/timer_migration", "1",
            "Timers of idle and isolated CPUs run on busy CPUs."),
        new("busy-poll", "/proc/sys/net/core/busy_poll", "50",
            "Microseconds for which poll and epoll ask the network driver for packets before they sleep."),
        new("busy-read", "/proc/sys/net/core/busy_read", "50",
            "Microseconds for which a blocking receive asks the network driver for packets before it sleeps."),
        new("rmem-max", "/proc/sys/net/core/rmem_max", "8388608",
            "Bytes that a socket may buffer. Subscribers of multicast lose packets if the buffer is smaller than a burst.",
            IsMinimum: true),
        new("wmem-max", "/proc/sys/net/core/wmem_max", "8388608",
            "Bytes that a socket may have in flight. With more, publishers of multicast wait less.", IsMinimum: true),
    ];

    /// <summary>Whether a file is one of these settings.</summary>
    public static bool Has(string path) => s_values.Any(value => value.Path == path);

    public static IEnumerable<TuneFinding> Find(MachineFiles machine)
    {
        foreach (Value value in s_values)
        {
            string? present = machine.TryReadValue(value.Path);
            TuneVerdict verdict = present is null ? TuneVerdict.Absent : IsGood(value, present) ? TuneVerdict.Ok : TuneVerdict.Change;
            yield return new TuneFinding(value.Name, verdict, present ?? "", value.Proposed, value.Why)
            {
                Changes = verdict == TuneVerdict.Change ? [new TuneChange(value.Path, present!, value.Proposed)] : [],
            };
        }
    }

    private static bool IsGood(Value value, string present) => value.IsMinimum
        ? long.TryParse(present, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number >= long.Parse(value.Proposed, CultureInfo.InvariantCulture)
        : present == value.Proposed;
}

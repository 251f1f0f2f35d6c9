using System.Globalization;
using System.Text.RegularExpressions;

namespace Estream.Cli.Tune;

/// <summary>The settings of CPUs: isolation, frequency, idle states and interrupts.</summary>
internal static partial class CpuSettings
{
    private const string Cpus = "/sys/devices/system/cpu";
    private const string Policies = Cpus + "/cpufreq";
    private const string Interrupts = "/proc/irq";
    private const string Performance = "performance";
    private const int SlowExitMicroseconds = 10;
    private const int FewestCpus = 4;

    /// <summary>Returns the CPUs that the boot parameters isolate.</summary>
    public static SortedSet<int> Isolated(MachineFiles machine) => ListIn(machine, "isolated");

    /// <summary>Whether a file is one of these settings.</summary>
    public static bool Has(string path) => KnownPath().IsMatch(path);

    /// <summary>Checks the settings.</summary>
    /// <param name="machine">The kernel settings.</param>
    /// <param name="quiet">The CPUs for threads that poll; may be empty.</param>
    public static IEnumerable<TuneFinding> Find(MachineFiles machine, SortedSet<int> quiet) =>
        [Isolation(machine), Governor(machine), IdleStates(machine, quiet), InterruptCpus(machine, quiet)];

    private static TuneFinding Isolation(MachineFiles machine)
    {
        const string Why = "The scheduler places no other thread on an isolated CPU, so a thread that is pinned there is not interrupted.";
        SortedSet<int> isolated = Isolated(machine);
        if (isolated.Count > 0)
        {
            return new TuneFinding("isolated-cpus", TuneVerdict.Ok, CpuList.Format(isolated), "", Why);
        }

        int count = ListIn(machine, "online").Count;
        if (count < FewestCpus)
        {
            return new TuneFinding("isolated-cpus", TuneVerdict.Ok, "none", "", Why)
            {
                Advice = $"This machine has {count} CPUs. Isolate CPUs on machines with {FewestCpus} or more.",
            };
        }

        string list = CpuList.Format([count - 2, count - 1]);
        return new TuneFinding("isolated-cpus", TuneVerdict.Manual, "none", list, Why)
        {
            Advice = $"Start the kernel with isolcpus=managed_irq,domain,{list} nohz_full={list} rcu_nocbs={list}, and pin polling threads "
                + "to these CPUs.",
        };
    }

    private static TuneFinding Governor(MachineFiles machine)
    {
        string[] files = [.. machine.ListNumbered(Policies, "policy").Select(policy => $"{Policies}/{policy}/scaling_governor")];
        List<TuneChange> changes = [];
        SortedSet<string> present = new(StringComparer.Ordinal);
        foreach (string file in files)
        {
            if (machine.TryReadValue(file) is { } governor)
            {
                _ = present.Add(governor);
                if (governor != Performance)
                {
                    changes.Add(new TuneChange(file, governor, Performance));
                }
            }
        }

        return Finding("governor", present.Count > 0, string.Join(", ", present), Performance, changes,
            "A CPU that has lowered its frequency needs tens of microseconds to raise it again.");
    }

    private static TuneFinding IdleStates(MachineFiles machine, SortedSet<int> quiet)
    {
        string why = $"A CPU needs more than {SlowExitMicroseconds} µs to leave a deep idle state. Without these states, a CPU uses "
            + "more power.";
        string[] states = [.. machine.ListNumbered(Cpus, "cpu").SelectMany(cpu => SlowStates(machine, cpu))];
        if (states.Length > 0 && quiet.Count == 0)
        {
            return new TuneFinding("idle-states", TuneVerdict.Manual, "deep", "shallow", why)
            {
                Advice = "Name the CPUs of polling threads: --cpus LIST. A thread that polls without waiting needs no change.",
            };
        }

        List<TuneChange> changes = [];
        foreach (string file in states.Where(file => quiet.Contains(CpuOf(file))))
        {
            if (machine.TryReadValue(file) == "0")
            {
                changes.Add(new TuneChange(file, "0", "1"));
            }
        }

        return Finding("idle-states", states.Length > 0, changes.Count > 0 ? "deep" : "shallow", "shallow", changes, why);
    }

    private static IEnumerable<string> SlowStates(MachineFiles machine, string cpu)
    {
        string folder = $"{Cpus}/{cpu}/cpuidle";
        return from state in machine.ListNumbered(folder, "state")
               let latency = machine.TryReadValue($"{folder}/{state}/latency")
               where int.TryParse(latency, NumberStyles.None, CultureInfo.InvariantCulture, out int micros) && micros > SlowExitMicroseconds
               select $"{folder}/{state}/disable";
    }

    private static TuneFinding InterruptCpus(MachineFiles machine, SortedSet<int> quiet)
    {
        const string Why = "An interrupt stops the thread that runs on its CPU. irqbalance moves interrupts back: stop irqbalance, or set "
            + "IRQBALANCE_BANNED_CPULIST.";
        SortedSet<int> others = ListIn(machine, "online");
        others.ExceptWith(quiet);
        if (quiet.Count == 0 || others.Count == 0)
        {
            return new TuneFinding("irqs", TuneVerdict.Ok, "all CPUs", "", Why)
            {
                Advice = "Name the CPUs that no interrupt may use: --cpus LIST. Leave at least one CPU out.",
            };
        }

        List<TuneChange> changes = [];
        foreach (string number in machine.ListNumbered(Interrupts, ""))
        {
            string file = $"{Interrupts}/{number}/smp_affinity_list";
            if (machine.TryReadValue(file) is { } text && CpuList.TryParse(text) is { } present && present.Overlaps(quiet))
            {
                present.ExceptWith(quiet);
                changes.Add(new TuneChange(file, text, CpuList.Format(present.Count > 0 ? present : others)));
            }
        }

        string count = changes.Count == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{changes.Count} interrupts");
        return Finding("irqs", true, $"{count} on {CpuList.Format(quiet)}", $"CPUs {CpuList.Format(others)}", changes, Why);
    }

    private static TuneFinding Finding(
        string name, bool exists, string present, string proposed, List<TuneChange> changes, string why) =>
        new(name, !exists ? TuneVerdict.Absent : changes.Count == 0 ? TuneVerdict.Ok : TuneVerdict.Change, exists ? present : "",
            proposed, why)
        {
            Changes = changes,
        };

    private static SortedSet<int> ListIn(MachineFiles machine, string file) =>
        CpuList.TryParse(machine.TryReadValue($"{Cpus}/{file}") ?? "") ?? [];

    private static int CpuOf(string file) =>
        int.Parse(file.AsSpan(Cpus.Length + "/cpu".Length).Slice(0, file.IndexOf('/', Cpus.Length + 1) - Cpus.Length - "/cpu".Length),
            CultureInfo.InvariantCulture);

    [GeneratedRegex("^(/sys/devices/system/cpu/cpufreq/policy[0-9]+/scaling_governor"
        + "|/sys/devices/system/cpu/cpu[0-9]+/cpuidle/state[0-9]+/disable|/proc/irq/[0-9]+/smp_affinity_list)\\z")]
    private static partial Regex KnownPath();
}

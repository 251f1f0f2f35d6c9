using Estream.Cli.Tune;
using Estream.Testing;

namespace Estream.Cli.Tests.Tune;

/// <summary>A folder with the files of /proc and /sys of a machine with four CPUs, none of them quiet.</summary>
internal sealed class FakeMachine : IDisposable
{
    public const string Swappiness = "/proc/sys/vm/swappiness";
    public const string Thp = "/sys/kernel/mm/transparent_hugepage/enabled";
    public const string Irq = "/proc/irq/24/smp_affinity_list";

    private readonly TempDirectory _root = new();
    private int _writesLeft = int.MaxValue;

    public FakeMachine()
    {
        Files = new MachineFiles(_root.Path, _ =>
        {
            if (_writesLeft-- == 0)
            {
                throw new InvalidOperationException("The process dies here.");
            }
        });
        Set("/proc/sys/kernel/random/boot_id", "boot-1");
        Set(Swappiness, "60");
        Set("/proc/sys/kernel/numa_balancing", "0");
        Set("/proc/sys/net/core/rmem_max", "212992");
        Set("/proc/sys/net/core/wmem_max", "16777216");
        Set(Thp, "always");
        Set(Irq, "0-3");
        Set("/proc/irq/25/smp_affinity_list", "0");
        Set("/proc/irq/26/smp_affinity_list", "3");
        Set("/proc/self/limits", "Limit   Soft Limit  Hard Limit  Units\nMax locked memory   65536   65536   bytes");
        Set("/sys/devices/system/cpu/online", "0-3");
        Set("/sys/devices/system/cpu/isolated", "");
        for (int cpu = 0; cpu < 4; cpu++)
        {
            Set($"/sys/devices/system/cpu/cpufreq/policy{cpu}/scaling_governor", cpu == 1 ? "performance" : "powersave");
            Set($"/sys/devices/system/cpu/cpu{cpu}/cpuidle/state0/latency", "0");
            Set($"/sys/devices/system/cpu/cpu{cpu}/cpuidle/state0/disable", "0");
            Set($"/sys/devices/system/cpu/cpu{cpu}/cpuidle/state1/latency", "133");
            Set($"/sys/devices/system/cpu/cpu{cpu}/cpuidle/state1/disable", "0");
        }

        Set("/sys/class/net/eth0/device/vendor", "0x15b3");
        Directory.CreateDirectory(_root.Combine("sys/class/net/eth0/queues/rx-0"));
        Directory.CreateDirectory(_root.Combine("sys/class/net/eth0/queues/rx-1"));
    }

    public MachineFiles Files { get; }

    /// <summary>Lets some writes pass and throws at the next one, once.</summary>
    public void DieAfter(int writes) => _writesLeft = writes;

    public void Set(string path, string text)
    {
        string file = _root.Combine(path[1..]);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text + "\n");
    }

    public void Remove(string path) => File.Delete(_root.Combine(path[1..]));

    /// <summary>All files and their content without the white space that a write may change.</summary>
    public SortedDictionary<string, string> Snapshot() => new(Directory
        .EnumerateFiles(_root.Path, "*", SearchOption.AllDirectories)
        .ToDictionary(file => file[_root.Path.Length..], file => File.ReadAllText(file).Trim()), StringComparer.Ordinal);

    public void Dispose() => _root.Dispose();
}

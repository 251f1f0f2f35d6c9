using System.Globalization;

namespace Estream.Core.Internal;

/// <summary>Processes, and the boot id, as reported by the kernel.</summary>
internal static class ProcessTable
{
    // Fields of /proc/PID/stat after the name, which is in parentheses and may contain anything: the first is the state, the 20th the
    // start.
    private const int StateField = 0;
    private const int StartField = 19;

    /// <returns>The process that has an id now; <see langword="null"/> if there is none, or it is a zombie.</returns>
    public static ProcessIdentity? Find(int processId)
    {
        string line = KernelFile.ReadLine($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/stat");
        string[] fields = line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (processId <= 0 || fields.Length <= StartField || fields[StateField] is "Z" or "X"
            || !long.TryParse(fields[StartField], out long startTicks))
        {
            return null;
        }

        return new ProcessIdentity(processId, startTicks);
    }

    /// <summary>The name of a process, without control characters; empty if there is none.</summary>
    public static string NameOf(int processId) =>
        string.Concat(KernelFile.ReadLine($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/comm").Where(c => !char.IsControl(c)));

    public static Guid ReadBootId() =>
        Guid.TryParse(KernelFile.ReadLine("/proc/sys/kernel/random/boot_id"), out Guid id) ? id : Guid.Empty;
}

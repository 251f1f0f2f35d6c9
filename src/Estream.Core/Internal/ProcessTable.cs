using System.Globalization;

namespace Estream.Core.Internal;

/// <summary>What the kernel says of processes, and of itself.</summary>
internal static class ProcessTable
{
    // Fields of /proc/PID/stat behind the name, which is in parentheses and may hold anything: the state is the first, the start the 20th.
    private const int StateField = 0;
    private const int StartField = 19;

    /// <returns>The process that has a number now, or <see langword="null"/> when none has or it is dead and only not yet buried.</returns>
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

    /// <summary>What a process calls itself; empty where there is none. It may call itself anything, so what a terminal would take for a
    /// command is left out.</summary>
    public static string NameOf(int processId) =>
        string.Concat(KernelFile.ReadLine($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/comm").Where(c => !char.IsControl(c)));

    public static Guid ReadBootId() =>
        Guid.TryParse(KernelFile.ReadLine("/proc/sys/kernel/random/boot_id"), out Guid id) ? id : Guid.Empty;
}

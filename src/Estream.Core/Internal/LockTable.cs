using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>
/// The kernel's list of all locks, /proc/locks, which names the process that took each. How it names a file differs from what the file system says of it
/// (overlays, volumes of btrfs), so that is read off a lock of our own on the same file.
/// </summary>
internal static class LockTable
{
    // The locks of a whole machine, and the names of those that hold ours.
    private const int MostLocks = 100_000;
    private const int MostNames = 1_000;

    private const string LocksFile = "/proc/locks";
    private const string DescriptorFolder = "/proc/self/fdinfo";
    private const string DescriptorPrefix = "lock:";

    // Of a line such as "1: FLOCK  ADVISORY  READ 1234 fe:00:5678 0 EOF"; one who waits for a lock has "->" in the place of the kind.
    private const int KindField = 1;
    private const int ProcessField = 4;
    private const int FileField = 5;
    private const string Kind = "FLOCK";

    public static LockHolders Find(IReadOnlyList<string> paths)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        bool isComplete = File.Exists(LocksFile);
        foreach (string path in isComplete ? paths : [])
        {
            isComplete &= TryAdd(files, path);
        }

        if (files.Count == 0)
        {
            return new LockHolders([], isComplete);
        }

        // Behind the look at our own locks, which are gone again.
        IReadOnlyList<string> lines = KernelFile.ReadLines(LocksFile, MostLocks + 1);
        isComplete &= lines.Count is > 0 and <= MostLocks;
        var found = new HashSet<(string Path, int Process)>();
        foreach (string line in lines)
        {
            if (Parse(line) is { } held && files.TryGetValue(held.File, out string? path))
            {
                found.Add((path, held.Process));
            }
        }

        return new LockHolders(Name(found, out bool areNamed), isComplete && areNamed);
    }

    /// <returns>Whether all is known of the file: also that it is not there, or that somebody has it for himself for a moment.</returns>
    private static bool TryAdd(Dictionary<string, string> files, string path)
    {
        try
        {
            using SafeFileHandle file = FileOpening.Open(path, RegionAccess.ReadOnly);
            if (!FileLock.TryTake(file, LockMode.Shared, path))
            {
                return true;
            }

            using var held = new HeldLock(file);
            if (OwnName(file) is not { } name)
            {
                return false;
            }

            files[name] = path;
            return true;
        }
        catch (EstreamStorageException refused)
        {
            return refused.Reason == StorageFailure.NotFound;
        }
    }

    private static string? OwnName(SafeFileHandle file)
    {
        string descriptor = ((int)file.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture);
        foreach (string line in KernelFile.ReadLines(Path.Combine(DescriptorFolder, descriptor)))
        {
            if (line.StartsWith(DescriptorPrefix, StringComparison.Ordinal) && Parse(line[DescriptorPrefix.Length..]) is { } own)
            {
                return own.File;
            }
        }

        return null;
    }

    private static (string File, int Process)? Parse(string line)
    {
        string[] fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        bool isHeld = fields.Length > FileField && fields[KindField] == Kind;
        return isHeld && int.TryParse(fields[ProcessField], NumberStyles.Integer, CultureInfo.InvariantCulture, out int process) && process > 0
            ? (fields[FileField], process)
            : null;
    }

    private static List<LockHolder> Name(HashSet<(string Path, int Process)> found, out bool areNamed)
    {
        var names = new Dictionary<int, string>();
        var holders = new List<LockHolder>(found.Count);
        areNamed = true;
        foreach ((string path, int process) in found.OrderBy(holder => holder.Path, StringComparer.Ordinal).ThenBy(holder => holder.Process))
        {
            if (!names.TryGetValue(process, out string? name))
            {
                areNamed &= names.Count < MostNames;
                name = areNamed ? ProcessTable.NameOf(process) : "";
                names.Add(process, name);
            }

            holders.Add(new LockHolder(path, process, name));
        }

        return holders;
    }
}

using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>
/// The list of all locks of the kernel, /proc/locks, with the process that took each flock. The names of files in the list may differ from
/// the names in the file system (overlays, btrfs). To find the listed name of a file, this class takes an OFD lock on the file and looks
/// for that lock in the list. An OFD lock does not affect flock.
/// </summary>
internal static class LockTable
{
    // The maximum number of locks that are read.
    private const int MostLocks = 100_000;
    private const int MostNames = 1_000;

    // The kernel returns the list in pages. Locks that are taken or freed in between can move another lock to a page that was read
    // already.
    private const int Looks = 3;

    private const string LocksFile = "/proc/locks";
    private const string DescriptorFolder = "/proc/self/fdinfo";
    private const string DescriptorPrefix = "lock:";

    // Fields of a line such as "1: FLOCK  ADVISORY  READ 1234 fe:00:5678 0 EOF"; for a waiting process the kind is "->".
    private const int KindField = 1;
    private const int ProcessField = 4;
    private const int FileField = 5;
    private const string Flock = "FLOCK";
    private const string OwnKind = "OFDLCK";

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

        var found = new HashSet<(string Path, int Process)>();
        for (int look = 0; look < Looks; look++)
        {
            isComplete &= LookOnce(files, found);
        }

        return new LockHolders(Name(found, out bool areNamed), isComplete && areNamed);
    }

    /// <returns>Whether all locks were read.</returns>
    private static bool LookOnce(Dictionary<string, string> files, HashSet<(string Path, int Process)> found)
    {
        if (KernelFile.TryReadLines(LocksFile, MostLocks + 1) is not { } lines)
        {
            return false;
        }

        foreach (string line in lines)
        {
            if (Parse(line, Flock) is { Process: > 0 } held && files.TryGetValue(held.File, out string? path))
            {
                found.Add((path, held.Process));
            }
        }

        return lines.Count <= MostLocks;
    }

    /// <returns>Whether the kernel's name of the file is known; true if the file does not exist.</returns>
    private static bool TryAdd(Dictionary<string, string> files, string path)
    {
        try
        {
            using SafeFileHandle file = FileOpening.Open(path, RegionAccess.ReadOnly);
            if (!TryMark(file) || OwnName(file) is not { } name)
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

    // A shared OFD lock: it blocks no process, because none takes exclusive OFD locks, and ends when the file is closed.
    private static unsafe bool TryMark(SafeFileHandle file)
    {
        NativeMethods.FileRange whole = default;

        // SAFETY: the kernel reads the structure during the call, and it has the size of the kernel's structure.
        return NativeMethods.LockRange((int)file.DangerousGetHandle(), NativeMethods.LockRangeOfOpening, &whole) == 0;
    }

    private static string? OwnName(SafeFileHandle file)
    {
        string descriptor = ((int)file.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture);
        foreach (string line in KernelFile.ReadLines(Path.Combine(DescriptorFolder, descriptor)))
        {
            if (line.StartsWith(DescriptorPrefix, StringComparison.Ordinal) && Parse(line[DescriptorPrefix.Length..], OwnKind) is { } own)
            {
                return own.File;
            }
        }

        return null;
    }

    private static ProcLockLine? Parse(string line, string kind)
    {
        string[] fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        bool isHeld = fields.Length > FileField && fields[KindField] == kind;
        return isHeld && int.TryParse(fields[ProcessField], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int process)
            ? new ProcLockLine(fields[FileField], process)
            : null;
    }

    private static List<LockHolder> Name(HashSet<(string Path, int Process)> found, out bool areNamed)
    {
        var names = new Dictionary<int, string>();
        var holders = new List<LockHolder>(found.Count);
        areNamed = true;
        foreach ((string path, int process) in found.OrderBy(holder => holder.Path, StringComparer.Ordinal)
            .ThenBy(holder => holder.Process))
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

    /// <summary>A line of the list.</summary>
    /// <param name="File">The kernel's name of the file: device and inode.</param>
    /// <param name="Process">The process that took the lock; -1 for an OFD lock.</param>
    private readonly record struct ProcLockLine(string File, int Process);
}

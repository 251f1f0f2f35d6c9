using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>The file system of a file: whether it is in memory, its page size, and its huge pages.</summary>
internal readonly record struct FileSystem(long Type, long PageBytes)
{
    private const long TransparentBytes = 2L << 20;

    public bool IsTmpfs => Type == NativeMethods.TmpfsMagic;

    public bool IsMemory => IsTmpfs || IsHugetlbfs || Type == NativeMethods.RamfsMagic;

    public bool IsHugetlbfs => Type == NativeMethods.HugetlbfsMagic;

    /// <summary>The size of a huge page, the minimum size of a region that uses one.</summary>
    public long HugePageBytes => IsHugetlbfs ? 1 : TransparentBytes;

    /// <summary>Reads the file system of an open file from the kernel. About 300 ns.</summary>
    public static unsafe FileSystem Of(SafeFileHandle file)
    {
        NativeMethods.FileSystemStat stat = default;

        // SAFETY: a struct on this stack, larger than what the kernel writes. A failed call leaves zeros: no special file system.
        bool isKnown = NativeMethods.StatFileSystem((int)file.DangerousGetHandle(), &stat) == 0;
        long type = isKnown ? (uint)stat.Type : 0;
        return new FileSystem(type, type == NativeMethods.HugetlbfsMagic ? stat.BlockBytes : Environment.SystemPageSize);
    }

    /// <summary>The huge pages that this file system gives to large files. Reads the mount options.</summary>
    public HugePages HugePagesOf(SafeFileHandle file)
    {
        if (IsHugetlbfs)
        {
            return HugePages.Reserved;
        }

        return IsTmpfs && TmpfsPolicy(file) is "always" or "within_size" or "advise" ? HugePages.Transparent : HugePages.None;
    }

    /// <summary>
    /// Populates a new file with huge pages on a tmpfs mounted with huge=advise, where reserving space would create small ones. Does
    /// nothing on other file systems. The reservation that the caller makes next allocates the remaining pages and reports errors.
    /// </summary>
    public static unsafe void PlaceOnHugePages(SafeFileHandle file, long length)
    {
        FileSystem fileSystem = Of(file);
        if (!fileSystem.IsTmpfs || length < TransparentBytes || TmpfsPolicy(file) != "advise"
            || NativeMethods.Truncate((int)file.DangerousGetHandle(), length) != 0)
        {
            return;
        }

        // SAFETY: a mapping that only this method uses; populating reports a full disk as an error, not as a signal.
        void* address = NativeMethods.Map(
            null, (nuint)length, NativeMethods.ProtRead | NativeMethods.ProtWrite, NativeMethods.MapShared, (int)file.DangerousGetHandle(),
            0);
        if (address != (void*)-1)
        {
            _ = NativeMethods.Advise(address, (nuint)length, NativeMethods.MadvHugePage);
            _ = NativeMethods.Advise(address, (nuint)length, NativeMethods.MadvPopulateWrite);
            _ = NativeMethods.Unmap(address, (nuint)length);
        }
    }

    // The kernel reports the mount of an open descriptor, even if several mounts are stacked.
    private static string TmpfsPolicy(SafeFileHandle file)
    {
        switch (KernelFile.ReadChoice("/sys/kernel/mm/transparent_hugepage/shmem_enabled"))
        {
            case "deny": return "never";
            case "force": return "always";
        }

        const string MountIdField = "mnt_id:";
        string descriptor = ((int)file.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture);
        string? mountId = KernelFile.ReadLines($"/proc/self/fdinfo/{descriptor}")
            .FirstOrDefault(line => line.StartsWith(MountIdField, StringComparison.Ordinal));
        if (mountId is null)
        {
            return "never";
        }

        string start = mountId[MountIdField.Length..].Trim() + " ";
        string? mount = KernelFile.ReadLines("/proc/self/mountinfo")
            .FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal));
        const string Option = "huge=";
        string[] options = mount?.Split(' ')[^1].Split(',') ?? [];
        return options.FirstOrDefault(option => option.StartsWith(Option, StringComparison.Ordinal))?[Option.Length..] ?? "never";
    }
}

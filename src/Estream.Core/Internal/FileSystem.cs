using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Estream.Core.Internal;

/// <summary>What matters of the file system a file is on: whether it is memory, how large its pages are, and whether they can be
/// huge.</summary>
internal readonly record struct FileSystem(long Type, long PageBytes)
{
    private const long TransparentBytes = 2L << 20;

    public bool IsTmpfs => Type == NativeMethods.TmpfsMagic;

    public bool IsMemory => IsTmpfs || IsHugetlbfs || Type == NativeMethods.RamfsMagic;

    public bool IsHugetlbfs => Type == NativeMethods.HugetlbfsMagic;

    /// <summary>The least a region must have to be on a huge page.</summary>
    public long HugePageBytes => IsHugetlbfs ? 1 : TransparentBytes;

    /// <summary>Asks the kernel, about 300 ns.</summary>
    public static unsafe FileSystem Of(SafeFileHandle file)
    {
        NativeMethods.FileSystemStat stat = default;

        // SAFETY: a struct on this stack, larger than what the kernel writes. A call that fails leaves zeros: a file system without gifts.
        bool isKnown = NativeMethods.StatFileSystem((int)file.DangerousGetHandle(), &stat) == 0;
        long type = isKnown ? (uint)stat.Type : 0;
        return new FileSystem(type, type == NativeMethods.HugetlbfsMagic ? stat.BlockBytes : Environment.SystemPageSize);
    }

    /// <summary>What this file system gives to a file large enough. Reads the mount's options.</summary>
    public HugePages HugePagesOf(SafeFileHandle file)
    {
        if (IsHugetlbfs)
        {
            return HugePages.Reserved;
        }

        return IsTmpfs && TmpfsPolicy(file) is "always" or "within_size" or "advise" ? HugePages.Transparent : HugePages.None;
    }

    /// <summary>
    /// Gives a new file its pages where they become huge only on request: on a tmpfs mounted with huge=advise, reserving space makes small
    /// ones. Touches nothing on any other file system. What it could not do, the reservation that follows does, or reports.
    /// </summary>
    public static unsafe void PlaceOnHugePages(SafeFileHandle file, long length)
    {
        FileSystem fileSystem = Of(file);
        if (!fileSystem.IsTmpfs || length < TransparentBytes || TmpfsPolicy(file) != "advise"
            || NativeMethods.Truncate((int)file.DangerousGetHandle(), length) != 0)
        {
            return;
        }

        // SAFETY: a mapping of this method's own, which nobody else sees; populating reports a full disk as an error, never as a signal.
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

    // The mount of the very file, also where several lie on top of each other: the kernel names it for an open descriptor.
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

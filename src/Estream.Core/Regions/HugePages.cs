namespace Estream.Core;

/// <summary>The kind of huge pages a region can be on. Without them everything works the same, with more misses of the address
/// cache.</summary>
public enum HugePages
{
    /// <summary>None: the file system does not give them, they are switched off, or the region is smaller than one.</summary>
    None,

    /// <summary>
    /// Given where the kernel has one free, else small pages: anonymous memory, and tmpfs mounted with <c>huge=always</c>,
    /// <c>within_size</c> or <c>advise</c>.
    /// </summary>
    Transparent,

    /// <summary>Set aside in advance: files on hugetlbfs. Making a file fails as on a full disk when none are left.</summary>
    Reserved,
}

namespace Estream.Core;

/// <summary>A process that holds a lock on a file.</summary>
/// <param name="Path">The file, as it was asked for.</param>
/// <param name="ProcessId">The process, as this one sees it.</param>
/// <param name="ProcessName">What the process calls itself, at most 15 characters; empty where the system does not say.</param>
public sealed record LockHolder(string Path, int ProcessId, string ProcessName);

/// <summary>Who holds locks on files, as far as can be told.</summary>
/// <param name="Holders">Each process once for each file, however often it has locked that.</param>
/// <param name="IsComplete">Whether all that this process may see was looked at; never so of processes in containers that it cannot
/// see.</param>
public sealed record LockHolders(IReadOnlyList<LockHolder> Holders, bool IsComplete)
{
    /// <summary>Where the system does not tell.</summary>
    public static LockHolders Unknown { get; } = new([], IsComplete: false);
}

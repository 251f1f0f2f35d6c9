using Estream.Core;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Workspaces;

/// <summary>
/// The files of a workspace: what it asks for, what it consists of, and what it consisted of before. The lock file is what counts: it is
/// replaced whole by one rename, so after <c>kill -9</c> at any moment the workspace is the old one or the new one. Thread-safe, in any
/// number of processes, of which one at a time writes.
/// </summary>
public sealed class WorkspaceFolder
{
    private const string StateFolder = ".estream";
    private const string PreviousName = "previous.lock";
    private const string WriterName = "writer";

    private readonly string _folder;
    private readonly IStorage _storage;

    /// <summary>A workspace in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="storage">Where it lies; this machine when null.</param>
    public WorkspaceFolder(string folder, IStorage? storage = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Path.GetFullPath(folder);
        _storage = storage ?? FileStorage.Public;
    }

    /// <summary>The lock file.</summary>
    public string LockPath => Path.Combine(_folder, WorkspaceLock.FileName);

    private string PreviousPath => Path.Combine(_folder, StateFolder, PreviousName);

    /// <summary>What the workspace consists of; null when nothing was ever installed.</summary>
    /// <exception cref="EstreamCorruptionException">The file is no lock.</exception>
    public WorkspaceLock? ReadLock() => ReadLock(LockPath);

    /// <summary>What the workspace consisted of before the last change; null when there was none.</summary>
    /// <exception cref="EstreamCorruptionException">The file is no lock.</exception>
    public WorkspaceLock? ReadPrevious() => ReadLock(PreviousPath);

    /// <summary>Makes the workspace consist of something else, and keeps what it was for <see cref="Rollback"/>. Writes nothing when
    /// nothing changes.</summary>
    /// <param name="next">What it is to be.</param>
    /// <param name="approved">The change that a person has approved: all that has to be approved now has to be in it, or the workspace has
    /// become another meanwhile.</param>
    /// <param name="change">What changes, or would.</param>
    /// <returns>False where something was not approved, and nothing was written.</returns>
    /// <exception cref="EstreamLeaseException">Another process changes the workspace.</exception>
    /// <exception cref="EstreamCorruptionException">What is there is no lock.</exception>
    public bool TryApply(WorkspaceLock next, WorkspaceChange? approved, out WorkspaceChange change)
    {
        ArgumentNullException.ThrowIfNull(next);
        using IDisposable writer = Hold();
        WorkspaceLock? before = ReadLock();
        change = WorkspaceChange.Between(before, next);
        if (!change.Reasons.All(reason => approved?.Reasons.Contains(reason) == true))
        {
            return false;
        }

        byte[] bytes = next.Encode();
        byte[]? there = before?.Encode();
        if (there is not null && there.AsSpan().SequenceEqual(bytes))
        {
            return true;
        }

        // What is there first: between the two writes both say the same, and nothing is lost but what was before that.
        // Another range for the same components is no change to go back from.
        if (there is not null && change.Components.Count > 0)
        {
            AtomicFile.Write(_storage, PreviousPath, there);
        }

        AtomicFile.Write(_storage, LockPath, bytes);
        return true;
    }

    /// <summary>Goes back to what the workspace consisted of before the last change. A second time goes forth again.</summary>
    /// <returns>What changed, which needs no approval: it was approved before.</returns>
    /// <exception cref="InvalidOperationException">There was no change yet.</exception>
    /// <exception cref="EstreamLeaseException">Another process changes the workspace.</exception>
    public WorkspaceChange Rollback()
    {
        using IDisposable writer = Hold();
        WorkspaceLock previous = ReadPrevious()
            ?? throw new InvalidOperationException(
                $"The workspace in {_folder} has not been changed yet, so there is nothing to go back to.");
        WorkspaceLock current = ReadLock()
            ?? throw new InvalidOperationException($"The workspace in {_folder} has no {WorkspaceLock.FileName}: install it first.");
        AtomicFile.Write(_storage, LockPath, previous.Encode());
        AtomicFile.Write(_storage, PreviousPath, current.Encode());
        return WorkspaceChange.Between(current, previous);
    }

    private IDisposable Hold()
    {
        _storage.CreateDirectory(Path.Combine(_folder, StateFolder));
        string path = Path.Combine(_folder, StateFolder, WriterName);
        return _storage.TryLock(path, LockMode.Exclusive)
            ?? throw new EstreamLeaseException(
                $"Another process changes the workspace in {_folder}. Wait until it has ended; if it was killed, its hold has ended "
                + "with it.", path);
    }

    private WorkspaceLock? ReadLock(string path)
    {
        byte[]? bytes = AtomicFile.Read(_storage, path, WorkspaceLock.MaxBytes);
        return bytes is null ? null
            : WorkspaceLock.TryRead(bytes, out WorkspaceLock? read, out string? reason) ? read
            : throw new EstreamCorruptionException($"'{path}' is no lock: {reason}", path);
    }
}

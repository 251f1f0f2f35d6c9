using Estream.Core;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Workspaces;

/// <summary>
/// The lock files of a workspace: the current lock and the previous one. The lock file is authoritative and is replaced by one rename, so
/// after <c>kill -9</c> at any moment the workspace is in the old or the new state. Safe for any number of threads and processes; one
/// process at a time writes.
/// </summary>
public sealed class WorkspaceFolder
{
    private const string StateFolder = ".estream";
    private const string PreviousName = "previous.lock";
    private const string WriterName = "writer";

    private readonly string _folder;
    private readonly IStorage _storage;

    /// <summary>Creates an instance for the workspace in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="storage">The storage of the folder; the file system of this machine when null.</param>
    public WorkspaceFolder(string folder, IStorage? storage = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Path.GetFullPath(folder);
        _storage = storage ?? FileStorage.Public;
    }

    /// <summary>The path of the lock file.</summary>
    public string LockPath => Path.Combine(_folder, WorkspaceLock.FileName);

    private string PreviousPath => Path.Combine(_folder, StateFolder, PreviousName);

    /// <summary>Reads the current lock; null if nothing was ever installed.</summary>
    /// <exception cref="EstreamCorruptionException">The file is not a valid lock.</exception>
    public WorkspaceLock? ReadLock() => ReadLock(LockPath);

    /// <summary>Reads the lock before the last change; null if there was no change.</summary>
    /// <exception cref="EstreamCorruptionException">The file is not a valid lock.</exception>
    public WorkspaceLock? ReadPrevious() => ReadLock(PreviousPath);

    /// <summary>Replaces the lock and keeps the old one for <see cref="Rollback"/>. Writes nothing if nothing changes.</summary>
    /// <param name="next">The next lock.</param>
    /// <param name="approved">The change that a person approved. If the workspace has changed since, the change may lack a reason that
    /// needs approval now; the lock is then not replaced.</param>
    /// <param name="change">Receives the change, whether or not it was applied.</param>
    /// <returns>False if something was not approved; nothing was written.</returns>
    /// <exception cref="EstreamLeaseException">Another process is changing the workspace.</exception>
    /// <exception cref="EstreamCorruptionException">The current file is not a valid lock.</exception>
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

        // Write the current lock as the previous lock first. A crash between the two writes leaves both files equal and loses only the
        // older previous lock. If only the requirements change and no component does, keep the previous lock: Rollback then still undoes
        // the last change of components.
        if (there is not null && change.Components.Count > 0)
        {
            AtomicFile.Write(_storage, PreviousPath, there);
        }

        AtomicFile.Write(_storage, LockPath, bytes);
        return true;
    }

    /// <summary>Rolls back to the lock before the last change. A second call undoes the first. A tier that has fallen since does not rise
    /// again: it is not part of a release, but of the policy of the registry, which the next install asks.</summary>
    /// <returns>What changed. Needs no approval: the old lock was approved before.</returns>
    /// <exception cref="InvalidOperationException">The workspace has not been changed yet.</exception>
    /// <exception cref="EstreamLeaseException">Another process is changing the workspace.</exception>
    public WorkspaceChange Rollback()
    {
        using IDisposable writer = Hold();
        WorkspaceLock previous = ReadPrevious()
            ?? throw new InvalidOperationException(
                $"The workspace in {_folder} has not been changed yet, so there is nothing to roll back.");
        WorkspaceLock current = ReadLock()
            ?? throw new InvalidOperationException($"The workspace in {_folder} has no {WorkspaceLock.FileName}. Install it first.");
        previous = WithLowerTiers(previous, current);
        AtomicFile.Write(_storage, LockPath, previous.Encode());
        AtomicFile.Write(_storage, PreviousPath, current.Encode());
        return WorkspaceChange.Between(current, previous);
    }

    private static WorkspaceLock WithLowerTiers(WorkspaceLock previous, WorkspaceLock current) => new(previous.Requirements,
        previous.Components.Select(component => current.Find(component.Name)?.Tier is { } tier && tier < component.Tier
            ? component with { Tier = tier } : component), previous.Schemas);

    private IDisposable Hold()
    {
        _storage.CreateDirectory(Path.Combine(_folder, StateFolder));
        string path = Path.Combine(_folder, StateFolder, WriterName);
        return _storage.TryLock(path, LockMode.Exclusive)
            ?? throw new EstreamLeaseException(
                $"Another process is changing the workspace in {_folder}. Try again when it has ended; the lock is released even if the "
                + "process is killed.", path);
    }

    private WorkspaceLock? ReadLock(string path)
    {
        byte[]? bytes = AtomicFile.Read(_storage, path, WorkspaceLock.MaxBytes);
        return bytes is null ? null
            : WorkspaceLock.TryRead(bytes, out WorkspaceLock? read, out string? reason) ? read
            : throw new EstreamCorruptionException($"'{path}' is not a valid lock file: {reason}", path);
    }
}

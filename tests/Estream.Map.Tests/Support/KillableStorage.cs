using Estream.Core;

namespace Estream.Map.Tests;

/// <summary>
/// The file system as one process sees it that is killed between two calls: its locks are free then and its files are as they were; what
/// the map would have done when it was closed is not done.
/// </summary>
internal sealed class KillableStorage : PassThroughStorage
{
    private readonly List<IDisposable> _locks = [];

    public override IDisposable? TryLock(string path, LockMode mode)
    {
        IDisposable? held = base.TryLock(path, mode);
        if (held is not null)
        {
            _locks.Add(held);
        }

        return held;
    }

    public void Kill()
    {
        _locks.ForEach(held => held.Dispose());
        _locks.Clear();
    }
}

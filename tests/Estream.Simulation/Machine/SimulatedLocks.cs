using Estream.Core;

namespace Estream.Simulation.Machine;

/// <summary>flock: one lock per opening of a file, freed with its opening or its process.</summary>
internal sealed class SimulatedLocks
{
    private readonly List<(object Opening, SimulatedProcess Owner, LockMode Mode)> _held = [];

    public bool TryTake(object opening, SimulatedProcess owner, LockMode mode)
    {
        // As the kernel does it: changing a lock gives it up first, so that a change refused leaves none.
        Free(opening);
        if (mode == LockMode.Exclusive ? _held.Count > 0 : _held.Exists(held => held.Mode == LockMode.Exclusive))
        {
            return false;
        }

        _held.Add((opening, owner, mode));
        return true;
    }

    public void Free(object opening) => _held.RemoveAll(held => held.Opening == opening);

    public void FreeAllOf(SimulatedProcess owner) => _held.RemoveAll(held => held.Owner == owner);

    public void Clear() => _held.Clear();
}
